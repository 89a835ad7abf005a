"""Airflow's names for what a task may raise: `from dagmesh.exceptions import …`."""

from __future__ import annotations

from dagmesh.errors import (
    FailTask,
    RescheduleTask,
    SensorTimeout,
    SkipTask,
    TaskDeferred,
)

AirflowException = Exception
AirflowSkipException = SkipTask
AirflowFailException = FailTask
AirflowSensorTimeout = SensorTimeout
AirflowRescheduleException = RescheduleTask

__all__ = [
    'AirflowException',
    'AirflowFailException',
    'AirflowRescheduleException',
    'AirflowSensorTimeout',
    'AirflowSkipException',
    'TaskDeferred',
]

"""Airflow's names for what a task may raise: `from dagmesh.exceptions import …`."""

from __future__ import annotations

from dagmesh.errors import (
    DeferralFailed,
    DeferralTimeout,
    FailTask,
    NotFoundError,
    RescheduleTask,
    SensorTimeout,
    SkipTask,
    TaskDeferred,
    TaskException,
    TaskTimeout,
)

AirflowException = TaskException
AirflowSkipException = SkipTask
AirflowFailException = FailTask
AirflowSensorTimeout = SensorTimeout
AirflowTaskTimeout = TaskTimeout
AirflowRescheduleException = RescheduleTask
AirflowNotFoundException = NotFoundError
TaskDeferralError = DeferralFailed
TaskDeferralTimeout = DeferralTimeout

__all__ = [
    'AirflowException',
    'AirflowFailException',
    'AirflowNotFoundException',
    'AirflowRescheduleException',
    'AirflowSensorTimeout',
    'AirflowSkipException',
    'AirflowTaskTimeout',
    'TaskDeferralError',
    'TaskDeferralTimeout',
    'TaskDeferred',
]

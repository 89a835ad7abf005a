"""Schedules: what `schedule=` may be, and the timetables that wait for assets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dagmesh.authoring.asset import Asset, AssetExpression, asset_expression_of
from dagmesh.authoring.checks import require
from dagmesh.authoring.source import refuse
from dagmesh.authoring.timetables.cron import (
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    MultipleCronTriggerTimetable,
)
from dagmesh.authoring.timetables.delta import (
    DeltaDataIntervalTimetable,
    DeltaTriggerTimetable,
    is_relativedelta,
)
from dagmesh.authoring.timetables.listed import (
    ContinuousTimetable,
    EventsTimetable,
    OnceTimetable,
    WorkdayTimetable,
)
from dagmesh.authoring.timetables.timetable import Timetable, Zone
from dagmesh.authoring.wire import Wire


@dataclass(frozen=True)
class AssetTimetable(Timetable):
    """`schedule=[asset, …]`: runs when all of them were updated."""

    condition: AssetExpression

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        return {'asset': {'condition': self.condition.wire()}}

    def assets(self) -> Iterator[Asset]:
        """The assets that it names."""
        return self.condition.assets()


TIME_TIMETABLES = (
    *(CronTriggerTimetable, CronDataIntervalTimetable, MultipleCronTriggerTimetable),
    *(DeltaTriggerTimetable, DeltaDataIntervalTimetable, EventsTimetable, WorkdayTimetable),
)


class AssetOrTimeSchedule(Timetable):
    """Runs when the assets were updated, and when the time comes."""

    def __init__(self, *, timetable: Any, assets: Any) -> None:
        time = timetable_of(timetable)
        expected = 'a cron, delta, events or workday timetable'
        require(isinstance(time, TIME_TIMETABLES), 'timetable', timetable, expected)
        assert time is not None
        self.timetable = time
        self.condition = asset_expression_of(assets)

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        fields = {'condition': self.condition.wire(), 'time': self.timetable.wire(zone)}
        return {'asset_or_time': fields}

    def assets(self) -> Iterator[Asset]:
        """The assets that it names."""
        return self.condition.assets()


def cron(expression: str, *, timezone: Zone = '', data_interval: bool = False) -> Timetable:
    """A cron schedule; with `data_interval`, of runs that cover the time between two ticks."""
    if data_interval:
        return CronDataIntervalTimetable(expression, timezone)
    return CronTriggerTimetable(expression, timezone)


def every(delta: Any, *, data_interval: bool = False) -> Timetable:
    """A schedule of equal steps; with `data_interval`, of runs that cover a step."""
    return DeltaDataIntervalTimetable(delta) if data_interval else DeltaTriggerTimetable(delta)


def timetable_of(schedule: Any) -> Timetable | None:
    """What an author gave as `schedule=`; None means the DAG runs only when triggered."""
    if schedule is None or isinstance(schedule, Timetable):
        return schedule
    if isinstance(schedule, timedelta) or is_relativedelta(schedule):
        return DeltaTriggerTimetable(schedule)
    if isinstance(schedule, (AssetExpression, list, tuple)):
        return AssetTimetable(asset_expression_of(schedule))
    if schedule == '@once':
        return OnceTimetable()
    if schedule == '@continuous':
        return ContinuousTimetable()
    if isinstance(schedule, str):
        return CronTriggerTimetable(schedule)
    expected = 'a cron expression, a preset, a timedelta, a timetable, assets or None'
    raise refuse(f'schedule={schedule!r} is no schedule: give {expected}')

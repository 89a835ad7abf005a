"""Timetables of equal steps, by Airflow's names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dagmesh.authoring.checks import require_whole, seconds_of
from dagmesh.authoring.source import refuse
from dagmesh.authoring.timetables.timetable import Timetable
from dagmesh.authoring.wire import Wire, duration_text


@dataclass(frozen=True)
class DeltaTriggerTimetable(Timetable):
    """Runs at an equal distance of at least one second; as a relativedelta it may have months."""

    delta: Any
    interval: timedelta = timedelta()

    def __post_init__(self) -> None:
        _step_of(self.delta)
        seconds_of(self.interval, 'interval')

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        look_back = {'look_back': duration_text(self.interval)} if self.interval else {}
        return {'delta': {**_step_of(self.delta), **look_back}}


@dataclass(frozen=True)
class DeltaDataIntervalTimetable(Timetable):
    """A run covers such a distance, and runs at its end."""

    delta: Any

    def __post_init__(self) -> None:
        _step_of(self.delta)

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        return {'delta': {**_step_of(self.delta), 'data_interval': True}}


def is_relativedelta(value: Any) -> bool:
    """Whether it is a relativedelta of dateutil, which the SDK itself does not need."""
    return type(value).__name__ == 'relativedelta'


# Of a relativedelta: they replace a part of a date, where others add to it.
_FIXED_FIELDS = ('year', 'month', 'day', 'weekday', 'hour', 'minute', 'second', 'microsecond')


def _step_of(delta: Any) -> Wire:
    """A step in absolute time; as a relativedelta, in calendar months, or in both."""
    step: Wire = {}
    if is_relativedelta(delta):
        fixed = [name for name in _FIXED_FIELDS if getattr(delta, name, None) is not None]
        if fixed:
            raise refuse(f'{delta!r} is no step: {fixed[0]} is not a distance; write a cron schedule')
        months = 12 * delta.years + delta.months
        names = ('days', 'hours', 'minutes', 'seconds', 'microseconds')
        rest = timedelta(**{name: getattr(delta, name) for name in names})
        if months:
            require_whole('months', months, 1, 12_000)
            step = {'months': months}
            if not rest:
                return step
        delta = rest
    if not isinstance(delta, timedelta) or delta < timedelta(seconds=1):
        raise refuse(f'a schedule cannot repeat every {delta}: the step is at least one second')
    return {**step, 'delta': duration_text(delta)}

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
    """Runs at an equal distance of at least one second, or (as a relativedelta) of months."""

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


def _step_of(delta: Any) -> Wire:
    """A step in absolute time, or in calendar months; a relativedelta may be either."""
    if is_relativedelta(delta):
        months = 12 * delta.years + delta.months
        names = ('days', 'hours', 'minutes', 'seconds', 'microseconds')
        rest = timedelta(**{name: getattr(delta, name) for name in names})
        if months and rest:
            raise refuse(f'{delta!r} is no step: it has months or smaller units, not both')
        if months:
            require_whole('months', months, 1, 12_000)
            return {'months': months}
        delta = rest
    if not isinstance(delta, timedelta) or delta < timedelta(seconds=1):
        raise refuse(f'a schedule cannot repeat every {delta}: the step is at least one second')
    return {'delta': duration_text(delta)}

"""Schedules: what `schedule=` may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, Union

from dagmesh.authoring.source import refuse

PRESETS = ('@hourly', '@daily', '@weekly', '@monthly', '@quarterly', '@yearly')


@dataclass(frozen=True)
class Cron:
    """Instants of a cron expression.

    `timezone` is an IANA name; empty means that of start_date, or UTC.
    """

    expression: str
    timezone: str = ''
    data_interval: bool = False


@dataclass(frozen=True)
class Delta:
    """Instants at an equal distance."""

    delta: timedelta
    data_interval: bool = False


@dataclass(frozen=True)
class Once:
    """One single run."""


Timetable = Union[Cron, Delta, Once]


def cron(expression: str, *, timezone: str = '', data_interval: bool = False) -> Cron:
    """A cron schedule: five fields, or a preset such as `@daily`.

    With `data_interval`, a run covers the time between two ticks and runs at its end; without, it
    is about its tick.
    """
    if expression not in PRESETS and len(expression.split()) != 5:
        raise refuse(
            f'{expression!r} is no schedule: a cron expression has five fields (minute hour day '
            f'month weekday), and the presets are {", ".join(PRESETS)}, @once'
        )
    return Cron(expression, timezone, data_interval)


def every(delta: timedelta, *, data_interval: bool = False) -> Delta:
    """A schedule of equal steps of at least one second."""
    if delta < timedelta(seconds=1):
        raise refuse(f'a schedule cannot repeat every {delta}: the step is at least one second')
    return Delta(delta, data_interval)


def timetable_of(schedule: Any) -> Timetable | None:
    """What an author gave as `schedule=`; None means the DAG runs only when triggered."""
    if schedule is None or isinstance(schedule, (Cron, Delta, Once)):
        return schedule
    if isinstance(schedule, timedelta):
        return every(schedule)
    if schedule == '@once':
        return Once()
    if isinstance(schedule, str):
        return cron(schedule)
    expected = 'a cron expression, a preset, a timedelta or None'
    raise refuse(f'schedule={schedule!r} is no schedule: give {expected}')


def zone_name(zone: tzinfo | None) -> str:
    """The IANA name of a time zone, however its library calls it; empty for UTC and offsets."""
    for attribute in ('key', 'zone', 'name'):
        name = getattr(zone, attribute, None)
        if isinstance(name, str) and name != 'UTC':
            return name
    return ''


def instant_of(value: str | date | None, name: str) -> datetime | None:
    """A date an author gave; without a time zone it is meant in UTC."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace('Z', '+00:00'))
        except ValueError as error:
            raise refuse(f'{name}={value!r} is no date: {error}') from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise refuse(f'{name}={value!r} is no date')
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)

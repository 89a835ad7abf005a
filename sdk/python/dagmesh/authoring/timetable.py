"""Timetables: the schedules that go by time, by Airflow's names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, Union

from dagmesh.authoring.asset import Asset
from dagmesh.authoring.checks import require, require_text, require_whole, seconds_of
from dagmesh.authoring.source import refuse
from dagmesh.authoring.wire import Wire, duration_text, instant_of, instant_text, without_blanks

PRESETS = ('@hourly', '@daily', '@weekly', '@monthly', '@quarterly', '@yearly')

Zone = Union[str, tzinfo]
# None: the tick that just passed counts when it is hardly old. A timedelta: when it is not older.
RunImmediately = Union[bool, timedelta, None]


class Timetable:
    """A rule that yields the instants at which a DAG runs.

    A `timezone` is an IANA name or a fixed offset such as `+05:30`; empty means that of the DAG's
    start_date, or UTC.
    """

    def wire(self, zone: str) -> Wire:
        """The Timetable, in that time zone where it has none of its own."""
        raise NotImplementedError

    def assets(self) -> Iterator[Asset]:
        """The assets that it names."""
        yield from ()


@dataclass(frozen=True)
class CronTriggerTimetable(Timetable):
    """Runs at the ticks of a cron expression: five fields, six with seconds last, or a preset.

    A run is about its tick; with `interval`, about the time of that length that ends at the tick.
    """

    cron: str
    timezone: Zone = ''
    interval: timedelta = timedelta()
    run_immediately: RunImmediately = None

    def __post_init__(self) -> None:
        require_cron(self.cron)
        seconds_of(self.interval, 'interval')

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        fields = {'expression': self.cron, **_trigger_fields(self, zone)}
        return {'cron': without_blanks(fields)}


@dataclass(frozen=True)
class CronDataIntervalTimetable(Timetable):
    """A run covers the time between two ticks of a cron expression, and runs at its end."""

    cron: str
    timezone: Zone = ''

    def __post_init__(self) -> None:
        require_cron(self.cron)

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        zone = zone_name(self.timezone) or zone
        fields = {'expression': self.cron, 'timezone': zone, 'data_interval': True}
        return {'cron': without_blanks(fields)}


@dataclass(frozen=True)
class MultipleCronTriggerTimetable(Timetable):
    """The ticks of several cron expressions; at most one run for each instant."""

    crons: Sequence[str]
    timezone: Zone
    interval: timedelta
    run_immediately: RunImmediately

    def __init__(
        self,
        *crons: str,
        timezone: Zone = '',
        interval: timedelta = timedelta(),
        run_immediately: RunImmediately = None,
    ) -> None:
        require(1 <= len(crons) <= 100, 'crons', crons, '1–100 cron expressions')
        for expression in crons:
            require_cron(expression)
        given = {'timezone': timezone, 'interval': interval, 'run_immediately': run_immediately}
        for name, value in {'crons': crons, **given}.items():
            object.__setattr__(self, name, value)

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        fields = {'expressions': list(self.crons), **_trigger_fields(self, zone)}
        return {'multiple_cron': without_blanks(fields)}


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


@dataclass(frozen=True)
class OnceTimetable(Timetable):
    """`@once`: one single run."""

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        return {'once': {}}


@dataclass(frozen=True)
class ContinuousTimetable(Timetable):
    """`@continuous`: the next run begins when the last one ended."""

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        return {'continuous': {}}


@dataclass(frozen=True)
class EventsTimetable(Timetable):
    """Runs at the listed instants, which may be in any order; `presorted` is therefore no matter.

    With `restrict_to_events`, a manual run is about the latest instant that has passed.
    """

    event_dates: Sequence[Any]
    restrict_to_events: bool = False
    presorted: bool = False
    description: str = ''

    def __post_init__(self) -> None:
        require(1 <= len(self.event_dates) <= 10_000, 'event_dates', '…', '1–10,000 instants')
        instants = [instant_of(each, 'event_dates') for each in self.event_dates]
        object.__setattr__(self, 'event_dates', instants)
        require_text('description', self.description, 2000)

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        fields = {
            'instants': [instant_text(each) for each in sorted(self.event_dates)],
            'restrict_to_events': self.restrict_to_events,
            'description': self.description,
        }
        return {'events': without_blanks(fields)}


@dataclass(frozen=True)
class WorkdayTimetable(Timetable):
    """A run for each working day, when it is over; `holidays` are dates or `YYYY-MM-DD`."""

    holidays: Sequence[str | date] = ()
    timezone: Zone = ''

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        holidays = [date.fromisoformat(str(each)).isoformat() for each in self.holidays]
        fields = {'timezone': zone_name(self.timezone) or zone, 'holidays': holidays}
        return {'workday': without_blanks(fields)}


def zone_name(zone: Zone | None) -> str:
    """The IANA name of a time zone, however its library calls it, or its offset; '' for UTC."""
    if isinstance(zone, str):
        return zone
    for attribute in ('key', 'zone', 'name'):
        name = getattr(zone, attribute, None)
        if isinstance(name, str):
            return '' if name == 'UTC' else name
    offset = zone.utcoffset(None) if isinstance(zone, timezone) else None
    return datetime.now(zone).isoformat()[-6:] if offset else ''


def _trigger_fields(
    timetable: CronTriggerTimetable | MultipleCronTriggerTimetable, zone: str
) -> Wire:
    fields: Wire = {'timezone': zone_name(timetable.timezone) or zone}
    if timetable.interval:
        fields['look_back'] = duration_text(timetable.interval)
    run = timetable.run_immediately
    if isinstance(run, timedelta):
        fields['run_immediately'] = 'RUN_IMMEDIATELY_WITHIN'
        fields['run_immediately_within'] = duration_text(run)
    elif run is not None:
        fields['run_immediately'] = f'RUN_IMMEDIATELY_{"ALWAYS" if run else "NEVER"}'
    return fields


def require_cron(expression: Any) -> None:
    """Refuses what is no cron expression and no preset."""
    is_text = isinstance(expression, str) and len(expression) <= 250
    if not is_text or expression not in PRESETS and len(expression.split()) not in (5, 6):
        raise refuse(
            f'{expression!r} is no schedule: a cron expression has five fields (minute hour day '
            f'month weekday), or six with seconds last, and the presets are '
            f'{", ".join(PRESETS)}, @once, @continuous'
        )


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

"""Timetables of cron expressions, by Airflow's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Union

from dagmesh.authoring.checks import require, seconds_of
from dagmesh.authoring.source import refuse
from dagmesh.authoring.timetables.timetable import Timetable, Zone, zone_name
from dagmesh.authoring.wire import Wire, duration_text, without_blanks

PRESETS = ('@hourly', '@daily', '@weekly', '@monthly', '@quarterly', '@yearly')

# None: the tick that just passed counts when it is hardly old. A timedelta: when it is not older.
RunImmediately = Union[bool, timedelta, None]


@dataclass(frozen=True)
class CronTriggerTimetable(Timetable):
    """Runs at the ticks of a cron expression, or of a preset.

    Five fields (minute hour day month weekday), six with seconds, seven with years behind them.

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


def require_cron(expression: Any) -> None:
    """Refuses what is no cron expression and no preset."""
    is_text = isinstance(expression, str) and len(expression) <= 250
    if not is_text or expression not in PRESETS and len(expression.split()) not in (5, 6, 7):
        raise refuse(
            f'{expression!r} is no schedule: a cron expression has five fields (minute hour day '
            f'month weekday), a sixth is the seconds, a seventh the years, and the presets are '
            f'{", ".join(PRESETS)}, @once, @continuous'
        )


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

"""Timetables that go by no rhythm: once, without end, at listed instants, on working days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dagmesh.authoring.checks import require, require_text
from dagmesh.authoring.timetables.timetable import Timetable, Zone, zone_name
from dagmesh.authoring.wire import Wire, instant_of, instant_text, without_blanks


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
        is_list = isinstance(self.event_dates, (list, tuple, set, frozenset))
        is_listed = is_list and 1 <= len(self.event_dates) <= 10_000
        require(is_listed, 'event_dates', '…', 'a list of 1–10,000 instants')
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

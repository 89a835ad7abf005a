"""What each timetable is: a rule that yields the instants at which a DAG runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone, tzinfo
from typing import Union

from dagmesh.authoring.asset import Asset
from dagmesh.authoring.wire import Wire

Zone = Union[str, tzinfo]


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

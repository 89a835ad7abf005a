"""How values of the SDK are written in the JSON of the contracts.

Things that leave the author's code have a method `wire` that answers this form. It needs no
protobuf, so that task code can make them too.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from dagmesh.authoring.checks import Span
from dagmesh.authoring.source import refuse

Wire = dict[str, Any]


def duration_text(span: Span) -> str:
    """A span as the contracts write it, e.g. `1.5s`."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    return f'{f"{seconds:.6f}".rstrip("0").rstrip(".")}s'


def instant_text(instant: datetime) -> str:
    """An instant in RFC 3339, in UTC; without a time zone it is meant in UTC."""
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=timezone.utc)
    return instant.astimezone(timezone.utc).isoformat().replace('+00:00', 'Z')


def instant_of(value: Any, name: str) -> datetime | None:
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


def without_blanks(fields: Wire) -> Wire:
    """The fields that say something: neither None nor empty nor False nor 0."""
    return {name: value for name, value in fields.items() if value}

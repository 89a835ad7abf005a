"""What a test says of the world around its DAGs, checked before the simulator hears of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from dagmesh.authoring.checks import Span, seconds_of
from dagmesh.errors import AuthoringError
from dagmesh.running.settings import Connection
from dagmesh.testing.errors import bad_request
from dagmesh.testing.simulator import Message

_CONNECTION_NAMES = [field.name for field in fields(Connection) if field.name != 'conn_id']


def pools_of(pools: Mapping[str, int]) -> dict[str, int]:
    """Slots by pool; -1 means no limit."""
    for name, slots in pools.items():
        _require_whole(f'pools[{name!r}]', slots, least=-1)
    return dict(pools)


def count_of(name: str, value: int | None) -> int | None:
    """A number of at least one, where it is given."""
    if value is not None:
        _require_whole(name, value, least=1)
    return value


def span_of(name: str, value: Span) -> float:
    """A span in seconds, of a millisecond at least."""
    try:
        return seconds_of(value, name, least=0.001)
    except AuthoringError as error:
        raise bad_request(error.cause_text) from None


def variables_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Texts by key."""
    for key, text in variables.items():
        if not isinstance(text, str):
            raise bad_request(f'variables[{key!r}] is a text, not {text!r}; json.dumps makes one')
    return dict(variables)


def connections_of(connections: Mapping[str, Any]) -> list[Message]:
    """ResolvedConnections of Connections, or of dicts with their fields, by id."""
    return [_connection(conn_id, given) for conn_id, given in connections.items()]


def _connection(conn_id: str, given: Any) -> Message:
    told = asdict(given) if isinstance(given, Connection) else given
    known = ', '.join(_CONNECTION_NAMES)
    if not isinstance(told, Mapping):
        raise bad_request(f'connections[{conn_id!r}] is a Connection or a dict of {known}')
    plain = {name: value for name, value in told.items() if name not in ('conn_id', 'extra')}
    unknown = sorted(set(plain) - set(_CONNECTION_NAMES))
    if unknown:
        raise bad_request(f'connections[{conn_id!r}] has no {unknown[0]!r}; it has {known}')
    extra = told.get('extra', {})
    text = extra if isinstance(extra, str) else json.dumps(extra)
    return {'conn_id': conn_id, **plain, 'extra_json': text}


def _require_whole(name: str, value: Any, *, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise bad_request(
            f'{name}={value!r} is not allowed: it must be a whole number from {least}'
        )

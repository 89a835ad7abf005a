"""Connections and variables, for tasks that run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from dagmesh.errors import NotFoundError
from dagmesh.running.current import get_current_context

_UNSET: Any = object()


@dataclass(frozen=True)
class Connection:
    """Where an outside system is and how to sign in. `port` 0 means none."""

    conn_id: str
    conn_type: str = ''
    host: str = ''
    schema: str = ''
    login: str = ''
    password: str = field(default='', repr=False)
    port: int = 0
    extra: str = field(default='', repr=False)

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """`extra` as a dictionary; empty when there is none."""
        return json.loads(self.extra) if self.extra else {}

    @staticmethod
    def get(conn_id: str) -> Connection:
        """The connection of the running task, as `ctx.conn(conn_id)`."""
        return get_current_context().conn(conn_id)


class Variable:
    """Values kept by the mesh for all tasks. Usable only while a task runs."""

    @staticmethod
    def get(key: str, default: Any = _UNSET, *, deserialize_json: bool = False) -> Any:
        """The variable's text, or its JSON value; NotFoundError without it and a `default`."""
        try:
            text = get_current_context().call_mesh('get_variable', key=key)['value']
        except NotFoundError:
            if default is _UNSET:
                raise
            return default
        return json.loads(text) if deserialize_json else text

    @staticmethod
    def set(key: str, value: Any, *, description: str = '', serialize_json: bool = False) -> None:
        """Sets a variable, at most 256 KiB of text."""
        text = json.dumps(value) if serialize_json else str(value)
        context = get_current_context()
        context.call_mesh('set_variable', key=key, value=text, description=description)

    @staticmethod
    def delete(key: str) -> None:
        """Deletes a variable; one that does not exist is no error."""
        get_current_context().call_mesh('delete_variable', key=key)


class VariableReader:
    """`var.value.<key>` and `var.json.<key>` of Airflow's context."""

    def __init__(self, *, is_json: bool) -> None:
        self._is_json = is_json

    def get(self, key: str, default: Any = None) -> Any:
        """The variable, or the default."""
        return Variable.get(key, default, deserialize_json=self._is_json)

    def __getattr__(self, key: str) -> Any:
        if key.startswith('__'):
            raise AttributeError(key)
        return Variable.get(key, deserialize_json=self._is_json)


class ConnectionReader:
    """`conn.<conn_id>` of Airflow's context."""

    def get(self, conn_id: str, default: Any = None) -> Any:
        """The connection, or the default."""
        try:
            return Connection.get(conn_id)
        except NotFoundError:
            return default

    def __getattr__(self, conn_id: str) -> Connection:
        if conn_id.startswith('__'):
            raise AttributeError(conn_id)
        return Connection.get(conn_id)

"""What running task code can ask and tell: its context, connections and variables."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable

from dagmesh.errors import NotFoundError

RETURN_VALUE = 'return_value'
XCOM_KEY_LENGTH_MAX = 512
# Values a task pushes travel with its outcome, up to this many and this many characters in all;
# others are stored at once.
XCOMS_CARRIED_MAX = 100
XCOMS_CARRIED_LENGTH_MAX = 512 * 1024

# Names that a handler may take as arguments without being given them; `ctx` is the context itself.
CONTEXT_NAMES = frozenset(
    ['dag_id', 'run_id', 'task_id', 'map_index', 'try_number', 'attempt_id', 'epoch', 'run_type']
    + ['logical_date', 'data_interval_start', 'data_interval_end', 'params', 'ds', 'ts']
)

_UNSET: Any = object()
_current: TaskContext | None = None


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


@dataclass
class TaskContext:
    """The running attempt. `attempt_id` is an idempotency key for its effects, `epoch` a fence.

    Also readable like Airflow's context: `ctx['ds']`, `ctx['ti']`, `ctx['params']`. Calls to the
    mesh raise MeshError when they are refused.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    try_number: int = 1
    tries_max: int = 0
    attempt_id: str = ''
    epoch: int = 0
    run_type: str = 'manual'
    queue: str = 'python'
    logical_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    connections: Mapping[str, Connection] = field(default_factory=dict, repr=False)
    # How a call reaches the mesh; absent in a context made by hand, e.g. for a unit test.
    call: Callable[..., dict[str, Any]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.log = logging.getLogger('dagmesh.task')
        # JSON of what was pushed and not stored yet, by key.
        self.xcoms_pushed: dict[str, str] = {}
        self.asked_cancelled = False
        self._is_cancelled = False

    def conn(self, conn_id: str) -> Connection:
        """A connection the task declared with `connections=[...]`."""
        if conn_id in self.connections:
            return self.connections[conn_id]
        return Connection(**self.call_mesh('get_connection', conn_id=conn_id))

    def xcom_push(self, key: str, value: Any) -> None:
        """Keeps a JSON value under `key`; others see it once this attempt's success is recorded."""
        require_xcom_key(key)
        text = to_json(value, f'the XCom {key!r}')
        others = {name: other for name, other in self.xcoms_pushed.items() if name != key}
        length = len(text) + sum(map(len, others.values()))
        if len(others) < XCOMS_CARRIED_MAX and length <= XCOMS_CARRIED_LENGTH_MAX:
            self.xcoms_pushed[key] = text
        else:
            self.call_mesh('push_xcom', key=key, value_json=text)
            self.xcoms_pushed = others

    def xcom_pull(
        self,
        task_ids: str | None = None,
        key: str = RETURN_VALUE,
        *,
        map_index: int | None = None,
        default: Any = None,
    ) -> Any:
        """What a succeeded task of this run pushed (this one without `task_ids`), or `default`."""
        is_own = task_ids is None or task_ids == self.task_id
        if is_own and key in self.xcoms_pushed:
            return json.loads(self.xcoms_pushed[key])
        place = {'task_id': task_ids or '', 'key': key, 'map_index': map_index}
        try:
            return json.loads(self.call_mesh('pull_xcom', **place)['value_json'])
        except NotFoundError:
            return default

    def xcom_keys(self, task_id: str | None = None) -> list[str]:
        """The keys one task of this run has pushed; at most 1,000."""
        return list(self.call_mesh('list_xcoms', task_id=task_id or '')['keys'])

    def xcom_delete(self, key: str) -> None:
        """Takes back a value this attempt pushed."""
        if self.xcoms_pushed.pop(key, None) is None:
            self.call_mesh('delete_xcom', key=key)

    def task_states(self) -> dict[str, str]:
        """The states of the tasks of this run, by task id."""
        return dict(self.call_mesh('get_task_states')['states'])

    def trigger_dag_run(
        self,
        dag_id: str,
        *,
        conf: Mapping[str, Any] | None = None,
        logical_date: datetime | None = None,
        key: str = '',
    ) -> str:
        """Triggers a run and answers its run_id.

        The attempt and `key` identify the run: saying it again makes no second one.
        """
        answer = self.call_mesh(
            'trigger_dag_run',
            dag_id=dag_id,
            key=key,
            conf_json=to_json(conf, 'conf') if conf else '',
            logical_date=logical_date.isoformat() if logical_date else None,
        )
        return str(answer['run_id'])

    def cancelled(self) -> bool:
        """True once the task must end. Whoever asks is not interrupted by TaskCancelled."""
        self.asked_cancelled = True
        return self._is_cancelled

    def mark_cancelled(self) -> None:
        """Called by the worker when the task must end."""
        self._is_cancelled = True

    @property
    def ds(self) -> str:
        """The logical date as `YYYY-MM-DD`; KeyError for runs without one, as in Airflow."""
        return self._date_for('ds').strftime('%Y-%m-%d')

    @property
    def ts(self) -> str:
        """The logical date in ISO 8601; KeyError for runs without one."""
        return self._date_for('ts').isoformat()

    def call_mesh(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Makes one call to the mesh; RuntimeError in a context that stands outside of one."""
        if self.call is None:
            raise RuntimeError(f'{method} needs the mesh, and this context stands outside of it')
        return self.call(method, **arguments)

    def __getitem__(self, name: str) -> Any:
        if name in ('ti', 'task_instance'):
            return self
        if name not in CONTEXT_NAMES:
            known = ', '.join(sorted(CONTEXT_NAMES))
            raise KeyError(f'{name!r} is not in the context; it has ti, {known}')
        return getattr(self, name)

    def _date_for(self, name: str) -> datetime:
        if self.logical_date is None:
            raise KeyError(f'{name!r} is absent: this run has no logical date')
        return self.logical_date


def get_current_context() -> TaskContext:
    """The context of the task that is running in this process; RuntimeError when none is."""
    if _current is None:
        raise RuntimeError('there is no current context: no task is running in this process')
    return _current


def set_current_context(context: TaskContext | None) -> None:
    """Says which task is running in this process."""
    global _current
    _current = context


def require_xcom_key(key: Any) -> None:
    """TypeError or ValueError when it is no XCom key: a text of 1–512 characters."""
    if not isinstance(key, str):
        raise TypeError(f'{key!r} is no XCom key: it must be a string')
    if not 1 <= len(key.encode('utf-8')) <= XCOM_KEY_LENGTH_MAX:
        raise ValueError(f'an XCom key has 1–{XCOM_KEY_LENGTH_MAX} characters, not {len(key)}')


def to_json(value: Any, what: str) -> str:
    """The value as JSON; TypeError that names `what` when it has no JSON form."""
    try:
        text = json.dumps(value, allow_nan=False, separators=(',', ':'), ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f'{what} has no JSON form: {error}') from None
    return text

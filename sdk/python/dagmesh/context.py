"""What running task code can ask and tell: the context of its attempt."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable

from dagmesh.authoring.asset import Asset
from dagmesh.errors import NotFoundError
from dagmesh.running import names
from dagmesh.running.asset_events import AssetEvent, InletEvents, OutletEvents
from dagmesh.running.current import get_current_context
from dagmesh.running.json_text import require_xcom_key, to_json
from dagmesh.running.names import CONTEXT_NAMES
from dagmesh.running.settings import Connection
from dagmesh.running.state import StateStore
from dagmesh.running.waiting import Resume

__all__ = ['CONTEXT_NAMES', 'RETURN_VALUE', 'TaskContext', 'get_current_context']

RETURN_VALUE = 'return_value'
# Values a task pushes travel with its outcome, up to this many and this many characters in all;
# others are stored at once.
XCOMS_CARRIED_MAX = 100
XCOMS_CARRIED_LENGTH_MAX = 512 * 1024

_UNSET: Any = object()


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
    run_after: datetime | None = None
    partition_key: str = ''
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    connections: Mapping[str, Connection] = field(default_factory=dict, repr=False)
    # Ports in the JSON of the contracts.
    inlets: Sequence[Mapping[str, Any]] = ()
    outlets: Sequence[Mapping[str, Any]] = ()
    triggering_asset_events: Mapping[Asset, list[AssetEvent]] = field(default_factory=dict)
    map_index_template: str = ''
    # Instances of the task in this run.
    expanded_ti_count: int = 1
    # How often it was rescheduled in this try, and since when it waits as a sensor in this run.
    task_reschedule_count: int = 0
    waiting_since: datetime | None = None
    # What it goes on with; absent for a fresh try.
    resume: Resume | None = None
    # How a call reaches the mesh; absent in a context made by hand, e.g. for a unit test.
    call: Callable[..., dict[str, Any]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.log = logging.getLogger('dagmesh.task')
        # JSON of what was pushed and not stored yet, by key.
        self.xcoms_pushed: dict[str, str] = {}
        # The name of this instance of a mapped task; by default what map_index_template says.
        self.map_label = ''
        self.outlet_events = OutletEvents(dict(port) for port in self.outlets)
        self.inlet_events = InletEvents(self.call_mesh)
        # What the task keeps over all its tries.
        self.state = StateStore(self.call_mesh, 'STATE_SCOPE_TASK_INSTANCE')
        self.asked_cancelled = False
        self._is_cancelled = False

    def conn(self, conn_id: str) -> Connection:
        """A connection the task declared with `connections=[...]`."""
        if conn_id in self.connections:
            return self.connections[conn_id]
        return Connection(**self.call_mesh('get_connection', conn_id=conn_id))

    def asset_state(self, asset: Asset | str) -> StateStore:
        """What tasks keep with an asset that is among the task's inlets or outlets."""
        name = asset.name if isinstance(asset, Asset) else asset
        return StateStore(self.call_mesh, 'STATE_SCOPE_ASSET', name)

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
        task_ids: str | Iterable[str] | None = None,
        key: str = RETURN_VALUE,
        *,
        map_indexes: int | Iterable[int] | None = _UNSET,
        dag_id: str = '',
        run_id: str = '',
        include_prior_dates: bool = False,
        slice: slice | None = None,
        offset: int | None = None,
        default: Any = None,
    ) -> Any:
        """What a succeeded task of this run pushed (this one without `task_ids`), or `default`.

        Of a mapped task: all instances' values by index, or those of `map_indexes`, or a `slice`
        of them; None means the unmapped instance. `offset` is one element of that list, negative
        from its end, and NotFoundError outside of it, whatever the `default`. Several task_ids
        answer a list. `dag_id` and `run_id` name another run, `include_prior_dates` the latest
        earlier one that has a value.
        """
        place: dict[str, Any] = {'key': key, 'dag_id': dag_id, 'run_id': run_id}
        place['include_prior_dates'] = include_prior_dates
        if map_indexes is None or isinstance(map_indexes, int):
            place['map_index'] = -1 if map_indexes is None else map_indexes
        elif map_indexes is not _UNSET:
            place['map_indexes'] = list(map_indexes)
        if slice is not None:
            place['slice'] = {'start': slice.start, 'stop': slice.stop, 'step': slice.step}
        if offset is None:
            pull = lambda task_id: self._pull(task_id, place, default)  # noqa: E731
        elif slice is not None or map_indexes is not _UNSET:
            raise ValueError('offset, slice and map_indexes exclude each other; give one of them')
        else:
            pull = lambda task_id: self._pull_element(task_id, place, offset)  # noqa: E731
        if task_ids is None or isinstance(task_ids, str):
            return pull(task_ids or '')
        return [pull(task_id) for task_id in task_ids]

    def xcom_keys(self, task_id: str | None = None) -> list[str]:
        """The keys one task of this run has pushed; at most 1,000."""
        return list(self.call_mesh('list_xcoms', task_id=task_id or '')['keys'])

    def xcom_delete(self, key: str) -> None:
        """Takes back a value this attempt pushed."""
        if self.xcoms_pushed.pop(key, None) is None:
            self.call_mesh('delete_xcom', key=key)

    def task_states(self) -> dict[str, str]:
        """The states of the tasks of this run, by task id (`task_id[map_index]` when mapped)."""
        return dict(self.call_mesh('get_task_states')['states'])

    def trigger_dag_run(
        self,
        dag_id: str,
        *,
        conf: Mapping[str, Any] | None = None,
        logical_date: datetime | None = None,
        run_id: str = '',
        key: str = '',
    ) -> str:
        """Triggers a run and answers its run_id.

        The attempt and `key` identify the run: saying it again makes no second one.
        """
        answer = self.call_mesh(
            'trigger_dag_run',
            dag_id=dag_id,
            key=key,
            run_id=run_id,
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
    def max_tries(self) -> int:
        """Airflow's name for `tries_max`: tries after the first that are allowed."""
        return self.tries_max

    @property
    def ds(self) -> str:
        """The logical date as `YYYY-MM-DD`; KeyError for runs without one, as in Airflow."""
        return str(self['ds'])

    @property
    def ts(self) -> str:
        """The logical date in ISO 8601; KeyError for runs without one."""
        return str(self['ts'])

    def call_mesh(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Makes one call to the mesh; RuntimeError in a context that stands outside of one."""
        if self.call is None:
            raise RuntimeError(f'{method} needs the mesh, and this context stands outside of it')
        return self.call(method, **arguments)

    def __getitem__(self, name: str) -> Any:
        return names.read(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def get(self, name: str, default: Any = None) -> Any:
        """A value of the context, or the default when it is absent."""
        return self[name] if name in self else default

    def keys(self) -> list[str]:
        """The names that are there; those made of the logical date only in runs that have one."""
        return names.present(self)

    def _pull(self, task_id: str, place: dict[str, Any], default: Any) -> Any:
        key = place['key']
        is_here = not place['dag_id'] and not place['run_id'] and 'slice' not in place
        if task_id in ('', self.task_id) and is_here and key in self.xcoms_pushed:
            return json.loads(self.xcoms_pushed[key])
        try:
            return json.loads(self.call_mesh('pull_xcom', task_id=task_id, **place)['value_json'])
        except NotFoundError:
            return default

    def _pull_element(self, task_id: str, place: dict[str, Any], offset: int) -> Any:
        only = {'start': offset, 'stop': None if offset == -1 else offset + 1}
        answer = self.call_mesh('pull_xcom', task_id=task_id, **place, slice=only)
        for value in json.loads(answer['value_json']):
            return value
        task, key, count = task_id or self.task_id, place['key'], answer.get('mapped_count', 0)
        told = f'offset {offset} is outside of the {count} values of instances of {task!r}'
        raise NotFoundError('NOT_FOUND', f'{told} under {key!r}')

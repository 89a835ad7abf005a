"""The names of Airflow's context, and what stands behind each."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Callable

from dagmesh.errors import ContextError
from dagmesh.running import macros
from dagmesh.running.settings import ConnectionReader, VariableReader

if TYPE_CHECKING:
    from dagmesh.context import TaskContext

Reader = Callable[['TaskContext'], Any]


def _itself(context: TaskContext) -> Any:
    return context


def _attribute(name: str) -> Reader:
    return lambda context: getattr(context, name)


def _dag_run_of(context: TaskContext) -> SimpleNamespace:
    names = ('dag_id', 'run_id', 'run_type', 'run_after', 'partition_key', 'logical_date')
    fields = {name: getattr(context, name) for name in names}
    intervals = {name: getattr(context, name) for name in _INTERVAL}
    return SimpleNamespace(**fields, **intervals, conf=dict(context.params))


def _key_of(context: TaskContext) -> str:
    return f'{context.dag_id}__{context.task_id}__{context["ds_nodash"]}'


def _written(pattern: str) -> Reader:
    def write(context: TaskContext) -> str:
        assert context.logical_date is not None
        return context.logical_date.strftime(pattern)

    return write


def _ts_of(context: TaskContext) -> str:
    assert context.logical_date is not None
    return context.logical_date.isoformat()


_INTERVAL = ('data_interval_start', 'data_interval_end')
_PLAIN = (
    *('dag_id', 'run_id', 'task_id', 'map_index', 'try_number', 'attempt_id', 'epoch', 'run_type'),
    *('run_after', 'partition_key', 'params', 'inlets', 'outlets', 'inlet_events'),
    *('outlet_events', 'triggering_asset_events', 'map_index_template', 'expanded_ti_count'),
    *('task_reschedule_count', 'resume'),
)
# Absent in a run without a logical date.
_DATED: Mapping[str, Reader] = {
    'logical_date': _attribute('logical_date'),
    **{name: _attribute(name) for name in _INTERVAL},
    'ds': _written('%Y-%m-%d'),
    'ds_nodash': _written('%Y%m%d'),
    'ts': _ts_of,
    'ts_nodash': _written('%Y%m%dT%H%M%S'),
    'ts_nodash_with_tz': _written('%Y%m%dT%H%M%S%z'),
    'task_instance_key_str': _key_of,
}
_READERS: Mapping[str, Reader] = {
    **{name: _attribute(name) for name in _PLAIN},
    **_DATED,
    'ti': _itself,
    'task_instance': _itself,
    'dag': lambda context: SimpleNamespace(dag_id=context.dag_id),
    'task': lambda context: SimpleNamespace(task_id=context.task_id),
    'dag_run': _dag_run_of,
    'var': lambda context: SimpleNamespace(
        value=VariableReader(is_json=False), json=VariableReader(is_json=True)
    ),
    'conn': lambda context: ConnectionReader(),
    'macros': lambda context: macros,
    'test_mode': lambda context: False,
}

# Names that a handler may take as arguments without being given them; `ctx` is the context itself.
CONTEXT_NAMES = frozenset(_READERS)


def read(context: TaskContext, name: str) -> Any:
    """A value of the context; ContextError when there is none of that name, or not in this run."""
    if name not in _READERS:
        known = ', '.join(sorted(_READERS))
        raise ContextError(f'{name!r} is not in the context; it has {known}')
    if name in _DATED and context.logical_date is None:
        raise ContextError(
            f'{name!r} is absent: this run has no logical date; trigger it with one, or take a '
            'default'
        )
    return _READERS[name](context)


def present(context: TaskContext) -> list[str]:
    """The names that are there in this run."""
    has_date = context.logical_date is not None
    return [name for name in _READERS if has_date or name not in _DATED]

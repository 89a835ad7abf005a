"""The context of an attempt, from the plain values of its lease."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Callable

from dagmesh.context import TaskContext
from dagmesh.running.asset_events import events_by_asset
from dagmesh.running.settings import Connection
from dagmesh.worker.child.continuing import resume_of

_PLAIN = (
    *('dag_id', 'run_id', 'task_id', 'map_index', 'try_number', 'tries_max', 'attempt_id'),
    *('epoch', 'run_type', 'queue', 'partition_key', 'map_index_template'),
)
_INSTANTS = (
    *('logical_date', 'data_interval_start', 'data_interval_end', 'run_after', 'waiting_since'),
)


def context_of(lease: Mapping[str, Any], call: Callable[..., dict[str, Any]]) -> TaskContext:
    """The context; `call` makes its calls to the mesh."""
    resume = lease['resume']
    plain: dict[str, Any] = {name: lease[name] for name in _PLAIN}
    instants: dict[str, Any] = {name: _instant(lease[name]) for name in _INSTANTS}
    return TaskContext(
        **plain,
        **instants,
        params=json.loads(lease['params_json'] or '{}'),
        inputs=json.loads(lease['inputs_json'] or '{}'),
        connections={fields['conn_id']: Connection(**fields) for fields in lease['connections']},
        inlets=lease['inlets'],
        outlets=lease['outlets'],
        triggering_asset_events=events_by_asset(lease['triggering_asset_events']),
        expanded_ti_count=lease['expanded_ti_count'] or 1,
        task_reschedule_count=lease['reschedules_count'],
        resume=None if resume is None else resume_of(resume),
        call=call,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

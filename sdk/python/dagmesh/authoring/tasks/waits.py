"""Tasks without code: ones that do nothing, and ones that wait for something in the world.

A wait takes no slot of a worker, so Airflow's `mode` and `deferrable` make no difference here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dagmesh.authoring.asset import Asset
from dagmesh.authoring.checks import Span, seconds_of
from dagmesh.authoring.tasks.node import TaskNode
from dagmesh.authoring.trigger import (
    AssetTrigger,
    DateTimeTrigger,
    FileTrigger,
    HttpTrigger,
    TimeDeltaTrigger,
    Trigger,
    trigger_of,
)
from dagmesh.authoring.wire import Wire, duration_text

# Airflow's default: seven days.
TIMEOUT_DEFAULT_S = 604_800
_NO_MATTER = ('mode', 'deferrable')


def empty(task_id: str, **options: Any) -> TaskNode:
    """A task without code: it succeeds at once and no worker sees it."""
    return TaskNode(task_id, built_in={'is_empty': True}, options=options)


def latest_only(task_id: str, **options: Any) -> TaskNode:
    """A task without code: it skips what is downstream of it unless its run is the latest."""
    return TaskNode(task_id, built_in={'is_latest_only': True}, options=options)


# Airflow's names for them.
EmptyOperator = empty
LatestOnlyOperator = latest_only


def wait_for(
    task_id: str,
    trigger: Trigger,
    *,
    timeout: Span | None = TIMEOUT_DEFAULT_S,
    soft_fail: bool = False,
    **options: Any,
) -> TaskNode:
    """Waits for a trigger; with `soft_fail` it skips when it would fail. None waits for ever."""
    built_in: Wire = {'trigger': trigger_of(trigger).wire(), 'is_soft_fail': soft_fail}
    if timeout is not None:
        seconds_of(timeout, 'timeout', least=0.001)
        built_in['trigger_timeout'] = duration_text(timeout)
    options = {name: value for name, value in options.items() if name not in _NO_MATTER}
    return TaskNode(task_id, built_in=built_in, options=options)


def TimeDeltaSensor(task_id: str, *, delta: Span, **options: Any) -> TaskNode:
    """Waits so long, from when it begins."""
    return wait_for(task_id, TimeDeltaTrigger(delta), **options)


def DateTimeSensor(task_id: str, *, target_time: str | datetime, **options: Any) -> TaskNode:
    """Waits for an instant."""
    return wait_for(task_id, DateTimeTrigger(target_time), **options)


def FileSensor(
    task_id: str,
    *,
    filepath: str,
    is_gone: bool = False,
    poke_interval: Span | None = None,
    **options: Any,
) -> TaskNode:
    """Waits for a file on the triggerer's machine, as FileTrigger does."""
    return wait_for(task_id, FileTrigger(filepath, is_gone, poke_interval), **options)


def HttpSensor(
    task_id: str,
    *,
    url: str,
    method: str = 'GET',
    headers: Mapping[str, str] | None = None,
    body: str = '',
    status: int = 0,
    contains: str = '',
    poke_interval: Span | None = None,
    **options: Any,
) -> TaskNode:
    """Waits until a URL answers as wished, as HttpTrigger does."""
    trigger = HttpTrigger(url, method, headers or {}, body, status, contains, poke_interval)
    return wait_for(task_id, trigger, **options)


def AssetSensor(
    task_id: str, *, asset: Asset | str, poke_interval: Span | None = None, **options: Any
) -> TaskNode:
    """Waits for an update of an asset."""
    return wait_for(task_id, AssetTrigger(asset, poke_interval), **options)

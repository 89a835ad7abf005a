"""Runs a sensor: pokes until something is there, the time is over, or it goes away for a while."""

from __future__ import annotations

import time
import traceback
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from dagmesh.authoring.tasks.behaviour import SensorOptions
from dagmesh.context import TaskContext
from dagmesh.errors import RescheduleTask, SensorTimeout, SkipTask
from dagmesh.running.waiting import PokeReturnValue
from dagmesh.worker.child.poking import (
    Reschedule,
    TimedOut,
    Wait,
    meaning_of,
    next_step,
)


def sense(poke: Callable[[], Any], options: SensorOptions, context: TaskContext) -> Any:
    """Pokes until it is done; answers what is kept. Raises SkipTask, SensorTimeout, RescheduleTask,
    or what the poke raised.
    """
    now = datetime.now(timezone.utc)
    started_at = context.waiting_since or now
    wait = Wait(options, context.dag_id, context.task_id, started_at)
    waited_before_s = max(0.0, (now - started_at).total_seconds())
    began_s = time.monotonic()
    pokes_count = 0
    while True:
        found = _poke(poke, options, is_resumed=context.resume is not None)
        if found:
            return found.xcom_value if isinstance(found, PokeReturnValue) else None
        pokes_count += 1
        elapsed_s = waited_before_s + time.monotonic() - began_s
        step = next_step(wait, elapsed_s=elapsed_s, pokes_count=pokes_count)
        if isinstance(step, TimedOut):
            raise SkipTask(step.message) if options.soft_fail else SensorTimeout(step.message)
        if isinstance(step, Reschedule):
            raise RescheduleTask(datetime.now(timezone.utc) + timedelta(seconds=step.delay_s))
        time.sleep(max(0.0, step.delay_s))


def go_on(resume: Callable[[], Any], options: SensorOptions) -> Any:
    """Runs what a sensor does after it was deferred."""
    return _poke(resume, options, is_resumed=True)


def _poke(poke: Callable[[], Any], options: SensorOptions, *, is_resumed: bool) -> Any:
    try:
        return poke()
    except Exception as error:
        meaning = meaning_of(error, options, is_resumed=is_resumed)
        if meaning is None:
            print(f'the poke failed, which counts as "not yet":\n{traceback.format_exc()}')
            return False
        if meaning is error:
            raise
        raise meaning from error

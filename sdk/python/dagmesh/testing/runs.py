"""Runs as a test sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class LogLine:
    """A line that a task logged, or how its try ended when that was no success."""

    # E.g. `load` or `load[3]`.
    task: str
    try_number: int
    level: str
    message: str


@dataclass(frozen=True)
class PlayedTry:
    """One attempt at a task instance; a try that waited has several."""

    # From 1.
    number: int
    # `running`, `success`, `failed`, `skipped`, `waiting` …
    state: str
    start: datetime | None
    # None while it runs.
    end: datetime | None
    # Empty unless it failed.
    error: str


@dataclass(frozen=True)
class PlayedRun:
    """A run as it stood when it was asked for. Tasks by name: `load`, or `load[3]` when mapped."""

    dag_id: str
    run_id: str
    run_type: str
    # `queued`, `running`, `success` or `failed`.
    state: str
    # Why it failed, where the scheduler says so.
    reason: str
    partition_key: str
    params: Mapping[str, Any]
    logical_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    run_after: datetime | None
    start: datetime | None
    end: datetime | None
    # States in lower case, e.g. `upstream_failed`.
    tasks: Mapping[str, str]
    # Names of mapped instances that have one.
    labels: Mapping[str, str]
    tries: Mapping[str, Sequence[PlayedTry]]
    # What succeeded tasks pushed, by key; `return_value` is what they returned.
    xcoms: Mapping[str, Mapping[str, Any]]
    # Of a run that is not over: what each unfinished task waits for, in a sentence.
    waits: Mapping[str, str]
    log: Sequence[LogLine]

    def __str__(self) -> str:
        """The run in a few lines: its tasks, and why each waits or failed."""
        lines = [f'{self.dag_id} {self.run_id}: {self.state} {self.reason}'.rstrip()]
        for task, state in self.tasks.items():
            tries = self.tries.get(task, ())
            error = tries[-1].error if tries and state == 'failed' else ''
            lines.append(f'  {task}: {state} {self.waits.get(task, error)}'.rstrip())
        return '\n'.join(lines)


_PLAIN = (
    *('dag_id', 'run_id', 'run_type', 'state', 'reason', 'partition_key', 'params', 'tasks'),
    *('labels', 'xcoms', 'waits'),
)
_INSTANTS = (
    *('logical_date', 'data_interval_start', 'data_interval_end', 'run_after', 'start', 'end'),
)


def run_of(told: Mapping[str, Any], log: Sequence[LogLine]) -> PlayedRun:
    """The run behind what the simulator told."""
    plain: dict[str, Any] = {name: told[name] for name in _PLAIN}
    instants: dict[str, Any] = {name: _instant(told, name) for name in _INSTANTS}
    tries = {task: [_try_of(each) for each in tries] for task, tries in told['tries'].items()}
    return PlayedRun(**plain, **instants, tries=tries, log=list(log))


def ms_of(instant: datetime) -> float:
    """An instant in milliseconds since the epoch."""
    return (instant - _EPOCH) / timedelta(milliseconds=1)


def instant_of_ms(ms: float) -> datetime:
    """The instant so many milliseconds after the epoch."""
    return _EPOCH + timedelta(milliseconds=ms)


def _try_of(told: Mapping[str, Any]) -> PlayedTry:
    start, end = _instant(told, 'start'), _instant(told, 'end')
    return PlayedTry(told['number'], told['state'], start, end, told['error'])


def _instant(told: Mapping[str, Any], name: str) -> datetime | None:
    ms = told.get(f'{name}_ms')
    return None if ms is None else instant_of_ms(ms)

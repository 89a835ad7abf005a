"""Which task is running in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagmesh.context import TaskContext

_current: TaskContext | None = None


def get_current_context() -> TaskContext:
    """The context of the task that is running in this process; RuntimeError when none is."""
    if _current is None:
        raise RuntimeError('there is no current context: no task is running in this process')
    return _current


def set_current_context(context: TaskContext | None) -> None:
    """Says which task is running in this process."""
    global _current
    _current = context

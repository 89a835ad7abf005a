"""Turns SIGTERM into TaskCancelled inside task code, and never inside the machinery around it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from dagmesh.context import TaskContext
from dagmesh.errors import TaskCancelled


class _Interrupt:
    """What the signal handler must know.

    It runs in the main thread between two of its instructions, so plain fields are enough.
    """

    # The attempt that may still be interrupted; each is interrupted once at most.
    context: TaskContext | None = None
    shields = 0
    is_pending = False


_state = _Interrupt()
_main_thread = threading.get_ident()


def _on_term(_signal_number: int, _frame: Any) -> None:
    context = _state.context
    if context is None:
        return
    context.mark_cancelled()
    if context.asked_cancelled:
        return
    _state.context = None
    if _state.shields:
        _state.is_pending = True
        return
    raise TaskCancelled('the task was told to end')


def install() -> None:
    """Installs the signal handler; anew for each attempt, because task code may put its own."""
    signal.signal(signal.SIGTERM, _on_term)


@contextmanager
def shielded() -> Iterator[None]:
    """Puts an interruption of the main thread off until the block is done."""
    if threading.get_ident() != _main_thread:
        yield
        return
    _state.shields += 1
    try:
        yield
    finally:
        _state.shields -= 1
    if _state.is_pending and not _state.shields:
        _state.is_pending = False
        raise TaskCancelled('the task was told to end')


def run_interruptible(context: TaskContext, run: Callable[[], Any]) -> Any:
    """Runs task code; TERM interrupts it, and nothing that comes after it."""
    _state.is_pending = False
    _state.context = context
    try:
        return run()
    finally:
        _state.context = None
        _state.is_pending = False

"""What a task's exception is to the mesh: an outcome, and words that help its author."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from dagmesh.authoring.retry import ancestor_names, class_name
from dagmesh.errors import FailTask, RetryTask, SkipTask, TaskCancelled
from dagmesh.worker.child.handlers import HandlerMissing
from dagmesh.worker.frames import Frame

_SDK = Path(__file__).parents[2]
_MACHINERY = (str(Path(__file__).parent), str(_SDK / 'testing'))


class XComLimit(Exception):
    """The task returned or pushed what XComs cannot hold."""


def outcome_of(error: BaseException) -> Frame:
    """The outcome that an exception of the task means."""
    if isinstance(error, SkipTask):
        return {'outcome': 'skipped', 'reason': _message_of(error)}
    if isinstance(error, TaskCancelled):
        return {'outcome': 'cancelled', 'error': _described(error, 'exception')}
    return {'outcome': 'failed', 'error': _failure_of(error)}


def _failure_of(error: BaseException) -> dict[str, Any]:
    if isinstance(error, SystemExit):
        message = f'the task called sys.exit({error.code!r})'
        return {**_described(error, 'exited'), 'message': message}
    if isinstance(error, MemoryError):
        message = _message_of(error) or 'the task ran out of memory'
        return {**_described(error, 'out_of_memory'), 'message': message}
    if isinstance(error, XComLimit):
        return {**_described(error, 'limit'), 'error_class': 'XComLimit', 'stack': ''}
    failure = _described(error, 'exception')
    if isinstance(error, HandlerMissing):
        # Trying again on the same files cannot help.
        return {**failure, 'error_class': 'HandlerNotFound', 'stack': '', 'is_final': True}
    if isinstance(error, RetryTask):
        return {**failure, 'retry_delay_s': error.delay.total_seconds()}
    return {**failure, 'is_final': isinstance(error, FailTask)}


def _described(error: BaseException, reason: str) -> dict[str, Any]:
    return {
        'error_class': class_name(type(error)),
        'ancestors': ancestor_names(type(error)),
        'message': _message_of(error),
        'stack': _stack_of(error),
        'reason': reason,
    }


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return '(the error has no message that could be read)'


def _stack_of(error: BaseException) -> str:
    """The traceback without frames of worker and test kit, which would only distract."""
    try:
        told = traceback.TracebackException.from_exception(error)
        _leave_out_machinery(told)
        return ''.join(told.format())
    except Exception:
        return '(the traceback could not be written)'


def _leave_out_machinery(told: traceback.TracebackException | None) -> None:
    while told is not None:
        told.stack[:] = [frame for frame in told.stack if not frame.filename.startswith(_MACHINERY)]
        _leave_out_machinery(told.__cause__)
        told = told.__context__

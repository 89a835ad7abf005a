"""What a task may raise to say how it ended, and what the SDK raises at authors and tasks.

Airflow's names for some of them are in `dagmesh.exceptions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Callable, Union

if TYPE_CHECKING:
    from dagmesh.authoring.trigger import Trigger

# What goes on when a wait is over: a function of the file's top level, or its name. Empty means
# the task's own function again.
Method = Union[str, Callable[..., Any]]


class TaskException(Exception):
    """What a task raises to say how it ended. Raised itself, it is a failure like any other."""


class SkipTask(TaskException):
    """Raise it to end the task as skipped; the message tells people why."""


class FailTask(TaskException):
    """Raise it to fail for good: no retry follows, whatever the task's policy says."""


class SensorTimeout(FailTask):
    """A sensor has waited longer than its timeout; it is not tried again."""


class TaskTimeout(TaskException):
    """The task took too long; how an `execution_timeout` is called in reports and retry rules. A
    sensor with `soft_fail` whose poke raises it is skipped.
    """


class RetryTask(TaskException):
    """Raise it to fail and be tried again after `delay` (seconds or timedelta) instead of the
    policy's delay.
    """

    def __init__(self, message: str, *, delay: float | timedelta):
        super().__init__(message)
        seconds = delay.total_seconds() if isinstance(delay, timedelta) else float(delay)
        self.delay = timedelta(seconds=max(0.0, seconds))


class RescheduleTask(TaskException):
    """Raise it to give the slot back and be run again, as the same try, at `reschedule_date`."""

    def __init__(self, reschedule_date: datetime):
        super().__init__(f'to be run again at {reschedule_date.isoformat()}')
        self.reschedule_date = reschedule_date


class TaskDeferred(BaseException):
    """Raised by `defer` to give the slot back until a trigger fires.

    Then `method_name` is called with `kwargs` and, when it takes one, the trigger's `event`. No
    `Exception`, so that `except Exception` does not swallow it.
    """

    def __init__(
        self,
        *,
        trigger: Trigger,
        method_name: Method = '',
        kwargs: Mapping[str, Any] | None = None,
        timeout: float | timedelta | None = None,
    ):
        super().__init__('the task waits for a trigger')
        self.trigger = trigger
        self.method_name = method_name
        self.kwargs = dict(kwargs or {})
        self.timeout = timeout


class TaskAwaitingInput(BaseException):
    """Raised by `await_input` to give the slot back until people have answered."""

    def __init__(
        self,
        question: Mapping[str, Any],
        *,
        method_name: Method = '',
        kwargs: Mapping[str, Any] | None = None,
    ):
        super().__init__('the task waits for an answer')
        self.question = question
        self.method_name = method_name
        self.kwargs = dict(kwargs or {})


class DeferralFailed(TaskException):
    """What a task waited for has failed; the message is what the trigger said."""


class DeferralTimeout(DeferralFailed):
    """What a task waited for has not come in time."""


class TaskCancelled(BaseException):
    """Raised inside a task that must end: it was cancelled, or its execution_timeout passed.

    No `Exception`, so that `except Exception` does not swallow it: let it pass, after cleaning up
    in `finally`. A task that asks `ctx.cancelled()` is not interrupted like this; it is expected to
    return by itself within the grace.
    """


class MeshError(Exception):
    """A call to the mesh was refused.

    `code` is gRPC's name of the refusal (e.g. `PERMISSION_DENIED`).
    """

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class NotFoundError(MeshError, KeyError):
    """The variable, connection or XCom that was asked for does not exist."""

    __str__ = Exception.__str__


class ContextError(KeyError):
    """The context has nothing of that name, or not in this run."""

    __str__ = Exception.__str__


class AuthoringError(Exception):
    """A DAG file says something that cannot be; the message begins with `<file>:<line>: `."""

    def __init__(self, message: str, *, file: str | None = None, line: int = 0):
        super().__init__(f'{file}:{line}: {message}' if file else message)
        self.cause_text, self.file, self.line = message, file, line

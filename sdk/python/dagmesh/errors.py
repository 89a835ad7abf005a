"""What a task may raise to say how it ended, and what the SDK raises at authors and tasks."""

from __future__ import annotations

from datetime import timedelta


class SkipTask(Exception):
    """Raise it to end the task as skipped; the message tells people why."""


class FailTask(Exception):
    """Raise it to fail for good: no retry follows, whatever the task's policy says."""


class RetryTask(Exception):
    """Raise it to fail and be tried again after `delay` (seconds or timedelta) instead of the
    policy's delay.
    """

    def __init__(self, message: str, *, delay: float | timedelta):
        super().__init__(message)
        seconds = delay.total_seconds() if isinstance(delay, timedelta) else float(delay)
        self.delay = timedelta(seconds=max(0.0, seconds))


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


class AuthoringError(Exception):
    """A DAG file says something that cannot be; the message begins with `<file>:<line>: `."""

    def __init__(self, message: str, *, file: str | None = None, line: int = 0):
        super().__init__(f'{file}:{line}: {message}' if file else message)
        self.cause_text, self.file, self.line = message, file, line

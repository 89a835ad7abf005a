"""What a test runs in place of a task's function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Callable, Union

from dagmesh.authoring.checks import Span, seconds_of
from dagmesh.authoring.tasks.behaviour import Behaviour
from dagmesh.errors import FailTask, SkipTask
from dagmesh.running.waiting import PokeReturnValue
from dagmesh.testing.errors import DagTestError
from dagmesh.worker.child.arguments import accepted, arguments_for

Function = Callable[..., Any]


@dataclass(frozen=True)
class Taking:
    """A body whose end comes later, on the virtual clock."""

    body: Function
    span: timedelta


@dataclass(frozen=True)
class Returning:
    """A body that returns a value."""

    value: Any

    def __call__(self) -> Any:
        """Answers the value."""
        return self.value


Body = Union[Function, Taking]


def returns(value: Any) -> Function:
    """A body that returns a value. For a sensor, one other than True, False and None is what it has
    found.
    """
    return Returning(value)


def fails(message: str, *, is_final: bool = False) -> Function:
    """A body that fails; `is_final` means that no retry follows."""

    def body() -> None:
        raise FailTask(message) if is_final else RuntimeError(message)

    return body


def skips(reason: str = 'the test skips it') -> Function:
    """A body that is skipped."""

    def body() -> None:
        raise SkipTask(reason)

    return body


def takes(span: Span, body: Function) -> Taking:
    """A body that takes its time (timedelta or seconds) on the virtual clock."""
    return Taking(body, timedelta(seconds=seconds_of(span, 'span')))


def bodies_by_try(given: Mapping[str, Any]) -> dict[str, Sequence[Body]]:
    """For each task its bodies, one for each try; the last one is for all that follow."""
    bodies: dict[str, Sequence[Body]] = {}
    for name, each in given.items():
        tries = tuple(each) if isinstance(each, (list, tuple)) else (each,)
        if not tries or not all(isinstance(body, Taking) or callable(body) for body in tries):
            raise DagTestError(
                'bad_request',
                f'bodies[{name!r}] is a function, or a list with one for each try, '
                f'not {each!r}; returns(…) makes one that returns a value',
            )
        bodies[name] = tries
    return bodies


def as_handler(body: Body, behaviour: Behaviour) -> Function:
    """The body as a worker calls it: it gets those of the arguments that it takes, and `ctx`."""
    if isinstance(body, Taking):
        return as_handler(body.body, behaviour)
    if behaviour.kind == 'sensor' and isinstance(body, Returning):
        return as_handler(_finding(body), behaviour)

    @functools.wraps(body, assigned=('__name__', '__doc__'), updated=())
    def handler(*, ctx: Any, **given: Any) -> Any:
        return body(**arguments_for(body, accepted(body, given), ctx))

    # Only the context is asked for; what the task is given comes along anyway.
    only_context = inspect.Parameter('ctx', inspect.Parameter.KEYWORD_ONLY)
    handler.__signature__ = inspect.Signature([only_context])  # type: ignore[attr-defined]
    del handler.__wrapped__  # type: ignore[attr-defined]
    return handler


def _finding(body: Returning) -> Function:
    value = body.value
    is_answer = value is None or isinstance(value, (bool, PokeReturnValue))
    return lambda: value if is_answer else PokeReturnValue(True, value)

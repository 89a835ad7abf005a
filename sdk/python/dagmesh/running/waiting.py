"""How a task waits without holding a slot: it asks for a trigger or an answer, and is resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from dagmesh.errors import Method, TaskAwaitingInput, TaskDeferred

if TYPE_CHECKING:
    from dagmesh.authoring.trigger import Trigger


@dataclass(frozen=True)
class HumanResponse:
    """What people answered; `responded_by` is `timeout` when the defaults were taken."""

    chosen_options: Sequence[str] = ()
    params_input: Mapping[str, Any] = field(default_factory=dict)
    responded_by: str = ''
    responded_at: datetime | None = None


@dataclass(frozen=True)
class Resume:
    """What a task goes on with after it waited: `ctx.resume`."""

    method: str = ''
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    # What the trigger said; None when the wait failed.
    event: Any = None
    # Why the wait failed: `trigger_timeout`, or what the trigger said; empty when it did not.
    error: str = ''
    # The answer of people, when they were asked.
    response: HumanResponse | None = None


@dataclass(frozen=True)
class PokeReturnValue:
    """What a sensor may answer instead of True or False; `xcom_value` is kept once it is done."""

    is_done: bool
    xcom_value: Any = None

    def __bool__(self) -> bool:
        return self.is_done


def defer(
    *,
    trigger: Trigger,
    method_name: Method = '',
    kwargs: Mapping[str, Any] | None = None,
    timeout: float | timedelta | None = None,
) -> NoReturn:
    """Gives the slot back until a trigger fires, at most `timeout` (timedelta or seconds).

    Then `method_name`, a function of the file's top level, goes on with `kwargs` and, when it takes
    one, the trigger's `event`. Without it, the task's function is called again, with `ctx.resume`.
    """
    raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)


def await_input(
    *,
    subject: str,
    options: Sequence[str],
    method_name: Method = '',
    kwargs: Mapping[str, Any] | None = None,
    **question: Any,
) -> NoReturn:
    """Gives the slot back until people have answered; see `HumanInput` for the question.

    Goes on as `defer` does, with the answer as `response`. `timeout` is how long it waits.
    """
    from dagmesh.authoring.tasks.question import question_wire

    wire = question_wire(subject=subject, options=options, **question)
    raise TaskAwaitingInput(wire, method_name=method_name, kwargs=kwargs)

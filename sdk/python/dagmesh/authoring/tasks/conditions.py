"""`@task.run_if(…)` and `@task.skip_if(…)`: whether a task runs is decided when its turn comes."""

from __future__ import annotations

import functools
from typing import Any, Callable

from dagmesh.authoring.source import refuse
from dagmesh.authoring.tasks.task_function import TaskFunction
from dagmesh.errors import SkipTask
from dagmesh.running.current import get_current_context

Condition = Callable[[Any], bool]


def run_if(condition: Condition, skip_message: str = '') -> Callable[[Any], TaskFunction]:
    """Skips the task unless the condition holds for its context; stands above `@task`."""
    return _conditional(condition, skip_message, wanted=True)


def skip_if(condition: Condition, skip_message: str = '') -> Callable[[Any], TaskFunction]:
    """Skips the task when the condition holds for its context; stands above `@task`."""
    return _conditional(condition, skip_message, wanted=False)


def _conditional(
    condition: Condition, skip_message: str, *, wanted: bool
) -> Callable[[Any], TaskFunction]:
    if not callable(condition):
        raise refuse(
            f'condition={condition!r} is not allowed: it must be a function of the context'
        )

    def decorate(decorated: Any) -> TaskFunction:
        if not isinstance(decorated, TaskFunction):
            raise refuse('run_if and skip_if stand above @task, which makes a function into a task')
        function = decorated.function

        @functools.wraps(function)
        def conditional(*args: Any, **kwargs: Any) -> Any:
            if bool(condition(get_current_context())) is not wanted:
                held = 'does not hold' if wanted else 'holds'
                raise SkipTask(skip_message or f'its condition {held}')
            return function(*args, **kwargs)

        return decorated.doing(conditional)

    return decorate

"""`@task`: makes a function into one whose calls are tasks of a DAG."""

from __future__ import annotations

import functools
from typing import Any, Callable

from dagmesh.authoring.tasks.conditions import run_if, skip_if
from dagmesh.authoring.tasks.external_task import ExternalTask
from dagmesh.authoring.tasks.task_function import Finish, TaskFunction, checked_options
from dagmesh.running.current import get_current_context
from dagmesh.running.operators import run_bash

_BASH_NAMES = frozenset(['env', 'append_env', 'cwd', 'skip_on_exit_code'])


class _Decorator:
    """`@task`, `@task(retries=2)` for functions of one kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __call__(self, function: Callable[..., Any] | None = None, **options: Any) -> Any:
        if function is not None:
            return TaskFunction(function, options, self._kind)
        checked_options(options, self._kind)
        return lambda decorated: TaskFunction(decorated, options, self._kind)


class _BashDecorator:
    """`@task.bash`, also with the arguments of BashOperator."""

    def __call__(self, function: Callable[..., Any] | None = None, **given: Any) -> Any:
        arguments = {name: value for name, value in given.items() if name in _BASH_NAMES}
        options = {name: value for name, value in given.items() if name not in _BASH_NAMES}
        checked_options(options, 'plain')

        def decorate(decorated: Callable[..., Any]) -> TaskFunction:
            @functools.wraps(decorated)
            def run(*args: Any, **kwargs: Any) -> str:
                return run_bash(get_current_context(), decorated(*args, **kwargs), **arguments)

            return TaskFunction(run, options)

        return decorate if function is None else decorate(function)


class _TaskDecorator(_Decorator):
    """`@task`, and what hangs on it."""

    def __init__(self) -> None:
        super().__init__('plain')
        # The function answers the ids of the tasks or groups that are followed.
        self.branch = _Decorator('branch')
        # When the function answers something false, what is downstream is skipped.
        self.short_circuit = _Decorator('short_circuit')
        # The function is called again until it answers something true.
        self.sensor = _Decorator('sensor')
        # The function answers a command, which is then run.
        self.bash = _BashDecorator()
        # Above `@task`: whether it runs is decided by its context.
        self.run_if, self.skip_if = run_if, skip_if

    def external(
        self, handler: str, *, queue: str = 'default', task_id: str | None = None, **options: Any
    ) -> ExternalTask:
        """A task of another language: `task.external('load.ts:load')(rows=extract())`.

        Without a task_id, it is what stands after the last `:` of the handler.
        """
        name = handler.rpartition(':')[2]
        return ExternalTask(handler, task_id or name, {'queue': queue, **options})


task = _TaskDecorator()


def setup(function: Any) -> TaskFunction:
    """`@setup`: a task that prepares something for those between it and its teardowns."""
    return _task_function(function).finished_by(lambda node: node.as_setup())


def teardown(function: Any = None, *, on_failure_fail_dagrun: bool = False) -> Any:
    """`@teardown`: a task that cleans up after the setups that it waits for."""

    def decorate(decorated: Any) -> TaskFunction:
        fails = on_failure_fail_dagrun
        finish: Finish = lambda node: node.as_teardown(on_failure_fail_dagrun=fails)  # noqa: E731
        return _task_function(decorated).finished_by(finish)

    return decorate if function is None else decorate(function)


def _task_function(function: Any) -> TaskFunction:
    return function if isinstance(function, TaskFunction) else TaskFunction(function, {})

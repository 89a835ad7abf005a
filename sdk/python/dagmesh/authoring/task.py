"""`@task`: makes a function into one whose calls are tasks of a DAG."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Mapping
from typing import Any, Callable

from dagmesh.authoring.dag import DAG, collected_file, current_dag
from dagmesh.authoring.node import TaskNode, XComArg
from dagmesh.authoring.options import options_of
from dagmesh.authoring.source import Place, here, refuse
from dagmesh.context import CONTEXT_NAMES


class TaskFunction:
    """A function decorated with `@task`.

    Calling it adds a task to the current DAG; `.function` is the plain function.
    """

    def __init__(self, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.multiple_outputs = bool(options.get('multiple_outputs', False))
        self._options = dict(options)

    def override(self, **options: Any) -> TaskFunction:
        """The same with other options: `extract.override(task_id='extract_again')()`."""
        return TaskFunction(self.function, {**self._options, **_checked(options)})

    def __call__(self, *args: Any, **kwargs: Any) -> TaskNode:
        dag = current_dag()
        options = {'doc_md': inspect.cleandoc(self.function.__doc__ or ''), **self._options}
        task_id = options.pop('task_id', None) or _free_task_id(dag, self.function.__name__)
        options.pop('multiple_outputs', None)
        return TaskNode(
            task_id,
            function=self,
            inputs=_bind(self.function, args, kwargs),
            place=_place_of(self.function),
            options=options,
            dag=dag,
        )


class ExternalTask:
    """A task whose code is written in another language.

    Calling it with its inputs by name adds it to the current DAG.
    """

    def __init__(self, handler: str, task_id: str, options: Mapping[str, Any]) -> None:
        self._handler = handler
        self._task_id = task_id
        self._options = dict(options)

    def __call__(self, **inputs: Any) -> TaskNode:
        dag = current_dag()
        task_id = _free_task_id(dag, self._task_id)
        checked = {name: _input_of(name, value) for name, value in inputs.items()}
        return TaskNode(
            task_id, handler=self._handler, inputs=checked, options=self._options, dag=dag
        )


class _TaskDecorator:
    """`@task`, `@task(retries=2)`, and what hangs on it."""

    def __call__(self, function: Callable[..., Any] | None = None, **options: Any) -> Any:
        checked = _checked(options)
        if function is not None:
            return TaskFunction(function, checked)
        return lambda decorated: TaskFunction(decorated, checked)

    def external(
        self, handler: str, *, queue: str = 'default', task_id: str | None = None, **options: Any
    ) -> ExternalTask:
        """A task of another language: `task.external('load.ts:load')(rows=extract())`.

        Without a task_id, it is what stands after the last `:` of the handler.
        """
        name = handler.rpartition(':')[2]
        return ExternalTask(handler, task_id or name, {'queue': queue, **options})


task = _TaskDecorator()


def empty(task_id: str, **options: Any) -> TaskNode:
    """A task without code: it succeeds at once and no worker sees it."""
    return TaskNode(task_id, is_empty=True, options=options)


# Airflow's name for it.
EmptyOperator = empty


def _checked(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuses bad options where the author writes them, not only where a task is made of them."""
    own = ('task_id', 'multiple_outputs')
    options_of({name: value for name, value in options.items() if name not in own}, {})
    return options


def _free_task_id(dag: DAG, name: str) -> str:
    """As in Airflow, calling a function again makes `name__1`, `name__2`, …"""
    task_id = name
    while task_id in dag.tasks:
        dag.repeats[name] = dag.repeats.get(name, 0) + 1
        task_id = f'{name}__{dag.repeats[name]}'
    return task_id


def _place_of(function: Callable[..., Any]) -> Place:
    file = collected_file()
    code = function.__code__
    return Place(code.co_filename, code.co_firstlineno) if code.co_filename == file else here(file)


def _bind(function: Callable[..., Any], args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by name; refused when one is missing, unknown, or cannot be given by name."""
    signature = inspect.signature(function)
    # The worker gives `ctx`, so the arguments that authors give do not count it.
    given = [each for name, each in signature.parameters.items() if name != 'ctx']
    signature = signature.replace(parameters=given)
    try:
        bound = signature.bind_partial(*args, **kwargs)
    except TypeError as error:
        raise refuse(f'{function.__name__}: {error}') from None
    inputs: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise refuse(f'{function.__name__} takes {parameter}, but inputs are given by name')
        if parameter.kind is parameter.VAR_KEYWORD:
            inputs.update(bound.arguments.get(name, {}))
        elif name in bound.arguments:
            inputs[name] = bound.arguments[name]
        elif parameter.default is parameter.empty and name not in CONTEXT_NAMES:
            raise refuse(f'{function.__name__} needs the argument {name!r}')
    return {name: _input_of(name, value) for name, value in inputs.items()}


def _input_of(name: str, value: Any) -> Any:
    """An input as it is; refused when it is neither an output of another task nor JSON."""
    if isinstance(value, (TaskNode, XComArg)):
        return value
    try:
        json.dumps(value, allow_nan=False, default=_refuse_inner)
    except (TypeError, ValueError, RecursionError) as error:
        raise refuse(f'the input {name!r} has no JSON form: {error}') from None
    return value


def _refuse_inner(value: Any) -> Any:
    if isinstance(value, (TaskNode, XComArg)):
        raise TypeError('an output of another task must be an argument of its own')
    raise TypeError(f'{value!r} is a {type(value).__name__}')

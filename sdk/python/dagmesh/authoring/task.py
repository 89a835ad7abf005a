"""`@task`: makes a function into one whose calls are tasks of a DAG."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any, Callable

from dagmesh.authoring.arguments import bind, checked_inputs
from dagmesh.authoring.behaviour import Behaviour, behaviour_names, behaviour_of
from dagmesh.authoring.dag import collected_file, current_dag
from dagmesh.authoring.mapping import Expansion, expand_over, expand_over_kwargs
from dagmesh.authoring.node import TaskNode, default_args_of
from dagmesh.authoring.options import options_of
from dagmesh.authoring.source import Place, here

# Does something with a task when it has been made, e.g. makes it a setup.
Finish = Callable[[TaskNode], TaskNode]


class TaskFunction:
    """A function decorated with `@task`.

    Calling it adds a task to the current DAG; `.function` is the plain function.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        options: Mapping[str, Any],
        kind: str = 'plain',
        finish: Finish = lambda node: node,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.kind = kind
        self._options = _checked(options, kind)
        self._finish = finish

    @property
    def behaviour(self) -> Behaviour:
        """How it behaves when the DAG has nothing to say about that."""
        return behaviour_of(self.kind, self._options, {})

    def override(self, **options: Any) -> TaskFunction:
        """The same with other options: `extract.override(task_id='extract_again')()`."""
        return TaskFunction(self.function, {**self._options, **options}, self.kind, self._finish)

    def finished_by(self, finish: Finish) -> TaskFunction:
        """The same, with something done to each task that it makes."""
        return TaskFunction(self.function, self._options, self.kind, finish)

    def partial(self, **arguments: Any) -> PartialTask:
        """Arguments that all instances of a mapped task share: `add.partial(a=1).expand(b=[…])`."""
        return PartialTask(self, arguments)

    def expand(self, **arguments: Any) -> TaskNode:
        """A mapped task: an instance for each combination of the arguments' elements."""
        return PartialTask(self, {}).expand(**arguments)

    def expand_kwargs(self, elements: Any) -> TaskNode:
        """A mapped task: an instance for each element, a dict of the function's arguments."""
        return PartialTask(self, {}).expand_kwargs(elements)

    def __call__(self, *args: Any, **kwargs: Any) -> TaskNode:
        return self.make(bind(self.function, args, kwargs))

    def make(self, inputs: Mapping[str, Any], expansion: Expansion | None = None) -> TaskNode:
        """Adds a task with these arguments to the current DAG."""
        options = {'doc_md': inspect.cleandoc(self.function.__doc__ or ''), **self._options}
        dag = options.pop('dag', None) or current_dag()
        task_id = options.pop('task_id', None) or dag.free_id(self.function.__name__)
        own = behaviour_names(self.kind)
        node = TaskNode(
            task_id,
            function=self,
            behaviour=behaviour_of(self.kind, options, default_args_of(dag)),
            inputs=inputs,
            expansion=expansion,
            place=_place_of(self.function),
            options={name: value for name, value in options.items() if name not in own},
            dag=dag,
        )
        return self._finish(node)


class PartialTask:
    """A task function that was given some of its arguments, and is to be mapped over others."""

    def __init__(self, function: TaskFunction, arguments: Mapping[str, Any]) -> None:
        self._function = function
        self._arguments = dict(arguments)

    def partial(self, **arguments: Any) -> PartialTask:
        """The same with more arguments."""
        return PartialTask(self._function, {**self._arguments, **arguments})

    def expand(self, **arguments: Any) -> TaskNode:
        """A mapped task: an instance for each combination of the arguments' elements."""
        expansion = expand_over(arguments, self._arguments, self._function.function.__name__)
        return self._make(expansion, list(arguments))

    def expand_kwargs(self, elements: Any) -> TaskNode:
        """A mapped task: an instance for each element, a dict of the function's arguments."""
        expansion = expand_over_kwargs(elements, self._arguments, self._function.function.__name__)
        return self._make(expansion, expansion.names())

    def _make(self, expansion: Expansion, mapped: Any) -> TaskNode:
        inputs = bind(self._function.function, (), self._arguments, mapped=mapped)
        return self._function.make(inputs, expansion)


class ExternalTask:
    """A task whose code is written in another language.

    Calling it with its inputs by name adds it to the current DAG.
    """

    def __init__(
        self,
        handler: str,
        task_id: str,
        options: Mapping[str, Any],
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        self._handler = handler
        self._task_id = task_id
        self._options = dict(options)
        self._arguments = dict(arguments or {})

    def partial(self, **arguments: Any) -> ExternalTask:
        """The same with arguments that all instances of a mapped task share."""
        given = {**self._arguments, **arguments}
        return ExternalTask(self._handler, self._task_id, self._options, given)

    def expand(self, **arguments: Any) -> TaskNode:
        """A mapped task: an instance for each combination of the arguments' elements."""
        return self._make({}, expand_over(arguments, self._arguments, self._task_id))

    def expand_kwargs(self, elements: Any) -> TaskNode:
        """A mapped task: an instance for each element, a dict of its arguments."""
        return self._make({}, expand_over_kwargs(elements, self._arguments, self._task_id))

    def __call__(self, **inputs: Any) -> TaskNode:
        return self._make(inputs, None)

    def _make(self, inputs: Mapping[str, Any], expansion: Expansion | None) -> TaskNode:
        dag = current_dag()
        return TaskNode(
            dag.free_id(self._task_id),
            handler=self._handler,
            inputs=checked_inputs({**self._arguments, **inputs}),
            expansion=expansion,
            options=self._options,
            dag=dag,
        )


class _Decorator:
    """`@task`, `@task(retries=2)` for functions of one kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __call__(self, function: Callable[..., Any] | None = None, **options: Any) -> Any:
        if function is not None:
            return TaskFunction(function, options, self._kind)
        _checked(options, self._kind)
        return lambda decorated: TaskFunction(decorated, options, self._kind)


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


def _checked(options: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Refuses bad options where the author writes them, not only where a task is made of them."""
    own = {'task_id', 'dag', *behaviour_names(kind)}
    options_of({name: value for name, value in options.items() if name not in own}, {})
    behaviour_of(kind, options, {})
    return dict(options)


def _place_of(function: Callable[..., Any]) -> Place:
    file = collected_file()
    code = getattr(function, '__code__', None)
    is_here = code is not None and code.co_filename == file
    return Place(code.co_filename, code.co_firstlineno) if code and is_here else here(file)

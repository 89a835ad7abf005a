"""Functions that are tasks of a DAG when they are called, and their mapped form."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any, Callable

from dagmesh.authoring.collector import collected_file, current_dag
from dagmesh.authoring.graph.mapping import Expansion, expand_over, expand_over_kwargs
from dagmesh.authoring.source import Place, here
from dagmesh.authoring.tasks.arguments import bind
from dagmesh.authoring.tasks.behaviour import Behaviour, behaviour_names, behaviour_of
from dagmesh.authoring.tasks.node import TaskNode, default_args_of
from dagmesh.authoring.tasks.options import options_of

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
        self._options = checked_options(options, kind)
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

    def doing(self, function: Callable[..., Any]) -> TaskFunction:
        """The same with another function in the place of its own."""
        return TaskFunction(function, self._options, self.kind, self._finish)

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


def checked_options(options: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Refuses bad options where the author writes them, not only where a task is made of them."""
    own = {'task_id', 'dag', *behaviour_names(kind)}
    options_of({name: value for name, value in options.items() if name not in own}, {})
    behaviour_of(kind, options, {})
    return dict(options)


def _place_of(function: Callable[..., Any]) -> Place:
    file = collected_file()
    # A condition or a command wraps the author's function.
    code = getattr(inspect.unwrap(function), '__code__', None)
    is_here = code is not None and code.co_filename == file
    return Place(code.co_filename, code.co_firstlineno) if code and is_here else here(file)

"""How the code of a DAG is called, so that a worker finds it again in the file."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Callable

from dagmesh.authoring.dag import DAG
from dagmesh.authoring.functions import functions_of
from dagmesh.authoring.tasks.node import TaskNode
from dagmesh.authoring.tasks.task_function import TaskFunction


class Names:
    """The handler names of a DAG of `module`, which has the path `relative` in the DAG folder."""

    def __init__(self, dag: DAG, module: ModuleType, relative: str) -> None:
        self._module = module
        self._relative = relative
        self._places = {id(function): place for place, function in functions_of(dag)}

    def of_task(self, node: TaskNode) -> str:
        """A function that the file itself names is called by that name, others by their task.

        The name alone would not do for a task that behaves otherwise than its function by itself.
        """
        function = node.function
        if function is None:
            return node.handler
        name = function.function.__name__
        named = self._named(name)
        is_same = isinstance(named, TaskFunction) and named.function is function.function
        if is_same and named.behaviour == node.behaviour:
            return f'{self._relative}:{name}'
        return f'{self._relative}:{node.dag.dag_id}.{node.task_id}'

    def of_function(self, function: Callable[..., Any]) -> str:
        """Likewise for what is no task; others are called by their place in the DAG."""
        name = getattr(function, '__name__', '')
        is_named = name.isidentifier() and getattr(self._module, name, None) is function
        return f'{self._relative}:{name if is_named else self._places[id(function)]}'

    def _named(self, name: str) -> Any:
        named = getattr(self._module, name, None)
        return named.function if isinstance(named, TaskNode) else named

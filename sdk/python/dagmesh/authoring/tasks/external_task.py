"""Tasks whose code is written in another language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmesh.authoring.collector import current_dag
from dagmesh.authoring.graph.mapping import Expansion, expand_over, expand_over_kwargs
from dagmesh.authoring.tasks.arguments import checked_inputs
from dagmesh.authoring.tasks.node import TaskNode


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

"""The functions of a DAG that are not the code of a task: callbacks, and what changes elements.

Each is known by its place, which is the same whenever the file is executed:
`<dag_id>#on_failure_callback.0`, `<dag_id>.<task_id>#map.1`, `<dag_id>#deadline.0`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

from dagmesh.authoring.alert import Notifier, functions_among
from dagmesh.authoring.dag import DAG


def functions_of(dag: DAG) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The functions by their places."""
    for role, function in functions_among(dag.callbacks):
        yield f'{dag.dag_id}#{role}', function
    for number, deadline in enumerate(dag.deadlines):
        if not isinstance(deadline.callback, Notifier):
            yield f'{dag.dag_id}#deadline.{number}', deadline.callback
    for group in dag.groups.values():
        for number, function in enumerate(group.expansion.functions() if group.expansion else ()):
            yield f'{dag.dag_id}.{group.group_id}#map.{number}', function
    for node in dag.tasks.values():
        for number, function in enumerate(node.expansion.functions() if node.expansion else ()):
            yield f'{dag.dag_id}.{node.task_id}#map.{number}', function
        for role, function in functions_among(node.callbacks):
            yield f'{dag.dag_id}.{node.task_id}#{role}', function

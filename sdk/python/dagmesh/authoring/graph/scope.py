"""`with teardown_task:` puts the tasks made inside between setups and their teardowns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dagmesh.authoring.graph.arrows import connect

if TYPE_CHECKING:
    from dagmesh.authoring.tasks.node import TaskNode


class Scope(NamedTuple):
    """A `with` block: whose it is, and how many tasks there were when it began."""

    node: TaskNode
    tasks_count: int


def enter(node: TaskNode) -> None:
    """The block of a setup or teardown begins."""
    node.dag.scopes.append(Scope(node, len(node.dag.tasks)))


def leave(node: TaskNode) -> None:
    """The block ends: its first tasks wait for the setups, the teardowns wait for its last ones."""
    dag = node.dag
    work = list(dag.tasks.values())[dag.scopes.pop().tasks_count :]
    if node.is_teardown:
        setups, teardowns = [each for each in node.upstream_nodes() if each.is_setup], [node]
    else:
        setups, teardowns = [node], teardowns_of(node)
    waited_for = {task_id for task in work for task_id in task.upstream_task_ids}
    own_ids = {task.task_id for task in work}
    for task in work:
        if not own_ids & set(task.upstream_task_ids):
            for setup in setups:
                connect(setup, task)
        if task.task_id not in waited_for:
            for teardown in teardowns:
                connect(task, teardown)


def teardowns_of(setup: TaskNode) -> list[TaskNode]:
    """The teardowns that clean up after a setup."""
    return [
        node
        for node in setup.dag.tasks.values()
        if node.is_teardown and setup.task_id in node.upstream_task_ids
    ]

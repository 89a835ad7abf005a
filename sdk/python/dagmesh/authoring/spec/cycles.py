"""Tasks that wait for each other are told to the author as the circle they make."""

from __future__ import annotations

from dagmesh.authoring.dag import DAG
from dagmesh.authoring.source import refuse


def refuse_cycles(dag: DAG) -> None:
    """Walks against the arrows; a task met again on the path to it closes a cycle."""
    finished: dict[str, bool] = {}
    for first in dag.tasks:
        path: list[str] = []
        stack = [(first, False)]
        while stack:
            task_id, is_done = stack.pop()
            if is_done:
                finished[task_id] = True
                path.pop()
            elif task_id not in finished:
                finished[task_id] = False
                path.append(task_id)
                stack.append((task_id, True))
                stack.extend((upstream, False) for upstream in dag.tasks[task_id].upstream_task_ids)
            elif not finished[task_id]:
                cycle = [*path[path.index(task_id) :], task_id]
                circle = ' → '.join(reversed(cycle))
                raise refuse(
                    f'the tasks of {dag.dag_id!r} wait for each other: {circle}',
                    dag.tasks[task_id].place,
                )

"""The tasks of a DAG as nodes of its graph, and the arrows between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from dagmesh.authoring.dag import DAG, collected_file, current_dag
from dagmesh.authoring.options import ID_PATTERN, ID_WORDS, options_of
from dagmesh.authoring.source import Place, here, refuse

if TYPE_CHECKING:
    from dagmesh.authoring.task import TaskFunction


class Arrows:
    """`a >> b`, `a << b`, also with lists on either side; each answers what stands on the right."""

    def __rshift__(self, other: Target) -> Target:
        connect([node_of(self)], nodes_of(other))
        return other

    def __lshift__(self, other: Target) -> Target:
        connect(nodes_of(other), [node_of(self)])
        return other

    def __rrshift__(self, other: Target) -> Arrows:
        self.__lshift__(other)
        return self

    def __rlshift__(self, other: Target) -> Arrows:
        self.__rshift__(other)
        return self

    def set_downstream(self, other: Target) -> None:
        """The others wait for this one."""
        self.__rshift__(other)

    def set_upstream(self, other: Target) -> None:
        """This one waits for the others."""
        self.__lshift__(other)


@dataclass(frozen=True)
class XComArg(Arrows):
    """What a task will have pushed under a key; given as an argument, it is also a dependency."""

    node: TaskNode
    key: str


Target = Union[Arrows, Sequence[Arrows]]


class TaskNode(Arrows):
    """A task of a DAG. As an argument of another task it stands for its return value."""

    # Without this, indexing would make Python believe that a task can be looped over, without end.
    __iter__ = None

    def __init__(
        self,
        task_id: str,
        *,
        function: TaskFunction | None = None,
        handler: str = '',
        is_empty: bool = False,
        inputs: Mapping[str, Any] | None = None,
        place: Place | None = None,
        options: Mapping[str, Any] | None = None,
        dag: DAG | None = None,
    ) -> None:
        self.dag = dag or current_dag()
        self.place = place or here(collected_file())
        if not ID_PATTERN.fullmatch(task_id):
            raise refuse(f'{task_id!r} is no task_id: it has {ID_WORDS}')
        self.task_id = task_id
        self.function = function
        self.handler = handler
        self.is_empty = is_empty
        self.options = options_of(options or {}, self.dag.default_args)
        self.inputs: dict[str, Any] = dict(inputs or {})
        # In the author's order, without doubles.
        self.upstream_task_ids: dict[str, None] = {}
        self.dag.add(self)
        for value in self.inputs.values():
            if isinstance(value, (TaskNode, XComArg)):
                connect([node_of(value)], [self])

    @property
    def output(self) -> XComArg:
        """What the task returns."""
        return XComArg(self, '')

    def __getitem__(self, key: str) -> XComArg:
        """What the task pushes under `key`, by xcom_push or with `multiple_outputs=True`."""
        if not isinstance(key, str) or not 1 <= len(key) <= 512:
            raise refuse(f'{key!r} is no XCom key: it is a string of 1–512 characters')
        return XComArg(self, key)

    def __repr__(self) -> str:
        return f'<Task {self.dag.dag_id}.{self.task_id}>'


def node_of(thing: Any) -> TaskNode:
    """The task that something on one side of an arrow stands for."""
    if isinstance(thing, TaskNode):
        return thing
    if isinstance(thing, XComArg):
        return thing.node
    raise refuse(f'{thing!r} is no task: an arrow connects tasks, or lists of tasks')


def nodes_of(things: Any) -> list[TaskNode]:
    """The tasks of one side of an arrow."""
    return [node_of(thing) for thing in (things if isinstance(things, (list, tuple)) else [things])]


def connect(upstreams: Iterable[TaskNode], downstreams: Iterable[TaskNode]) -> None:
    """Each of the one waits for each of the other."""
    downstreams = list(downstreams)
    for upstream in upstreams:
        for downstream in downstreams:
            if upstream.dag is not downstream.dag:
                raise refuse(
                    f'{upstream.task_id!r} is a task of the DAG {upstream.dag.dag_id!r}, and '
                    f'{downstream.task_id!r} one of {downstream.dag.dag_id!r}: arrows stay inside '
                    'a DAG'
                )
            downstream.upstream_task_ids[upstream.task_id] = None


def chain(*steps: Target) -> None:
    """`chain(a, [b, c], d)`: each waits for the one before; two lists are paired one by one."""
    for before, after in zip(steps, steps[1:]):
        lefts, rights = nodes_of(before), nodes_of(after)
        both_lists = isinstance(before, (list, tuple)) and isinstance(after, (list, tuple))
        if not both_lists:
            connect(lefts, rights)
        elif len(lefts) == len(rights):
            for left, right in zip(lefts, rights):
                connect([left], [right])
        else:
            raise refuse(f'chain cannot pair {len(lefts)} tasks with {len(rights)}')


def cross_downstream(upstreams: Sequence[Arrows], downstreams: Sequence[Arrows]) -> None:
    """Each of `downstreams` waits for each of `upstreams`."""
    connect(nodes_of(upstreams), nodes_of(downstreams))

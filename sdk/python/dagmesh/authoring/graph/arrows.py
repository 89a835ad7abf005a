"""The arrows of a DAG: `>>`, `<<`, `chain` and their like, over tasks, groups, lists and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Union

from dagmesh.authoring.checks import require_text
from dagmesh.authoring.source import refuse

if TYPE_CHECKING:
    from dagmesh.authoring.tasks.node import TaskNode


class Arrows:
    """`a >> b`, `a << b`, also with lists on either side; each answers what stands on the right."""

    def heads(self) -> list[TaskNode]:
        """The tasks that an arrow to this reaches."""
        raise NotImplementedError

    def tails(self) -> list[TaskNode]:
        """The tasks that an arrow from this leaves."""
        raise NotImplementedError

    def __rshift__(self, other: Target) -> Target:
        link(self, other)
        return other

    def __lshift__(self, other: Target) -> Target:
        link(other, self)
        return other

    def __rrshift__(self, other: Target) -> Arrows:
        link(other, self)
        return self

    def __rlshift__(self, other: Target) -> Arrows:
        link(self, other)
        return self

    def set_downstream(self, other: Target) -> None:
        """The others wait for this one."""
        link(self, other)

    def set_upstream(self, other: Target) -> None:
        """This one waits for the others."""
        link(other, self)


Target = Union[Arrows, Sequence[Arrows]]


class Label(Arrows):
    """Words on arrows: `a >> Label('big enough') >> b`."""

    def __init__(self, label: str) -> None:
        require_text('label', label, 250, least=1)
        self.label = label
        self._before: list[TaskNode] = []
        self._after: list[TaskNode] = []

    def follow(self, upstream: Arrows) -> None:
        """An arrow leads here."""
        self._before.extend(upstream.tails())
        self._draw()

    def lead(self, downstream: Arrows) -> None:
        """An arrow goes on from here."""
        self._after.extend(downstream.heads())
        self._draw()

    def __repr__(self) -> str:
        return f'Label({self.label!r})'

    def _draw(self) -> None:
        for before in self._before:
            for after in self._after:
                connect(before, after)
                before.dag.edge_labels[before.task_id, after.task_id] = self.label


def link(upstreams: Target, downstreams: Target) -> None:
    """Each of the one waits for each of the other."""
    befores, afters = list(_each(upstreams)), list(_each(downstreams))
    for before in befores:
        for after in afters:
            if isinstance(before, Label) and isinstance(after, Label):
                raise refuse('between two labels there must be a task')
            if isinstance(after, Label):
                after.follow(before)
            elif isinstance(before, Label):
                before.lead(after)
            else:
                for upstream in before.tails():
                    for downstream in after.heads():
                        connect(upstream, downstream)


def connect(upstream: TaskNode, downstream: TaskNode) -> None:
    """The one task waits for the other."""
    if upstream.dag is not downstream.dag:
        raise refuse(
            f'{upstream.task_id!r} is a task of the DAG {upstream.dag.dag_id!r}, and '
            f'{downstream.task_id!r} one of {downstream.dag.dag_id!r}: arrows stay inside a DAG'
        )
    downstream.upstream_task_ids[upstream.task_id] = None


def chain(*steps: Target) -> None:
    """`chain(a, [b, c], d)`: each waits for the one before; two lists are paired one by one."""
    for before, after in zip(steps, steps[1:]):
        if not isinstance(before, (list, tuple)) or not isinstance(after, (list, tuple)):
            link(before, after)
        elif len(before) == len(after):
            for left, right in zip(before, after):
                link(left, right)
        else:
            raise refuse(f'chain cannot pair {len(before)} tasks with {len(after)}')


def chain_linear(*steps: Target) -> None:
    """`chain_linear(a, [b, c], [d, e])`: each of a step waits for each of the step before."""
    if len(steps) < 2:
        raise refuse('chain_linear needs two steps or more')
    for before, after in zip(steps, steps[1:]):
        link(before, after)


def cross_downstream(upstreams: Sequence[Arrows], downstreams: Sequence[Arrows]) -> None:
    """Each of `downstreams` waits for each of `upstreams`."""
    link(upstreams, downstreams)


def _each(things: Any) -> Iterator[Arrows]:
    for thing in things if isinstance(things, (list, tuple)) else [things]:
        if isinstance(thing, (list, tuple)):
            yield from _each(thing)
        elif isinstance(thing, Arrows):
            yield thing
        else:
            raise refuse(f'{thing!r} is no task: an arrow connects tasks, groups, or lists of them')

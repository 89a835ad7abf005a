"""What tasks will have made, before it exists: to be given to other tasks, or mapped over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from dagmesh.authoring.checks import json_of
from dagmesh.authoring.graph.arrows import Arrows
from dagmesh.authoring.source import refuse
from dagmesh.authoring.wire import Wire

if TYPE_CHECKING:
    from dagmesh.authoring.tasks.node import TaskNode

_UNSET: Any = object()

# Answers the handler name of a function.
Naming = Callable[[Callable[..., Any]], str]


class Source:
    """Elements to map over."""

    def wire(self, naming: Naming) -> Wire:
        """The MappingSource."""
        raise NotImplementedError

    def nodes(self) -> Iterator[TaskNode]:
        """The tasks whose output it needs."""
        yield from ()

    def functions(self) -> Iterator[Callable[..., Any]]:
        """The functions that change its elements, in the order of writing."""
        yield from ()


class Output(Source, Arrows):
    """An output of a task, or what is made of outputs element by element."""

    def heads(self) -> list[TaskNode]:
        """The tasks that make it."""
        return list(self.nodes())

    def tails(self) -> list[TaskNode]:
        """The tasks that make it."""
        return list(self.nodes())

    def map(self, function: Callable[[Any], Any]) -> Output:
        """Its elements changed by a function, on the worker; SkipTask in it skips the instance."""
        if not callable(function):
            raise refuse(f'{function!r} is no function: map takes one, e.g. a lambda')
        return MapOutput(_source(self), getattr(function, 'function', function))

    def zip(self, *others: Any, fillvalue: Any = _UNSET) -> Output:
        """Lists side by side: each element is a list of elements.

        The shortest list counts, or with a `fillvalue` the longest.
        """
        fill = '' if fillvalue is _UNSET else json_of('fillvalue', fillvalue)
        return ZipOutput([_source(self), *map(source_of, others)], fill)

    def concat(self, *others: Any) -> Output:
        """Lists one after the other."""
        return ConcatOutput([_source(self), *map(source_of, others)])


@dataclass(frozen=True)
class XComArg(Output):
    """What a task will have pushed under a key; given as an argument, it is also a dependency."""

    node: TaskNode
    key: str = ''

    def wire(self, naming: Naming) -> Wire:
        """The MappingSource."""
        return {'task_id': self.node.task_id}

    def nodes(self) -> Iterator[TaskNode]:
        """The task."""
        yield self.node


@dataclass(frozen=True)
class MapOutput(Output):
    """See Output.map."""

    source: Source
    function: Callable[[Any], Any]

    def wire(self, naming: Naming) -> Wire:
        """The MappingSource."""
        return {'map': {'source': self.source.wire(naming), 'handler': naming(self.function)}}

    def nodes(self) -> Iterator[TaskNode]:
        """The tasks whose output it needs."""
        return self.source.nodes()

    def functions(self) -> Iterator[Callable[..., Any]]:
        """Those of its source, and its own."""
        yield from self.source.functions()
        yield self.function


@dataclass(frozen=True)
class _Joined(Output):
    sources: list[Source]

    def nodes(self) -> Iterator[TaskNode]:
        """The tasks whose output it needs."""
        for source in self.sources:
            yield from source.nodes()

    def functions(self) -> Iterator[Callable[..., Any]]:
        """Those of its sources."""
        for source in self.sources:
            yield from source.functions()


@dataclass(frozen=True)
class ZipOutput(_Joined):
    """See Output.zip."""

    fill_json: str

    def wire(self, naming: Naming) -> Wire:
        """The MappingSource."""
        sources = [source.wire(naming) for source in self.sources]
        return {'zip': {'sources': sources, 'fill_json': self.fill_json}}


@dataclass(frozen=True)
class ConcatOutput(_Joined):
    """See Output.concat."""

    def wire(self, naming: Naming) -> Wire:
        """The MappingSource."""
        return {'concat': {'sources': [source.wire(naming) for source in self.sources]}}


@dataclass(frozen=True)
class Literal(Source):
    """A list or dict that the author wrote down."""

    value: Any

    def wire(self, naming: Naming) -> Wire:
        """The MappingSource."""
        return {'value_json': json.dumps(self.value, ensure_ascii=False)}


@dataclass(frozen=True)
class GroupArgument:
    """An argument of a mapped group: another value for each instance of the group."""

    group_id: str
    name: str


def source_of(value: Any) -> Source:
    """What an author maps over; refused when nobody can."""
    if isinstance(value, Output):
        return _source(value)
    if isinstance(value, GroupArgument):
        raise refuse(f'{value.name!r} is an argument of a mapped group: it cannot be mapped again')
    if not isinstance(value, (list, tuple, dict)):
        kind = type(value).__name__
        raise refuse(
            f'{value!r} cannot be mapped over: it is a {kind}, and only a list, a dict or the '
            'output of a task can be'
        )
    elements = value.values() if isinstance(value, dict) else value
    if any(isinstance(element, Output) for element in elements):
        raise refuse('a list with outputs of tasks cannot be mapped over: use a.concat(b)')
    json_of('what is mapped over', value)
    return Literal(value)


def _source(output: Output) -> Source:
    """A task stands for what it returns; what it pushes under keys cannot be mapped over."""
    output = getattr(output, 'output', output)
    if isinstance(output, XComArg) and output.key:
        raise refuse(
            f'{output.key!r} of {output.node.task_id!r} cannot be mapped over: only what a task '
            'returns can be'
        )
    return output

"""Dynamic mapping: as many instances of a task or group as there is data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from dagmesh.authoring.graph.outputs import Literal, Naming, Source, source_of
from dagmesh.authoring.source import refuse
from dagmesh.authoring.wire import Wire

if TYPE_CHECKING:
    from dagmesh.authoring.tasks.node import TaskNode


@dataclass(frozen=True)
class Expansion:
    """What a task or group is mapped over: arguments by name, or keyword arguments."""

    arguments: Mapping[str, Source]
    kwargs: Source | None = None

    def names(self) -> Collection[str] | None:
        """The arguments it gives; None when that is known only once the run has come to it."""
        if self.kwargs is None:
            return list(self.arguments)
        if isinstance(self.kwargs, Literal):
            return list(dict.fromkeys(name for element in self.kwargs.value for name in element))
        return None

    def nodes(self) -> Iterator[TaskNode]:
        """The tasks whose output it needs."""
        for source in self._sources():
            yield from source.nodes()

    def functions(self) -> Iterator[Callable[..., Any]]:
        """The functions that change its elements, in the order of writing."""
        for source in self._sources():
            yield from source.functions()

    def wire(self, naming: Naming) -> Wire:
        """The MappingSpec."""
        if self.kwargs is not None:
            return {'kwargs': self.kwargs.wire(naming)}
        arguments = [
            {'name': name, 'source': source.wire(naming)} for name, source in self.arguments.items()
        ]
        return {'product': {'arguments': arguments}}

    def _sources(self) -> list[Source]:
        return [*self.arguments.values(), *([self.kwargs] if self.kwargs is not None else [])]


def expand_over(given: Mapping[str, Any], partial: Mapping[str, Any], what: str) -> Expansion:
    """`expand(x=[…], y=…)`: one instance for each combination; the first varies slowest."""
    if not given:
        raise refuse(f'{what}.expand() needs an argument to map over')
    _refuse_twice(given, partial, what)
    return Expansion({name: source_of(value) for name, value in given.items()})


def expand_over_kwargs(elements: Any, partial: Mapping[str, Any], what: str) -> Expansion:
    """`expand_kwargs([{…}, …])`: one instance for each element, a dict of its arguments."""
    source = source_of(elements)
    if isinstance(source, Literal):
        is_list = isinstance(source.value, (list, tuple))
        if not is_list or not all(isinstance(each, dict) for each in source.value):
            raise refuse(f'{what}.expand_kwargs() takes a list of dicts, not {elements!r}')
    expansion = Expansion({}, source)
    _refuse_twice(expansion.names() or (), partial, what)
    return expansion


def _refuse_twice(names: Collection[str], partial: Mapping[str, Any], what: str) -> None:
    for name in names:
        if name in partial:
            raise refuse(f'{what} is given {name!r} both by partial and by expand')

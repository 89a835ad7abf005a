"""The DAGs that a file makes while it is executed, and the DAG that is being written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from dagmesh.authoring.source import executing_file, refuse

if TYPE_CHECKING:
    from dagmesh.authoring.dag import DAG, DagFactory


class _Collector(NamedTuple):
    """The file being executed, and what it has made so far."""

    file: str
    dags: list[DAG]
    factories: list[DagFactory]


_collectors: list[_Collector] = []
_entered: list[DAG] = []


@contextmanager
def collect_dags(file: str) -> Iterator[list[DAG]]:
    """Collects the DAGs that `file` makes."""
    collector = _Collector(file, [], [])
    _collectors.append(collector)
    try:
        yield collector.dags
    finally:
        _collectors.remove(collector)
        _entered.clear()
    forgotten = [factory for factory in collector.factories if not factory.is_called]
    if forgotten and not collector.dags:
        name = forgotten[0].function.__name__
        raise refuse(
            f'the function {name!r} is decorated with @dag but never called: add `{name}()`',
            forgotten[0].place,
        )


def collect(dag: DAG) -> None:
    """A DAG was made; one made while another module is imported belongs to that module's file."""
    if not _collectors or executing_file() != _collectors[-1].file:
        return
    for other in _collectors[-1].dags:
        if other.dag_id == dag.dag_id:
            line = other.place.line
            raise refuse(f'this file already has a DAG {dag.dag_id!r} (line {line})')
    _collectors[-1].dags.append(dag)


def collect_factory(factory: DagFactory) -> None:
    """A function was decorated with `@dag`; it should be called."""
    if _collectors and factory.place.file == _collectors[-1].file:
        _collectors[-1].factories.append(factory)


def collected_file() -> str | None:
    """The DAG file being executed, if one is."""
    return _collectors[-1].file if _collectors else None


def enter(dag: DAG) -> None:
    """Tasks made from now on are of this DAG."""
    _entered.append(dag)


def leave() -> None:
    """They are of the DAG before again."""
    _entered.pop()


def current_dag() -> DAG:
    """The DAG whose `with` block or `@dag` function is being executed."""
    if not _entered:
        raise refuse('there is no DAG here: make tasks inside `with DAG(...)` or a @dag function')
    return _entered[-1]

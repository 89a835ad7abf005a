"""The DAG an author writes, and the collector that finds it while its file is executed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    NamedTuple,
)

from dagmesh.authoring.options import (
    DOC_LENGTH_MAX,
    ID_PATTERN,
    ID_WORDS,
    Span,
    require,
    require_text,
    require_whole,
    seconds_of,
)
from dagmesh.authoring.param import Param, param_of
from dagmesh.authoring.source import Place, executing_file, here, refuse
from dagmesh.authoring.timetable import instant_of, timetable_of

if TYPE_CHECKING:
    from dagmesh.authoring.node import TaskNode


class _Collector(NamedTuple):
    """The file being executed, its path in the DAG folder, and what it has made so far."""

    file: str
    relative: str
    dags: list[DAG]
    factories: list[DagFactory]


_collectors: list[_Collector] = []
_entered: list[DAG] = []


class DAG:
    """A directed acyclic graph of tasks with its schedule and limits.

    `with DAG('id', ...):` adds the tasks made inside. `default_args` holds for each task that does
    not say otherwise; its `start_date`, `end_date` and `owner` hold for the DAG.
    """

    def __init__(
        self,
        dag_id: str,
        *,
        description: str = '',
        schedule: Any = None,
        start_date: str | datetime | None = None,
        end_date: str | datetime | None = None,
        catchup: bool = False,
        max_active_runs: int = 16,
        max_active_tasks: int = 16,
        dagrun_timeout: Span | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        is_paused_upon_creation: bool = False,
        default_args: Mapping[str, Any] | None = None,
        owner: str = '',
        doc_md: str = '',
    ) -> None:
        self.place = here(collected_file())
        self.default_args: dict[str, Any] = dict(default_args or {})
        default = self.default_args.get
        self.dag_id = dag_id
        self.description = description
        self.timetable = timetable_of(schedule)
        self.start_date = instant_of(start_date or default('start_date'), 'start_date')
        self.end_date = instant_of(end_date or default('end_date'), 'end_date')
        self.catchup = catchup
        self.max_active_runs = max_active_runs
        self.max_active_tasks = max_active_tasks
        self.dagrun_timeout = dagrun_timeout
        self.params: dict[str, Param] = {
            name: param_of(value) for name, value in (params or {}).items()
        }
        self.tags = [tags] if isinstance(tags, str) else list(tags)
        self.is_paused_upon_creation = is_paused_upon_creation
        self.owner = owner or str(default('owner', ''))
        self.doc_md = inspect.cleandoc(doc_md)
        self.tasks: dict[str, TaskNode] = {}
        # How often each function was called again.
        self.repeats: dict[str, int] = {}
        self._check()
        self._collect()

    def add(self, node: TaskNode) -> None:
        """Adds a task; refused when another one has its id."""
        if node.task_id in self.tasks:
            line = self.tasks[node.task_id].place.line
            raise refuse(
                f'the DAG {self.dag_id!r} already has a task {node.task_id!r} (line {line})'
            )
        self.tasks[node.task_id] = node

    def __enter__(self) -> DAG:
        _entered.append(self)
        return self

    def __exit__(self, *_error: Any) -> None:
        _entered.pop()

    def __repr__(self) -> str:
        return f'<DAG {self.dag_id}>'

    def _check(self) -> None:
        if not isinstance(self.dag_id, str) or not ID_PATTERN.fullmatch(self.dag_id):
            raise refuse(f'{self.dag_id!r} is no dag_id: it has {ID_WORDS}')
        require_text('description', self.description, 2000)
        require_text('doc_md', self.doc_md, DOC_LENGTH_MAX)
        require_text('owner', self.owner, 250)
        require_whole('max_active_runs', self.max_active_runs, 1)
        require_whole('max_active_tasks', self.max_active_tasks, 1)
        if self.dagrun_timeout is not None:
            seconds_of(self.dagrun_timeout, 'dagrun_timeout')
        for name in ('catchup', 'is_paused_upon_creation'):
            value = getattr(self, name)
            require(isinstance(value, bool), name, value, 'True or False')
        require(len(self.tags) <= 100, 'tags', self.tags, 'at most 100 of them')
        for tag in self.tags:
            require_text('tag', tag, 100)

    def _collect(self) -> None:
        # A DAG made while another module is imported belongs to that module's file.
        if not _collectors or executing_file() != _collectors[-1].file:
            return
        for other in _collectors[-1].dags:
            if other.dag_id == self.dag_id:
                line = other.place.line
                raise refuse(f'this file already has a DAG {self.dag_id!r} (line {line})')
        _collectors[-1].dags.append(self)


class DagFactory:
    """A function decorated with `@dag`; calling it makes the DAG."""

    def __init__(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.place = Place(function.__code__.co_filename, function.__code__.co_firstlineno)
        self.is_called = False
        self._arguments = dict(arguments)
        if _collectors and self.place.file == _collectors[-1].file:
            _collectors[-1].factories.append(self)

    def __call__(self, *args: Any, **kwargs: Any) -> DAG:
        self.is_called = True
        arguments = {'doc_md': self.function.__doc__ or '', **self._arguments}
        with DAG(arguments.pop('dag_id', self.function.__name__), **arguments) as made:
            self.function(*args, **kwargs)
        return made


def dag(dag_id: str | Callable[..., Any] | None = None, **arguments: Any) -> Any:
    """Makes a function that declares tasks into one that makes a DAG.

    Its name is the dag_id, its docstring doc_md. As in Airflow, the decorated function must be
    called: `@dag(schedule='@daily')`, `def my_dag(): ...`, and then `my_dag()`.
    """
    if callable(dag_id):
        return DagFactory(dag_id, {})
    if dag_id is not None:
        arguments['dag_id'] = dag_id
    return lambda function: DagFactory(function, arguments)


def current_dag() -> DAG:
    """The DAG whose `with` block or `@dag` function is being executed."""
    if not _entered:
        raise refuse('there is no DAG here: make tasks inside `with DAG(...)` or a @dag function')
    return _entered[-1]


def collected_file() -> str | None:
    """The DAG file being executed, if one is."""
    return _collectors[-1].file if _collectors else None


@contextmanager
def collect_dags(file: str, relative: str) -> Iterator[list[DAG]]:
    """Collects the DAGs that `file` makes; `relative` is its path in the DAG folder."""
    collector = _Collector(file, relative, [], [])
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

"""The DAG an author writes, as a `with` block or a decorated function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Callable

from dagmesh.authoring.alert import callbacks_of, deadlines_of
from dagmesh.authoring.checks import (
    DOC_LENGTH_MAX,
    ID_PATTERN,
    ID_WORDS,
    Span,
    dict_of,
    names_its_options,
    require,
    require_flags,
    require_text,
    require_whole,
    seconds_of,
    texts_of,
)
from dagmesh.authoring.collector import collect, collect_factory, collected_file, enter, leave
from dagmesh.authoring.limits import RUN_TYPES, KeyLimit
from dagmesh.authoring.param import Param, params_of
from dagmesh.authoring.source import Place, here, refuse
from dagmesh.authoring.timetables.schedule import timetable_of
from dagmesh.authoring.wire import instant_of

if TYPE_CHECKING:
    from dagmesh.authoring.graph.scope import Scope
    from dagmesh.authoring.graph.task_group import TaskGroup
    from dagmesh.authoring.tasks.node import TaskNode


class DAG:
    """A directed acyclic graph of tasks with its schedule and limits.

    `with DAG('id', ...):` adds the tasks made inside. `default_args` holds for each task that does
    not say otherwise; its `start_date`, `end_date` and `owner` hold for the DAG.
    """

    @names_its_options('a DAG')
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
        max_consecutive_failed_dag_runs: int = 0,
        dagrun_timeout: Span | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        is_paused_upon_creation: bool = False,
        default_args: Mapping[str, Any] | None = None,
        owner: str = '',
        doc_md: str = '',
        fail_fast: bool = False,
        allowed_run_types: str | Sequence[str] = (),
        on_success_callback: Any = None,
        on_failure_callback: Any = None,
        sla_miss_callback: Any = None,
        deadline: Any = None,
        key_limits: Mapping[str, KeyLimit] | None = None,
        fair_share_weight: float = 1.0,
        disable_bundle_versioning: bool = False,
    ) -> None:
        self.place = here(collected_file())
        self.default_args = dict_of('default_args', default_args)
        default = self.default_args.get
        self.dag_id, self.description = dag_id, description
        self.timetable = timetable_of(schedule)
        self.start_date = instant_of(start_date or default('start_date'), 'start_date')
        self.end_date = instant_of(end_date or default('end_date'), 'end_date')
        self.catchup, self.fail_fast = catchup, fail_fast
        self.max_active_runs, self.max_active_tasks = max_active_runs, max_active_tasks
        self.max_consecutive_failed_dag_runs = max_consecutive_failed_dag_runs
        self.dagrun_timeout = dagrun_timeout
        self.params: dict[str, Param] = params_of(dict_of('params', params))
        self.tags = texts_of('tags', tags, 100, 100)
        self.is_paused_upon_creation = is_paused_upon_creation
        self.owner = owner or str(default('owner', ''))
        self.doc_md = inspect.cleandoc(doc_md) if isinstance(doc_md, str) else doc_md
        self.allowed_run_types = texts_of('allowed_run_types', allowed_run_types, 10)
        self.deadlines = deadlines_of(deadline)
        self.key_limits = dict_of('key_limits', key_limits)
        self.fair_share_weight = fair_share_weight
        self.disable_bundle_versioning = disable_bundle_versioning
        told = {'on_success_callback': on_success_callback, 'sla_miss_callback': sla_miss_callback}
        self.callbacks = callbacks_of({**told, 'on_failure_callback': on_failure_callback})
        self.tasks: dict[str, TaskNode] = {}
        self.groups: dict[str, TaskGroup] = {}
        self.edge_labels: dict[tuple[str, str], str] = {}
        # The `with` blocks of groups, setups and teardowns that are open.
        self.group_stack: list[TaskGroup] = []
        self.scopes: list[Scope] = []
        # How often each function was called again.
        self._repeats: dict[str, int] = {}
        self._check()
        collect(self)

    @property
    def current_group(self) -> TaskGroup | None:
        """The group whose `with` block or function is being executed."""
        return self.group_stack[-1] if self.group_stack else None

    def add(self, node: TaskNode) -> None:
        """Adds a task; refused when something else has its id."""
        self._require_free(node.task_id)
        self.tasks[node.task_id] = node

    def add_group(self, group: TaskGroup) -> None:
        """Adds a group; refused when something else has its id."""
        self._require_free(group.group_id)
        self.groups[group.group_id] = group

    def free_id(self, name: str) -> str:
        """As in Airflow, calling a function again makes `name__1`, `name__2`, …"""
        group = self.current_group
        full = group.child_id if group else str
        free = name
        while full(free) in self.tasks or full(free) in self.groups:
            self._repeats[full(name)] = self._repeats.get(full(name), 0) + 1
            free = f'{name}__{self._repeats[full(name)]}'
        return free

    def __enter__(self) -> DAG:
        enter(self)
        return self

    def __exit__(self, *_error: Any) -> None:
        leave()

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
        most = self.max_consecutive_failed_dag_runs
        require_whole('max_consecutive_failed_dag_runs', most, 0, 1000)
        if self.dagrun_timeout is not None:
            seconds_of(self.dagrun_timeout, 'dagrun_timeout')
        flags = ('catchup', 'is_paused_upon_creation', 'fail_fast', 'disable_bundle_versioning')
        require_flags(self, flags)
        for run_type in self.allowed_run_types:
            expected = f'one of {", ".join(RUN_TYPES)}'
            require(run_type in RUN_TYPES, 'allowed_run_types', run_type, expected)
        for limit in self.key_limits.values():
            require(isinstance(limit, KeyLimit), 'key_limits', limit, 'a dict of KeyLimit(...)')
        weight = self.fair_share_weight
        is_weight = isinstance(weight, (int, float)) and 0 < weight <= 1_000_000
        require(is_weight, 'fair_share_weight', weight, 'a number above 0, at most 1,000,000')

    def _require_free(self, name: str) -> None:
        if name in self.tasks:
            line = self.tasks[name].place.line
            raise refuse(f'the DAG {self.dag_id!r} already has a task {name!r} (line {line})')
        if name in self.groups:
            raise refuse(f'the DAG {self.dag_id!r} already has a group {name!r}')


class DagFactory:
    """A function decorated with `@dag`; calling it makes the DAG."""

    def __init__(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.place = Place(function.__code__.co_filename, function.__code__.co_firstlineno)
        self.is_called = False
        self._arguments = dict(arguments)
        collect_factory(self)

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

"""Groups of tasks: `with TaskGroup('load'):`, `@task_group`, and mapped groups."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any, Callable

from dagmesh.authoring.checks import ID_PATTERN, ID_WORDS, require_known, require_text
from dagmesh.authoring.collector import current_dag
from dagmesh.authoring.dag import DAG
from dagmesh.authoring.graph.arrows import Arrows
from dagmesh.authoring.graph.mapping import Expansion, expand_over, expand_over_kwargs
from dagmesh.authoring.graph.outputs import GroupArgument
from dagmesh.authoring.source import refuse
from dagmesh.authoring.tasks.node import TaskNode

_OPTION_NAMES = frozenset(
    ['group_id', 'prefix_group_id', 'default_args', 'tooltip', 'group_display_name']
    # Airflow's colours; the graph has its own.
    + ['ui_color', 'ui_fgcolor', 'add_suffix_on_collision']
)


class TaskGroup(Arrows):
    """A group of tasks; the ids of what is made inside begin with its own.

    An arrow to the group reaches its first tasks, an arrow from it leaves its last ones. Teardowns
    do not count as last ones. `default_args` hold before those of the DAG.
    """

    def __init__(
        self,
        group_id: str,
        *,
        prefix_group_id: bool = True,
        default_args: Mapping[str, Any] | None = None,
        tooltip: str = '',
        group_display_name: str = '',
        dag: DAG | None = None,
        ui_color: str = '',
        ui_fgcolor: str = '',
        add_suffix_on_collision: bool = False,
        expansion: Expansion | None = None,
    ) -> None:
        self.dag = dag or current_dag()
        self.parent = self.dag.current_group
        around = self.parent.default_args if self.parent else {}
        self.default_args: dict[str, Any] = {**around, **(default_args or {})}
        self.prefix_group_id = prefix_group_id
        self.tooltip = tooltip
        self.group_display_name = group_display_name
        self.expansion = expansion
        require_text('tooltip', tooltip, 2000)
        require_text('group_display_name', group_display_name, 250)
        if add_suffix_on_collision:
            group_id = self.dag.free_id(group_id)
        self.group_id = self.parent.child_id(group_id) if self.parent else group_id
        if not ID_PATTERN.fullmatch(self.group_id):
            raise refuse(f'{self.group_id!r} is no group_id: it has {ID_WORDS}')
        self.dag.add_group(self)

    def child_id(self, name: str) -> str:
        """The id of something that is called `name` in this group."""
        return f'{self.group_id}.{name}' if self.prefix_group_id else name

    def tasks(self) -> list[TaskNode]:
        """The tasks in it and in the groups inside of it."""
        return [node for node in self.dag.tasks.values() if self._is_around(node.group)]

    def heads(self) -> list[TaskNode]:
        """Its tasks that wait for no other of them."""
        ids = {node.task_id for node in self._some_tasks()}
        return [node for node in self.tasks() if not ids & set(node.upstream_task_ids)]

    def tails(self) -> list[TaskNode]:
        """Its tasks that no other of them waits for; what only teardowns wait for counts as such,
        but teardowns and their setups do not.
        """
        tasks = self._some_tasks()
        waited_for = {id for node in tasks if not node.is_teardown for id in node.upstream_task_ids}
        cleaned_up = {id for node in tasks if node.is_teardown for id in node.upstream_task_ids}
        return [
            node
            for node in tasks
            if not node.is_teardown
            and node.task_id not in waited_for
            and not (node.is_setup and node.task_id in cleaned_up)
        ]

    def __enter__(self) -> TaskGroup:
        self.dag.group_stack.append(self)
        return self

    def __exit__(self, *_error: Any) -> None:
        self.dag.group_stack.pop()
        for node in self.expansion.nodes() if self.expansion and self.tasks() else ():
            self.set_upstream(node)

    def __repr__(self) -> str:
        return f'<TaskGroup {self.dag.dag_id}.{self.group_id}>'

    def _is_around(self, group: TaskGroup | None) -> bool:
        while group is not None and group is not self:
            group = group.parent
        return group is self

    def _some_tasks(self) -> list[TaskNode]:
        tasks = self.tasks()
        if not tasks:
            raise refuse(f'the group {self.group_id!r} has no tasks yet, so no arrow can meet it')
        return tasks


class GroupFunction:
    """A function decorated with `@task_group`; calling it makes the group.

    It answers what the function returns, or the group when that is None.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        options: Mapping[str, Any],
        partial: Mapping[str, Any] | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self._options = dict(options)
        self._partial = dict(partial or {})
        require_known('a group', options, _OPTION_NAMES)

    def override(self, **options: Any) -> GroupFunction:
        """The same with other options: `load.override(group_id='load_again')()`."""
        return GroupFunction(self.function, {**self._options, **options}, self._partial)

    def partial(self, **arguments: Any) -> GroupFunction:
        """The same with arguments that all instances share."""
        return GroupFunction(self.function, self._options, {**self._partial, **arguments})

    def expand(self, **arguments: Any) -> TaskGroup:
        """A mapped group: an instance for each combination of the arguments' elements."""
        name = self.function.__name__
        return self._mapped(expand_over(arguments, self._partial, name), arguments)

    def expand_kwargs(self, elements: Any) -> TaskGroup:
        """A mapped group: an instance for each element, a dict of the function's arguments."""
        name = self.function.__name__
        expansion = expand_over_kwargs(elements, self._partial, name)
        known = expansion.names()
        if known is None:
            known = [each for each in self._parameters() if each not in self._partial]
        return self._mapped(expansion, known)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self._group(None) as group:
            result = self.function(*args, **{**self._partial, **kwargs})
        return group if result is None else result

    def _mapped(self, expansion: Expansion, names: Any) -> TaskGroup:
        with self._group(expansion) as group:
            given = {name: GroupArgument(group.group_id, name) for name in names}
            try:
                bound = inspect.signature(self.function).bind(**self._partial, **given)
            except TypeError as error:
                raise refuse(f'{self.function.__name__}: {error}') from None
            self.function(*bound.args, **bound.kwargs)
        return group

    def _group(self, expansion: Expansion | None) -> TaskGroup:
        told = inspect.cleandoc(self.function.__doc__ or '').partition('\n')[0][:2000]
        options = {'tooltip': told, 'add_suffix_on_collision': True, **self._options}
        group_id = options.pop('group_id', self.function.__name__)
        return TaskGroup(group_id, expansion=expansion, **options)

    def _parameters(self) -> list[str]:
        return list(inspect.signature(self.function).parameters)


def task_group(group_id: str | Callable[..., Any] | None = None, **options: Any) -> Any:
    """Makes a function that declares tasks into one that makes a group of them."""
    if callable(group_id):
        return GroupFunction(group_id, {})
    if group_id is not None:
        options['group_id'] = group_id
    return lambda function: GroupFunction(function, options)

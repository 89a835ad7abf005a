"""The tasks of a DAG as nodes of its graph."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dagmesh.authoring.alert import Callback, callbacks_of
from dagmesh.authoring.checks import ID_PATTERN, ID_WORDS, require
from dagmesh.authoring.collector import collected_file, current_dag
from dagmesh.authoring.dag import DAG
from dagmesh.authoring.graph import scope
from dagmesh.authoring.graph.arrows import connect
from dagmesh.authoring.graph.outputs import Output, XComArg
from dagmesh.authoring.source import Place, here, refuse
from dagmesh.authoring.tasks.behaviour import PLAIN, Behaviour
from dagmesh.authoring.tasks.options import CALLBACK_NAMES, DAG_DATES, TriggerRule, options_of
from dagmesh.authoring.wire import Wire

if TYPE_CHECKING:
    from dagmesh.authoring.graph.mapping import Expansion
    from dagmesh.authoring.tasks.task_function import TaskFunction

_OWN_RULES = (TriggerRule.ALL_SUCCESS, TriggerRule.ALL_DONE_SETUP_SUCCESS)


class TaskNode(Output):
    """A task of a DAG. As an argument of another task it stands for its return value."""

    # Without this, indexing would make Python believe that a task can be looped over, without end.
    __iter__ = None

    def __init__(
        self,
        task_id: str,
        *,
        function: TaskFunction | None = None,
        handler: str = '',
        built_in: Wire | None = None,
        behaviour: Behaviour = PLAIN,
        inputs: Mapping[str, Any] | None = None,
        expansion: Expansion | None = None,
        place: Place | None = None,
        options: Mapping[str, Any] | None = None,
        dag: DAG | None = None,
    ) -> None:
        said = dict(options or {})
        # As in Airflow, `dag=` may stand for the `with` block.
        self.dag = said.pop('dag', None) or dag or current_dag()
        self.place = place or here(collected_file())
        self.group = self.dag.current_group
        require(isinstance(task_id, str), 'task_id', task_id, 'a text')
        self.task_id = self.group.child_id(task_id) if self.group else task_id
        if not ID_PATTERN.fullmatch(self.task_id):
            raise refuse(f'{self.task_id!r} is no task_id: it has {ID_WORDS}')
        self.function = function
        self.handler = handler
        # Fields of the TaskSpec of a task without code.
        self.built_in: Wire = built_in or {}
        self.behaviour = behaviour
        self.options = options_of(said, default_args_of(self.dag))
        self.inputs: dict[str, Any] = dict(inputs or {})
        self.expansion = expansion
        self.is_setup = False
        self.is_teardown = False
        self.on_failure_fail_dagrun = False
        # In the author's order, without doubles.
        self.upstream_task_ids: dict[str, None] = {}
        self.dag.add(self)
        for value in self.inputs.values():
            if isinstance(value, Output):
                self.set_upstream(value)
        for node in expansion.nodes() if expansion else ():
            connect(node, self)

    @property
    def output(self) -> XComArg:
        """What the task returns."""
        return XComArg(self)

    @functools.cached_property
    def callbacks(self) -> list[Callback]:
        """What is done when it comes to a state."""
        return callbacks_of({name: getattr(self.options, name) for name in CALLBACK_NAMES})

    def nodes(self) -> Iterator[TaskNode]:
        """Itself."""
        yield self

    def as_setup(self) -> TaskNode:
        """Makes it prepare something for the tasks between it and its teardowns."""
        self.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool = False) -> TaskNode:
        """Makes it clean up after its setups, whatever became of the tasks in between."""
        if self.options.trigger_rule not in _OWN_RULES:
            raise refuse(f'the teardown {self.task_id!r} cannot have a trigger_rule of its own')
        self.is_teardown = True
        self.on_failure_fail_dagrun = on_failure_fail_dagrun
        self.options = replace(self.options, trigger_rule=TriggerRule.ALL_DONE_SETUP_SUCCESS)
        for setup in setups if isinstance(setups, (list, tuple)) else [setups]:
            if setup is not None:
                self.set_upstream(setup)
                for node in setup.tails():
                    node.as_setup()
        return self

    def upstream_nodes(self) -> list[TaskNode]:
        """The tasks it waits for."""
        return [self.dag.tasks[task_id] for task_id in self.upstream_task_ids]

    def __enter__(self) -> TaskNode:
        """The tasks made inside stand between setups and teardowns."""
        if not self.is_setup and not self.is_teardown:
            raise refuse(f'{self.task_id!r} is neither a setup nor a teardown: it has no scope')
        scope.enter(self)
        return self

    def __exit__(self, *_error: Any) -> None:
        scope.leave(self)

    def __getitem__(self, key: str) -> XComArg:
        """What the task pushes under `key`, by xcom_push or with `multiple_outputs=True`."""
        if not isinstance(key, str) or not 1 <= len(key) <= 512:
            raise refuse(f'{key!r} is no XCom key: it is a string of 1–512 characters')
        return XComArg(self, key)

    def __repr__(self) -> str:
        return f'<Task {self.dag.dag_id}.{self.task_id}>'


def default_args_of(dag: DAG) -> dict[str, Any]:
    """What holds for a task made now: default_args of the DAG and of the groups around it."""
    common = {name: value for name, value in dag.default_args.items() if name not in DAG_DATES}
    return {**common, **(dag.current_group.default_args if dag.current_group else {})}

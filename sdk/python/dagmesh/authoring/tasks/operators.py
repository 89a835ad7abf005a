"""Airflow's operators whose code comes with the SDK, or is a function of the author."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from dagmesh.authoring.checks import Span, seconds_of, texts_of
from dagmesh.authoring.tasks.node import TaskNode
from dagmesh.authoring.tasks.task_function import PartialTask, TaskFunction
from dagmesh.authoring.tasks.waits import TIMEOUT_DEFAULT_S, wait_for
from dagmesh.authoring.trigger import ExternalTaskTrigger
from dagmesh.running import operators as running


class Operator:
    """`BashOperator(task_id='x', bash_command='…', retries=2)`, also `.partial(…).expand(…)`."""

    def __init__(self, function: Callable[..., Any], kind: str = 'plain') -> None:
        self._function = function
        self._kind = kind
        self._names = set(inspect.signature(function).parameters) - {'ctx'}
        self.__doc__ = function.__doc__

    def __call__(self, task_id: str, **given: Any) -> TaskNode:
        task, arguments = self._split({'task_id': task_id, **given})
        return task(**arguments)

    def partial(self, task_id: str, **given: Any) -> PartialTask:
        """Options, and arguments that all instances of a mapped task share."""
        task, arguments = self._split({'task_id': task_id, **given})
        return task.partial(**arguments)

    def _split(self, given: Mapping[str, Any]) -> tuple[TaskFunction, dict[str, Any]]:
        options = {name: value for name, value in given.items() if name not in self._names}
        arguments = {name: value for name, value in given.items() if name in self._names}
        return TaskFunction(self._function, {'doc_md': '', **options}, self._kind), arguments


BashOperator = Operator(running.run_bash)
TriggerDagRunOperator = Operator(running.trigger_run)


class PythonOperators:
    """`PythonOperator(task_id='x', python_callable=f, op_kwargs={…})`, for one kind of function."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __call__(
        self,
        task_id: str,
        *,
        python_callable: Callable[..., Any],
        op_args: Sequence[Any] = (),
        op_kwargs: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskNode:
        function = TaskFunction(python_callable, {'task_id': task_id, **options}, self._kind)
        return function(*op_args, **(op_kwargs or {}))

    def partial(
        self,
        task_id: str,
        *,
        python_callable: Callable[..., Any],
        op_kwargs: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> PartialOperator:
        """To be mapped over `op_kwargs`: a dict of arguments for each instance."""
        function = TaskFunction(python_callable, {'task_id': task_id, **options}, self._kind)
        return PartialOperator(function.partial(**(op_kwargs or {})))


class PartialOperator:
    """See PythonOperators.partial."""

    def __init__(self, task: PartialTask) -> None:
        self._task = task

    def expand(self, *, op_kwargs: Any) -> TaskNode:
        """A mapped task: an instance for each dict of arguments."""
        return self._task.expand_kwargs(op_kwargs)


PythonOperator = PythonOperators('plain')
BranchPythonOperator = PythonOperators('branch')
ShortCircuitOperator = PythonOperators('short_circuit')
PythonSensor = PythonOperators('sensor')

_OtherDag = Operator(running.wait_for_other_dag, 'sensor')
_STATES = ('allowed_states', 'failed_states', 'skipped_states')


def ExternalTaskSensor(
    task_id: str,
    *,
    external_dag_id: str,
    external_task_id: str = '',
    external_task_ids: Sequence[str] = (),
    external_task_group_id: str = '',
    external_run_id: str = '',
    execution_delta: Span = 0,
    poke_interval: Span | None = None,
    timeout: Span | None = TIMEOUT_DEFAULT_S,
    soft_fail: bool = False,
    **given: Any,
) -> TaskNode:
    """Waits for tasks, a group, or a whole run of another DAG: that of the same logical date, or of
    one that is earlier by `execution_delta`, or the run `external_run_id`.

    Takes `allowed_states`, `failed_states`, `skipped_states` and options of tasks. A known run is
    waited for without code; otherwise a worker first works out which run it is.
    """
    asked: dict[str, Any] = {
        'external_dag_id': external_dag_id,
        'external_task_ids': texts_of(
            'external_task_ids', external_task_ids or external_task_id or (), 1000
        ),
        'external_task_group_id': external_task_group_id,
        **{name: texts_of(name, given.pop(name, ()), 20) for name in _STATES},
    }
    if external_run_id:
        trigger = ExternalTaskTrigger(**asked, run_id=external_run_id, poke_interval=poke_interval)
        return wait_for(task_id, trigger, timeout=timeout, soft_fail=soft_fail, **given)
    asked['execution_delta_s'] = seconds_of(execution_delta, 'execution_delta', least=-1e10)
    for name, span in (('look_every_s', poke_interval), ('wait_timeout_s', timeout)):
        asked[name] = None if span is None else seconds_of(span, name)
    for name in ('mode', 'deferrable'):
        given.pop(name, None)
    return _OtherDag(task_id, **asked, soft_fail=soft_fail, **given)

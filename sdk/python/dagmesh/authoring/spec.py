"""Writes a DAG down as a DagSpec, the one form in which it exists outside its author's code."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from dagmesh.authoring.dag import DAG
from dagmesh.authoring.node import TaskNode, XComArg
from dagmesh.authoring.options import Span, TaskOptions, seconds_of
from dagmesh.authoring.param import REQUIRED
from dagmesh.authoring.source import refuse
from dagmesh.authoring.task import TaskFunction
from dagmesh.authoring.timetable import Delta, Once, zone_name
from dagmesh.gen.dag.v1 import dag_pb2, timetable_pb2


def spec_of(dag: DAG, module: ModuleType, relative: str) -> dag_pb2.DagSpec:
    """The spec of a DAG of `module`, whose file has the path `relative` in the DAG folder.

    AuthoringError when its tasks wait for each other.
    """
    _refuse_cycles(dag)
    spec = dag_pb2.DagSpec(
        dag_id=dag.dag_id,
        description=dag.description,
        doc_md=dag.doc_md,
        timetable=_timetable_of(dag),
        start_date=_timestamp(dag.start_date),
        end_date=_timestamp(dag.end_date),
        catchup=dag.catchup,
        active_runs_max=dag.max_active_runs,
        active_tasks_max=dag.max_active_tasks,
        dagrun_timeout=_duration(dag.dagrun_timeout),
        tags=dag.tags,
        is_paused_upon_creation=dag.is_paused_upon_creation,
        owner=dag.owner,
    )
    for name, param in dag.params.items():
        spec.params.add(
            name=name,
            default_json='' if param.default is REQUIRED else json.dumps(param.default),
            schema_json=json.dumps(param.schema) if param.schema else '',
            description=param.description,
        )
    for node in dag.tasks.values():
        spec.tasks.append(_task_of(node, module, relative))
    return spec


def _task_of(node: TaskNode, module: ModuleType, relative: str) -> dag_pb2.TaskSpec:
    options = node.options
    task = dag_pb2.TaskSpec(
        task_id=node.task_id,
        handler=_handler_of(node, module, relative),
        queue=options.queue,
        upstream_task_ids=list(node.upstream_task_ids),
        trigger_rule=f'TRIGGER_RULE_{_value(options.trigger_rule).upper()}',
        pool=options.pool,
        pool_slots=options.pool_slots,
        priority_weight=options.priority_weight,
        weight_rule=f'WEIGHT_RULE_{_value(options.weight_rule).upper()}',
        retry=_retry_of(options),
        execution_timeout=_duration(options.execution_timeout),
        active_tis_per_dag_max=options.max_active_tis_per_dag or 0,
        active_tis_per_dagrun_max=options.max_active_tis_per_dagrun or 0,
        connections=options.connections,
        doc_md=options.doc_md,
        source_line=node.place.line,
        is_empty=node.is_empty,
    )
    for name, value in node.inputs.items():
        if isinstance(value, TaskNode):
            value = value.output
        if isinstance(value, XComArg):
            task.inputs.add(
                name=name, xcom=dag_pb2.XComRef(task_id=value.node.task_id, key=value.key)
            )
        else:
            task.inputs.add(name=name, value_json=json.dumps(value, ensure_ascii=False))
    return task


def _handler_of(node: TaskNode, module: ModuleType, relative: str) -> str:
    """A function that the file itself names is called by that name, others by their task."""
    function = node.function
    if function is None:
        return node.handler
    name = function.function.__name__
    named = getattr(module, name, None)
    if isinstance(named, TaskNode):
        named = named.function
    is_same = isinstance(named, TaskFunction) and named.function is function.function
    if is_same and named.multiple_outputs == function.multiple_outputs:
        return f'{relative}:{name}'
    return f'{relative}:{node.dag.dag_id}.{node.task_id}'


def _retry_of(options: TaskOptions) -> dag_pb2.RetryPolicy:
    backoff = options.retry_exponential_backoff
    return dag_pb2.RetryPolicy(
        retries=options.retries,
        delay=_duration(options.retry_delay),
        exponential_backoff=2.0 if backoff is True else float(backoff),
        delay_max=_duration(options.max_retry_delay),
    )


def _timetable_of(dag: DAG) -> timetable_pb2.Timetable | None:
    schedule = dag.timetable
    if schedule is None:
        return None
    if isinstance(schedule, Once):
        return timetable_pb2.Timetable(once=timetable_pb2.OnceTimetable())
    if isinstance(schedule, Delta):
        delta = timetable_pb2.DeltaTimetable(delta=_duration(schedule.delta))
        delta.data_interval = schedule.data_interval
        return timetable_pb2.Timetable(delta=delta)
    cron = timetable_pb2.CronTimetable(expression=schedule.expression)
    cron.timezone = schedule.timezone or zone_name(dag.start_date and dag.start_date.tzinfo)
    cron.data_interval = schedule.data_interval
    return timetable_pb2.Timetable(cron=cron)


def _refuse_cycles(dag: DAG) -> None:
    """Walks against the arrows; a task met again on the path to it closes a cycle."""
    finished: dict[str, bool] = {}
    for first in dag.tasks:
        path: list[str] = []
        stack = [(first, False)]
        while stack:
            task_id, is_done = stack.pop()
            if is_done:
                finished[task_id] = True
                path.pop()
            elif task_id not in finished:
                finished[task_id] = False
                path.append(task_id)
                stack.append((task_id, True))
                stack.extend((upstream, False) for upstream in dag.tasks[task_id].upstream_task_ids)
            elif not finished[task_id]:
                cycle = [*path[path.index(task_id) :], task_id]
                circle = ' → '.join(reversed(cycle))
                raise refuse(
                    f'the tasks of {dag.dag_id!r} wait for each other: {circle}',
                    dag.tasks[task_id].place,
                )


def _value(member: Any) -> str:
    return str(getattr(member, 'value', member))


def _timestamp(instant: datetime | None) -> Timestamp | None:
    if instant is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(instant)
    return timestamp


def _duration(span: Span | None) -> Duration | None:
    if span is None:
        return None
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds_of(span, 'span')))
    return duration

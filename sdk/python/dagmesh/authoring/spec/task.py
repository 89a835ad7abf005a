"""The TaskSpec of a task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dagmesh.authoring.asset import ports_of
from dagmesh.authoring.checks import texts_of
from dagmesh.authoring.graph.outputs import GroupArgument, XComArg
from dagmesh.authoring.retry import retry_rules_of
from dagmesh.authoring.spec.callbacks import callback_wire
from dagmesh.authoring.spec.naming import Names
from dagmesh.authoring.tasks.node import TaskNode
from dagmesh.authoring.tasks.options import TaskOptions
from dagmesh.authoring.wire import Wire, duration_text, instant_of, instant_text, without_blanks

# Callbacks of tasks whose code is not in this file: workers of this SDK do them all the same.
CALLBACK_QUEUE = 'python'


def task_wire(node: TaskNode, names: Names) -> Wire:
    """The TaskSpec."""
    options = node.options
    fields = {
        'task_id': node.task_id,
        'handler': names.of_task(node),
        'queue': options.queue,
        'upstream_task_ids': list(node.upstream_task_ids),
        'inputs': [_input_wire(name, value) for name, value in node.inputs.items()],
        'mapping': node.expansion.wire(names.of_function) if node.expansion else None,
        'map_index_template': options.map_index_template,
        'task_group_id': node.group.group_id if node.group else '',
        'is_setup': node.is_setup,
        'is_teardown': node.is_teardown,
        'on_failure_fail_dagrun': node.on_failure_fail_dagrun,
        'drops_result': not node.behaviour.do_xcom_push,
        # Who is over its execution_timeout may be beyond saying that it is skipped.
        'is_soft_fail': node.behaviour.sensor.soft_fail or node.behaviour.sensor.never_fail,
        'callbacks': list(_callbacks_of(node, names)),
        'source_line': node.place.line,
        **_limits_of(options),
        **_past_of(options),
        **_times_of(options),
        **_papers_of(options),
        **node.built_in,
    }
    return {**without_blanks(fields), 'retry': _retry_wire(options)}


def _limits_of(options: TaskOptions) -> Wire:
    return {
        'trigger_rule': f'TRIGGER_RULE_{_value(options.trigger_rule).upper()}',
        'pool': options.pool,
        'pool_slots': options.pool_slots,
        'priority_weight': options.priority_weight,
        'weight_rule': f'WEIGHT_RULE_{_value(options.weight_rule).upper()}',
        'active_tis_per_dag_max': options.max_active_tis_per_dag,
        'active_tis_per_dagrun_max': options.max_active_tis_per_dagrun,
        'limit_keys': texts_of('limit_keys', options.limit_keys, 10),
        'connections': texts_of('connections', options.connections, 100),
    }


def _past_of(options: TaskOptions) -> Wire:
    return {
        'depends_on_past': options.depends_on_past or options.wait_for_downstream,
        'heeds_first_depends_on_past': not options.ignore_first_depends_on_past,
        'wait_for_past_depends_before_skipping': options.wait_for_past_depends_before_skipping,
        'wait_for_downstream': options.wait_for_downstream,
    }


def _times_of(options: TaskOptions) -> Wire:
    spans = {'execution_timeout': options.execution_timeout, 'sla': options.sla}
    instants = {
        name: instant_of(getattr(options, name), name) for name in ('start_date', 'end_date')
    }
    return {
        **{name: duration_text(span) for name, span in spans.items() if span is not None},
        **{name: instant_text(instant) for name, instant in instants.items() if instant},
    }


def _papers_of(options: TaskOptions) -> Wire:
    return {
        'inlets': [port.wire() for port in ports_of('inlets', options.inlets)],
        'outlets': [port.wire() for port in ports_of('outlets', options.outlets)],
        'display_name': options.task_display_name,
        'doc_md': options.doc_md,
    }


def _input_wire(name: str, value: Any) -> Wire:
    if isinstance(value, XComArg):
        return {'name': name, 'xcom': {'task_id': value.node.task_id, 'key': value.key}}
    if isinstance(value, GroupArgument):
        argument = {'group_id': value.group_id, 'name': value.name}
        return {'name': name, 'group_argument': argument}
    return {'name': name, 'value_json': json.dumps(value, ensure_ascii=False)}


def _callbacks_of(node: TaskNode, names: Names) -> Iterator[Wire]:
    queue = node.options.queue if node.function else CALLBACK_QUEUE
    for each in node.callbacks:
        yield callback_wire(each.event, each.action, names, queue)


def _retry_wire(options: TaskOptions) -> Wire:
    backoff = options.retry_exponential_backoff
    fields = {
        'retries': options.retries,
        'exponential_backoff': 2.0 if backoff is True else float(backoff),
        'rules': [rule.wire() for rule in retry_rules_of(options.retry_policy)],
    }
    if options.max_retry_delay is not None:
        fields['delay_max'] = duration_text(options.max_retry_delay)
    return {**without_blanks(fields), 'delay': duration_text(options.retry_delay)}


def _value(member: Any) -> str:
    return str(getattr(member, 'value', member))

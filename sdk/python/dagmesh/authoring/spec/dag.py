"""The DagSpec of a DAG."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import ModuleType

from google.protobuf.json_format import ParseDict

from dagmesh.authoring.asset import AssetExpression, asset_specs, ports_of
from dagmesh.authoring.dag import DAG
from dagmesh.authoring.param import REQUIRED
from dagmesh.authoring.spec.callbacks import callback_wire
from dagmesh.authoring.spec.cycles import refuse_cycles
from dagmesh.authoring.spec.groups import group_wire
from dagmesh.authoring.spec.legality import refuse_illegal
from dagmesh.authoring.spec.naming import Names
from dagmesh.authoring.spec.task import task_wire
from dagmesh.authoring.timetables.timetable import zone_name
from dagmesh.authoring.wire import Wire, duration_text, instant_text, without_blanks
from dagmesh.gen.dag.v1 import dag_pb2

# Which workers do what a DAG wants to be done: those that can read its file.
DAG_QUEUE = 'python'


def spec_of(dag: DAG, module: ModuleType, relative: str) -> dag_pb2.DagSpec:
    """The spec of a DAG of `module`, whose file has the path `relative` in the DAG folder.

    AuthoringError when its tasks wait for each other, or one has a rule that it cannot have.
    """
    refuse_cycles(dag)
    refuse_illegal(dag)
    names = Names(dag, module, relative)
    fields = {
        'dag_id': dag.dag_id,
        'description': dag.description,
        'doc_md': dag.doc_md,
        'catchup': dag.catchup,
        'active_runs_max': dag.max_active_runs,
        'active_tasks_max': dag.max_active_tasks,
        'tags': dag.tags,
        'is_paused_upon_creation': dag.is_paused_upon_creation,
        'owner': dag.owner,
        'fail_fast': dag.fail_fast,
        'consecutive_failed_runs_max': dag.max_consecutive_failed_dag_runs,
        'allowed_run_types': [f'RUN_TYPE_{each.upper()}' for each in dag.allowed_run_types],
        'fair_share_weight': 0 if dag.fair_share_weight == 1 else dag.fair_share_weight,
        'follows_latest_version': dag.disable_bundle_versioning,
        'key_limits': [limit.wire(key) for key, limit in dag.key_limits.items()],
        'params': list(_params_of(dag)),
        'assets': asset_specs(_assets_of(dag)),
        **_times_of(dag),
        **_alerts_of(dag, names),
        'task_groups': [group_wire(group, names) for group in dag.groups.values()],
        'edge_labels': [
            {'upstream_task_id': upstream, 'downstream_task_id': downstream, 'label': label}
            for (upstream, downstream), label in dag.edge_labels.items()
        ],
        'tasks': [task_wire(node, names) for node in dag.tasks.values()],
    }
    return ParseDict(without_blanks(fields), dag_pb2.DagSpec())


def _times_of(dag: DAG) -> Wire:
    zone = zone_name(dag.start_date.tzinfo if dag.start_date else None)
    return {
        'timetable': dag.timetable.wire(zone) if dag.timetable else None,
        'start_date': instant_text(dag.start_date) if dag.start_date else None,
        'end_date': instant_text(dag.end_date) if dag.end_date else None,
        'dagrun_timeout': duration_text(dag.dagrun_timeout) if dag.dagrun_timeout else None,
    }


def _alerts_of(dag: DAG, names: Names) -> Wire:
    return {
        'callbacks': [
            callback_wire(each.event, each.action, names, DAG_QUEUE) for each in dag.callbacks
        ],
        'deadlines': [
            # The mesh ignores the event, but asks for one.
            each.wire(callback_wire('FAILURE', each.callback, names, DAG_QUEUE))
            for each in dag.deadlines
        ],
    }


def _params_of(dag: DAG) -> Iterator[Wire]:
    for name, param in dag.params.items():
        yield {
            'name': name,
            'default_json': '' if param.default is REQUIRED else json.dumps(param.default),
            'schema_json': json.dumps(param.schema) if param.schema else '',
            'description': param.description,
        }


def _assets_of(dag: DAG) -> Iterator[AssetExpression]:
    for node in dag.tasks.values():
        yield from ports_of('inlets', node.options.inlets)
        yield from ports_of('outlets', node.options.outlets)
    if dag.timetable is not None:
        yield from dag.timetable.assets()

"""DagMesh for Python: write DAGs, run their tasks.

Everything an author needs is imported from here; nothing here imports grpc or protobuf, so that
tasks start quickly.
"""

from dagmesh.authoring.dag import DAG, dag
from dagmesh.authoring.node import XComArg, chain, cross_downstream
from dagmesh.authoring.options import TriggerRule, WeightRule
from dagmesh.authoring.param import Param
from dagmesh.authoring.task import EmptyOperator, empty, task
from dagmesh.authoring.timetable import cron, every
from dagmesh.context import Connection, TaskContext, Variable, get_current_context
from dagmesh.errors import (
    AuthoringError,
    FailTask,
    MeshError,
    NotFoundError,
    RetryTask,
    SkipTask,
    TaskCancelled,
)

__version__ = '0.1.0'

__all__ = [
    'DAG',
    'AuthoringError',
    'Connection',
    'EmptyOperator',
    'FailTask',
    'MeshError',
    'NotFoundError',
    'Param',
    'RetryTask',
    'SkipTask',
    'TaskCancelled',
    'TaskContext',
    'TriggerRule',
    'Variable',
    'WeightRule',
    'XComArg',
    'chain',
    'cron',
    'cross_downstream',
    'dag',
    'empty',
    'every',
    'get_current_context',
    'task',
]

"""Settings of the worker: environment variables, each of which a flag may override."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WORKER_ID = re.compile(r'[A-Za-z0-9_.~:+@-]{1,250}')
_QUEUE = re.compile(r'[A-Za-z0-9_-]{1,100}')


@dataclass(frozen=True)
class WorkerConfig:
    """What a worker must know."""

    executor_address: str
    token: str
    dags_folder: str
    queues: list[str]
    slots: int
    worker_id: str
    # A child is replaced after this many tasks, so that what they leak stays bounded.
    tasks_per_child: int
    # Address space of a child in MiB; 0 means no limit.
    child_memory_mb: int
    # How long running tasks may go on after SIGTERM, in seconds; then they are ended.
    drain_grace_s: float


def read_config(
    arguments: Sequence[str], environment: Mapping[str, str] = os.environ
) -> WorkerConfig:
    """Reads flags, then variables, then defaults.

    A bad value ends the program with a message naming it.
    """
    parser = argparse.ArgumentParser(
        prog='python -m dagmesh.worker',
        description='Runs Python tasks for a DagMesh. Each flag can also be given as the variable
        named beside it.', )

    def flag(name: str, variable: str, default: str, why: str) -> None:
        parser.add_argument(
            name, default=environment.get(variable) or default, help=f'{why} [{variable}]'
        )

    flag('--executor', 'DAGMESH_EXECUTOR_ADDRESS', '127.0.0.1:7103', 'host:port of an executor')
    flag('--dags', 'DAGMESH_DAGS_FOLDER', './dags', 'folder with the DAG files')
    flag('--queues', 'DAGMESH_WORKER_QUEUES', 'python', 'queues to serve, separated by commas')
    flag('--slots', 'DAGMESH_WORKER_SLOTS', '4', 'tasks at once, 1–10000')
    flag('--id', 'DAGMESH_WORKER_ID', _new_worker_id(), 'name of this worker, unique in the mesh')
    flag(
        '--tasks-per-child',
        'DAGMESH_WORKER_TASKS_PER_CHILD',
        '500',
        'tasks after which a child is replaced',
    )
    flag(
        '--child-memory-mb',
        'DAGMESH_WORKER_CHILD_MEMORY_MB',
        '0',
        'memory of a child in MiB; 0 means no limit',
    )
    flag(
        '--drain-grace-ms',
        'DAGMESH_WORKER_DRAIN_GRACE_MS',
        '15000',
        'time for running tasks after SIGTERM',
    )
    given = parser.parse_args(arguments)

    # A token among the flags would stand in every process list.
    token = environment.get('DAGMESH_WORKER_TOKEN', '')
    if not token:
        parser.error('set DAGMESH_WORKER_TOKEN to the token of a worker')
    if not os.path.isdir(given.dags):
        parser.error(f'the DAG folder {given.dags!r} is no folder: set DAGMESH_DAGS_FOLDER')
    if not _WORKER_ID.fullmatch(given.id):
        parser.error(f'the worker id {given.id!r} is not 1–250 characters of A-Za-z0-9_.~:+@-')
    queues = [queue.strip() for queue in given.queues.split(',') if queue.strip()]
    if not queues or len(queues) > 100 or not all(_QUEUE.fullmatch(queue) for queue in queues):
        parser.error(
            f'the queues {given.queues!r} are not 1–100 names of A-Za-z0-9_- separated by commas'
        )

    def whole(name: str, text: str, least: int, most: int) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            parser.error(f'{name} is {text!r}, but must be a whole number from {least} to {most}')
        return int(text)

    return WorkerConfig(
        executor_address=given.executor,
        token=token,
        dags_folder=os.path.abspath(given.dags),
        queues=queues,
        slots=whole('--slots', given.slots, 1, 10_000),
        worker_id=given.id,
        tasks_per_child=whole('--tasks-per-child', given.tasks_per_child, 1, 1_000_000),
        child_memory_mb=whole('--child-memory-mb', given.child_memory_mb, 0, 1_000_000_000),
        drain_grace_s=whole('--drain-grace-ms', given.drain_grace_ms, 0, 86_400_000) / 1000,
    )


def _new_worker_id() -> str:
    host = re.sub(r'[^A-Za-z0-9_.-]', '-', socket.gethostname())[:200] or 'host'
    return f'python-{host}-{secrets.token_hex(4)}'

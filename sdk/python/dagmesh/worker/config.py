"""Settings of the worker: environment variables, each of which a flag may override."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import socket
from dataclasses import dataclass
from typing import List, Mapping, Sequence

_WORKER_ID = re.compile(r'[A-Za-z0-9_.~:+@-]{1,250}')
_QUEUE = re.compile(r'[A-Za-z0-9_-]{1,100}')


@dataclass(frozen=True)
class WorkerConfig:
    """What a worker must know."""

    executor_address: str
    token: str
    dags_folder: str
    queues: List[str]
    slots: int
    worker_id: str
    # A child is replaced after this many attempts, so that what tasks leak stays bounded.
    attempts_per_child_max: int
    # Address space of a child in MiB; 0 means no limit.
    memory_mb_max: int
    # How long running tasks may go on after SIGTERM, in seconds; then they are cancelled.
    drain_timeout_s: float


def read_config(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> WorkerConfig:
    """Reads flags, then variables, then defaults. A bad value ends the program with a message naming it."""
    parser = argparse.ArgumentParser(
        prog='python -m dagmesh.worker',
        description='Runs Python tasks for a DagMesh. Each flag can also be given as the variable named beside it.',
    )

    def flag(name: str, variable: str, default: str, why: str) -> None:
        parser.add_argument(name, default=environment.get(variable) or default, help=f'{why} [{variable}]')

    flag('--executor', 'DAGMESH_EXECUTOR_ADDRESS', '127.0.0.1:7103', 'host:port of an executor')
    flag('--dags-folder', 'DAGMESH_DAGS_FOLDER', 'dags', 'folder with the DAG files')
    flag('--queues', 'DAGMESH_WORKER_QUEUES', 'python', 'queues to serve, separated by commas')
    flag('--slots', 'DAGMESH_WORKER_SLOTS', '4', 'tasks at once, 1–10000')
    flag('--worker-id', 'DAGMESH_WORKER_ID', _new_worker_id(), 'name of this worker, unique in the mesh')
    flag('--attempts-per-child', 'DAGMESH_WORKER_ATTEMPTS_PER_CHILD', '500', 'attempts before a child is replaced')
    flag('--memory-mb', 'DAGMESH_WORKER_MEMORY_MB', '0', 'memory of one task in MiB, 0 for no limit')
    flag('--drain-seconds', 'DAGMESH_WORKER_DRAIN_SECONDS', '600', 'time for running tasks after SIGTERM')
    given = parser.parse_args(arguments)

    # A token among the flags would stand in every process list.
    token = environment.get('DAGMESH_WORKER_TOKEN', '')
    if not token:
        parser.error('set DAGMESH_WORKER_TOKEN to the token of a worker')
    if not os.path.isdir(given.dags_folder):
        parser.error(f'the DAG folder {given.dags_folder!r} is no folder: set DAGMESH_DAGS_FOLDER')
    if not _WORKER_ID.fullmatch(given.worker_id):
        parser.error(f'the worker id {given.worker_id!r} is not 1–250 characters of A-Za-z0-9_.~:+@-')
    queues = [queue.strip() for queue in given.queues.split(',') if queue.strip()]
    if not queues or len(queues) > 100 or not all(_QUEUE.fullmatch(queue) for queue in queues):
        parser.error(f'the queues {given.queues!r} are not 1–100 names of A-Za-z0-9_- separated by commas')

    def whole(name: str, text: str, least: int, most: int) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            parser.error(f'{name} is {text!r}, but must be a whole number from {least} to {most}')
        return int(text)

    return WorkerConfig(
        executor_address=given.executor,
        token=token,
        dags_folder=os.path.abspath(given.dags_folder),
        queues=queues,
        slots=whole('--slots', given.slots, 1, 10_000),
        worker_id=given.worker_id,
        attempts_per_child_max=whole('--attempts-per-child', given.attempts_per_child, 1, 1_000_000),
        memory_mb_max=whole('--memory-mb', given.memory_mb, 0, 1_000_000_000),
        drain_timeout_s=float(whole('--drain-seconds', given.drain_seconds, 0, 86_400)),
    )


def _new_worker_id() -> str:
    host = re.sub(r'[^A-Za-z0-9_.-]', '-', socket.gethostname())[:200] or 'host'
    return f'python-{host}-{secrets.token_hex(4)}'

"""Settings of the worker: environment variables, each of which a flag may override."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

TOKEN_VARIABLE = 'DAGMESH_WORKER_TOKEN'
_WORKER_ID = re.compile(r'[A-Za-z0-9_.~:+@-]{1,250}')
_QUEUE = re.compile(r'[A-Za-z0-9_-]{1,100}')
_QUEUES_MAX = 100


@dataclass(frozen=True)
class WorkerConfig:
    """What a worker must know."""

    executor_address: str
    token: str
    dags_folder: str
    # Has `<bundle>/<version>/` for DAGs of bundles; empty means that there are none.
    bundles_folder: str
    queues: list[str]
    slots: int
    worker_id: str
    # A child is replaced after this many tasks, so that what they leak stays bounded.
    tasks_per_child: int
    # Address space of a child in MiB; 0 means no limit.
    child_memory_mb: int
    # How long running tasks may go on after SIGTERM; then they are ended.
    drain_grace_s: float


class _Setting(NamedTuple):
    flag: str
    variable: str
    initial: str
    why: str


# There is no flag for the token: an argument can be read by everybody on the machine.
_SETTINGS = [
    _Setting('executor', 'DAGMESH_EXECUTOR_ADDRESS', '127.0.0.1:7103', 'host:port of an executor'),
    _Setting('dags', 'DAGMESH_DAGS_FOLDER', './dags', 'folder with the DAG files'),
    _Setting('bundles', 'DAGMESH_BUNDLES_FOLDER', '', 'folder with the bundles'),
    _Setting('queues', 'DAGMESH_WORKER_QUEUES', 'python', 'queues, separated by commas'),
    _Setting('slots', 'DAGMESH_WORKER_SLOTS', '4', 'tasks that may run at once'),
    _Setting('id', 'DAGMESH_WORKER_ID', '', 'name of this worker; made up by default'),
    _Setting(
        'tasks-per-child',
        'DAGMESH_WORKER_TASKS_PER_CHILD',
        '500',
        'tasks after which a child is replaced',
    ),
    _Setting(
        'child-memory-mb',
        'DAGMESH_WORKER_CHILD_MEMORY_MB',
        '0',
        'address space of a child in MiB; 0 means no limit',
    ),
    _Setting(
        'drain-grace-ms',
        'DAGMESH_WORKER_DRAIN_GRACE_MS',
        '15000',
        'how long running tasks may go on after SIGTERM',
    ),
]


def read_config(
    arguments: Sequence[str], environment: Mapping[str, str] = os.environ
) -> WorkerConfig:
    """Reads flags, then variables, then defaults; a bad value ends the program and is named."""
    parser = argparse.ArgumentParser(
        prog='python -m dagmesh.worker',
        description=f'Runs Python tasks for a DagMesh. {TOKEN_VARIABLE} holds its token.',
    )
    for flag, variable, initial, why in _SETTINGS:
        told = f'{why} [{variable}{f", {initial}" if initial else ""}]'
        parser.add_argument(f'--{flag}', default=environment.get(variable) or initial, help=told)
    given = parser.parse_args(arguments)

    def whole(name: str, least: int, most: int) -> int:
        text = getattr(given, name.replace('-', '_'))
        if not text.isdecimal() or not least <= int(text) <= most:
            parser.error(f'--{name} is {text!r}; it must be a whole number from {least} to {most}')
        return int(text)

    token = environment.get(TOKEN_VARIABLE, '')
    if not token:
        parser.error(f'{TOKEN_VARIABLE} is not set; it holds the token a worker signs in with')
    if not os.path.isdir(given.dags):
        parser.error(f'--dags (DAGMESH_DAGS_FOLDER) is {given.dags!r}, and there is no such folder')
    worker_id = given.id or _new_worker_id()
    if not _WORKER_ID.fullmatch(worker_id):
        parser.error(f'--id is {worker_id!r}; it must be 1–250 characters of A-Za-z0-9_.~:+@-')
    queues = [queue.strip() for queue in given.queues.split(',') if queue.strip()]
    if not 1 <= len(queues) <= _QUEUES_MAX or not all(map(_QUEUE.fullmatch, queues)):
        parser.error(f'--queues is {given.queues!r}; write 1–100 names of A-Za-z0-9_-')
    return WorkerConfig(
        executor_address=given.executor,
        token=token,
        dags_folder=os.path.abspath(given.dags),
        bundles_folder=os.path.abspath(given.bundles) if given.bundles else '',
        queues=queues,
        slots=whole('slots', 1, 10_000),
        worker_id=worker_id,
        tasks_per_child=whole('tasks-per-child', 1, 1_000_000),
        child_memory_mb=whole('child-memory-mb', 0, 1_000_000_000),
        drain_grace_s=whole('drain-grace-ms', 0, 86_400_000) / 1000,
    )


def _new_worker_id() -> str:
    host = re.sub(r'[^A-Za-z0-9_.-]', '-', socket.gethostname())[:200] or 'host'
    return f'python-{host}-{secrets.token_hex(4)}'

"""What the tests of the worker share: a fake mesh, a worker process beside it, a scratch folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from tests.worker.fake_mesh import DEADLINE_S, TOKEN, FakeMesh

SDK = Path(__file__).parents[2]


class WorkerCase(unittest.TestCase):
    """Each test has a mesh of its own; `self.start_worker()` starts the real worker program."""

    mesh: FakeMesh
    scratch: Path
    dags_folder: Path
    worker: subprocess.Popen[bytes] | None

    def setUp(self) -> None:
        prepare(self)

    def tearDown(self) -> None:
        clean_up(self)

    def start_worker(self, *flags: str, **environment: str) -> None:
        start_worker(self, *flags, **environment)

    def run_task(self, name: str, **fields: Any) -> Any:
        """Leases `tasks.py:<name>` to the worker and answers the report."""
        return self.mesh.report_of(self.mesh.lease(f'tasks.py:{name}', **fields))

    def value_of(self, report: Any, key: str = 'return_value') -> Any:
        """A value that the report carries."""
        return json.loads({xcom.key: xcom.value_json for xcom in report.xcoms}[key])

    def log_lines(self, attempt_id: str) -> list[Any]:
        return [json.loads(line) for line in self.mesh.log_of(attempt_id).splitlines()]

    def wait_for_file(self, path: Path) -> str:
        """What a task wrote into a file, once it did."""
        return self.mesh.wait_until(lambda: path.exists() and path.read_text(), f'{path}')

    def wait_until_gone(self, pid: int) -> None:
        self.mesh.wait_until(lambda: not is_alive(pid), f'the end of {pid}')

    def wait_for_exit(self) -> int:
        assert self.worker is not None
        return self.worker.wait(DEADLINE_S)


class SharedWorkerCase(WorkerCase):
    """The tests of a class share one mesh and one worker, for what leaves no trace in either."""

    flags: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls) -> None:
        prepare(cls)
        start_worker(cls, *cls.flags)

    @classmethod
    def tearDownClass(cls) -> None:
        clean_up(cls)

    def setUp(self) -> None:
        pass

    def tearDown(self) -> None:
        pass


def prepare(owner: WorkerCase | type[WorkerCase]) -> None:
    owner.mesh = FakeMesh()
    owner.scratch = Path(tempfile.mkdtemp(prefix='dagmesh-test-'))
    owner.dags_folder = owner.scratch / 'dags'
    shutil.copytree(SDK / 'tests' / 'dags', owner.dags_folder)
    owner.worker = None


def start_worker(owner: WorkerCase | type[WorkerCase], *flags: str, **environment: str) -> None:
    settings = {
        'PYTHONPATH': str(SDK),
        'DAGMESH_EXECUTOR_ADDRESS': f'127.0.0.1:{owner.mesh.port}',
        'DAGMESH_WORKER_TOKEN': TOKEN,
        'DAGMESH_DAGS_FOLDER': str(owner.dags_folder),
        'DAGMESH_WORKER_ID': 'the-worker',
        **environment,
    }
    command = [sys.executable, '-m', 'dagmesh.worker', *flags]
    with open(owner.scratch / 'worker.log', 'ab') as log:
        owner.worker = subprocess.Popen(command, env={**os.environ, **settings}, stderr=log)


def clean_up(owner: WorkerCase | type[WorkerCase]) -> None:
    if owner.worker is not None and owner.worker.poll() is None:
        owner.worker.kill()
        owner.worker.wait()
    owner.mesh.stop()
    shutil.rmtree(owner.scratch)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False

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

from tests.fake_mesh import DEADLINE_S, TOKEN, FakeMesh

SDK = Path(__file__).parent.parent


class WorkerCase(unittest.TestCase):
    """Each test has a mesh; `self.start_worker()` starts the real worker program."""

    def setUp(self) -> None:
        self.mesh = FakeMesh()
        self.scratch = Path(tempfile.mkdtemp(prefix='dagmesh-test-'))
        self.dags_folder = self.scratch / 'dags'
        shutil.copytree(SDK / 'tests' / 'dags', self.dags_folder)
        self.worker: subprocess.Popen[bytes] | None = None

    def tearDown(self) -> None:
        if self.worker is not None and self.worker.poll() is None:
            self.worker.kill()
            self.worker.wait()
        self.mesh.stop()
        shutil.rmtree(self.scratch)

    def start_worker(self, *flags: str, **environment: str) -> subprocess.Popen[bytes]:
        settings = {
            'PYTHONPATH': str(SDK),
            'DAGMESH_EXECUTOR_ADDRESS': f'127.0.0.1:{self.mesh.port}',
            'DAGMESH_WORKER_TOKEN': TOKEN,
            'DAGMESH_DAGS_FOLDER': str(self.dags_folder),
            'DAGMESH_WORKER_ID': 'the-worker',
            **environment,
        }
        with open(self.scratch / 'worker.log', 'ab') as log:
            self.worker = subprocess.Popen(
                [sys.executable, '-m', 'dagmesh.worker', *flags],
                env={**os.environ, **settings},
                stderr=log,
            )
        return self.worker

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


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False

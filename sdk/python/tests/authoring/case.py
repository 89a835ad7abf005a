"""What the tests of authoring share: DAG files in a scratch folder, and the parser's program."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from dagmesh.gen.dag.v1.dag_pb2 import DagSpec

SDK = Path(__file__).parents[2]


class AuthoringCase(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix='dagmesh-test-')).resolve()
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip('\n'))
        return path

    def parse(self, path, folder=None):
        """The answer of the parser's program, on descriptor 3, as the dag-processor calls it."""
        read_end, write_end = os.pipe()
        command = 'exec 3>&%d %d>&-; exec "$0" -m dagmesh.parse "$1" --root "$2"'
        shell = [
            'bash',
            '-c',
            command % (write_end, write_end),
            sys.executable,
            path,
            folder or self.folder,
        ]
        environment = {**os.environ, 'PYTHONPATH': str(SDK)}
        done = subprocess.run(
            shell, env=environment, pass_fds=[write_end], capture_output=True, timeout=30
        )
        os.close(write_end)
        with os.fdopen(read_end, encoding='utf-8') as answer:
            self.printed = done.stdout.decode()
            result = json.loads(answer.read())
        self.assertEqual(done.returncode, 1 if 'error' in result else 0)
        return result

    def specs(self, text, name='file.py'):
        answer = self.parse(self.write(name, text))
        self.assertNotIn('error', answer)
        return {spec.dag_id: spec for spec in map(decode, answer['dags'])}

    def error(self, text):
        return self.parse(self.write('file.py', text))['error']


def decode(content):
    return DagSpec.FromString(base64.b64decode(content))

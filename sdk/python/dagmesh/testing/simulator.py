"""The scheduler's simulator as a child process: it decides, and tells of the attempts to perform.

It comes with the product, not with this package: DAGMESH_SIMULATOR names its main.ts; without that
it is looked for in the repository that this package is part of. It runs on Node: DAGMESH_NODE, or
the `node` of PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

Message = dict[str, Any]

# The protocol this kit speaks; the simulator's main.ts tells it.
PROTOCOL_VERSION = 1
# What the end of the simulator's stderr may say in an error, in characters.
LAST_WORDS_MAX = 4000
# How long the process may take to end once its stdin is closed.
END_TIMEOUT_S = 10.0

_NEAR = 'services/scheduler/simulator/main.ts'


class DagTestError(Exception):
    """A test asked for something that cannot be, e.g. a run of a DAG that there is not.

    `reason` is the mesh's word for it, e.g. `task_not_found`; `failed` where there is none.
    """

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


class Simulator:
    """A running simulator: one line of JSON at a time, either way."""

    def __init__(self) -> None:
        command = [_node(), str(_simulator_file())]
        self._stderr = tempfile.TemporaryFile()
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=_environment(),
            text=True,
            encoding='utf-8',
        )
        # What was read while something else was waited for.
        self._unread: deque[Message] = deque()

    def say(self, message: Message) -> None:
        """Says something; DagTestError when nobody is there to hear it."""
        if self._child.stdin is None or self._child.stdin.closed:
            raise DagTestError('closed', 'the test is closed')
        try:
            self._child.stdin.write(json.dumps(message) + '\n')
            self._child.stdin.flush()
        except OSError:
            raise self._gone() from None

    def hear(self) -> Message:
        """The next thing that is said."""
        return self._unread.popleft() if self._unread else self._read()

    def hear_answer(self, attempt: str, call: int) -> Message:
        """The answer to a call of an attempt; what is said before it is heard later."""
        while True:
            message = self._read()
            if (message.get('attempt'), message.get('call')) == (attempt, call):
                return message
            self._unread.append(message)

    def close(self) -> None:
        """Ends the process; again is fine."""
        if self._child.stdin is None or self._child.stdin.closed:
            return
        self._child.stdin.close()
        try:
            self._child.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()
        self._stderr.close()

    def _read(self) -> Message:
        line = self._child.stdout.readline() if self._child.stdout is not None else ''
        if not line:
            raise self._gone()
        message: Message = json.loads(line)
        return message

    def _gone(self) -> DagTestError:
        code = self._child.wait(END_TIMEOUT_S)
        self._stderr.seek(0)
        last_words = self._stderr.read().decode('utf-8', 'replace')[-LAST_WORDS_MAX:]
        return DagTestError(
            'failed', f'the simulator is gone: it ended with code {code}\n{last_words}'.rstrip()
        )


def _node() -> str:
    named = os.environ.get('DAGMESH_NODE') or shutil.which('node')
    if named and shutil.which(named):
        return named
    raise DagTestError(
        'failed',
        'the simulator runs on Node 24, and there is none: '
        + (f'DAGMESH_NODE names {named}' if named else 'install it, or set DAGMESH_NODE'),
    )


def _simulator_file() -> Path:
    named = os.environ.get('DAGMESH_SIMULATOR')
    file = Path(named) if named else Path(__file__).resolve().parents[4] / _NEAR
    if file.is_file():
        return file
    raise DagTestError(
        'failed',
        f'there is no simulator at {file}; set DAGMESH_SIMULATOR to the simulator/main.ts of the '
        'scheduler that your DAGs run on',
    )


def _environment() -> dict[str, str]:
    cache = str(Path.home() / '.cache' / 'dagmesh' / 'compiled')
    return {'NODE_COMPILE_CACHE': cache, **os.environ}

"""The scheduler's simulator as a child process: it decides, and tells of the attempts to perform.

It comes with the product, not with this package: DAGMESH_SIMULATOR names its main.ts; without that
it is looked for in the repository that this package is part of.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

from dagmesh.testing.errors import DagTestError, bad_request
from dagmesh.testing.node import node

Message = dict[str, Any]

# The protocol this kit speaks; the simulator's main.ts tells it.
PROTOCOL_VERSION = 1
# What the end of the simulator's stderr may say in an error, in characters.
LAST_WORDS_MAX = 4000
# How long the process may take to end once its stdin is closed.
END_TIMEOUT_S = 10.0
# How long it may think before it says something; a year of a large DAG takes seconds.
SILENCE_MAX_S = 120.0
READ_SIZE = 256 * 1024

_NEAR = 'services/scheduler/simulator/main.ts'


class Simulator:
    """A running simulator: one line of JSON at a time, either way."""

    def __init__(self) -> None:
        command = [node(), str(_simulator_file())]
        self._stderr = tempfile.TemporaryFile()
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=_environment(),
            bufsize=0,
        )
        assert self._child.stdin is not None and self._child.stdout is not None
        self._stdin, self._stdout = self._child.stdin, self._child.stdout
        os.set_blocking(self._stdin.fileno(), False)
        self._buffer = bytearray()
        # What was heard while something else was waited for, or said.
        self._heard: deque[Message] = deque()

    def say(self, message: Message) -> None:
        """Says something; DagTestError when it has no JSON form, or nobody is there to hear it."""
        if self._stdin.closed:
            raise DagTestError('closed', 'the test is closed')
        try:
            unsent = memoryview(json.dumps(message, allow_nan=False).encode() + b'\n')
        except (TypeError, ValueError) as error:
            raise bad_request(f'what the test gives must have a JSON form: {error}') from None
        while unsent:
            # Both ways at once: a simulator that is itself saying much would never listen.
            readable, writable = self._ready([self._stdout], [self._stdin])
            if readable:
                self._read()
            if writable:
                try:
                    unsent = unsent[os.write(self._stdin.fileno(), unsent) :]
                except OSError:
                    raise self._gone() from None

    def hear(self) -> Message:
        """The next thing that is said."""
        while not self._heard:
            self._ready([self._stdout], [])
            self._read()
        return self._heard.popleft()

    def hear_answer(self, attempt: str, call: int) -> Message:
        """The answer to a call of an attempt; what is said before it is heard later."""
        earlier: list[Message] = []
        while True:
            message = self.hear()
            if (message.get('attempt'), message.get('call')) == (attempt, call):
                self._heard.extendleft(reversed(earlier))
                return message
            earlier.append(message)

    def close(self) -> None:
        """Ends the process; again is fine."""
        if self._stdin.closed:
            return
        self._stdin.close()
        try:
            self._child.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._stdout.close()
        self._stderr.close()

    def _ready(self, to_read: list[Any], to_write: list[Any]) -> tuple[list[Any], list[Any]]:
        """Waits for the process; DagTestError when it is silent for too long."""
        readable, writable, _ = select.select(to_read, to_write, [], SILENCE_MAX_S)
        if not readable and not writable:
            raise DagTestError('failed', f'the simulator has been silent for {SILENCE_MAX_S:g} s')
        return readable, writable

    def _read(self) -> None:
        content = os.read(self._stdout.fileno(), READ_SIZE)
        if not content:
            raise self._gone()
        *lines, rest = (self._buffer + content).split(b'\n')
        self._buffer = rest
        self._heard.extend(json.loads(line) for line in lines)

    def _gone(self) -> DagTestError:
        code = self._child.wait(END_TIMEOUT_S)
        self._stderr.seek(0)
        last_words = self._stderr.read().decode('utf-8', 'replace')[-LAST_WORDS_MAX:]
        told = f'the simulator is gone: it ended with code {code}'
        if 'ERR_MODULE_NOT_FOUND' in last_words:
            told += '; it lacks packages, which `npm test` in the repository of DagMesh installs'
        return DagTestError('failed', f'{told}\n{last_words}'.rstrip())


def _simulator_file() -> Path:
    named = os.environ.get('DAGMESH_SIMULATOR')
    file = Path(named) if named else Path(__file__).resolve().parents[4] / _NEAR
    if file.is_file():
        return file
    raise DagTestError(
        'failed',
        f'there is no simulator at {file}. It comes with the repository of DagMesh: install this '
        'package from there with `pip install --editable <repository>/sdk/python`, or set '
        'DAGMESH_SIMULATOR to <repository>/services/scheduler/simulator/main.ts',
    )


def _environment() -> dict[str, str]:
    cache = str(Path.home() / '.cache' / 'dagmesh' / 'compiled')
    return {'NODE_COMPILE_CACHE': cache, **os.environ}

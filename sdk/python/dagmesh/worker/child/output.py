"""What a task prints and logs, as lines that travel to the supervisor in the order of writing."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import time
from typing import Any

from dagmesh.worker.child.frame_socket import FrameSocket

# So much of a line is kept back until its end comes. Masking needs whole lines, but not at any
# price.
PIECE_LENGTH_MAX = 64 * 1024
FRAME_LENGTH_MAX = 256 * 1024
_LEVELS = {'stdout': 'info', 'stderr': 'error'}


class TaskOutput:
    """Sends `[time in epoch seconds, level, stream, message, whether that ends the line]`."""

    def __init__(self, link: FrameSocket) -> None:
        self._link = link
        self._room = 0
        self.streams = [LineStream(self, 'stdout', 1), LineStream(self, 'stderr', 2)]

    def begin(self, log_size_max: int) -> None:
        """A new attempt begins; what it writes beyond the limit never leaves this process."""
        self._room = log_size_max

    def write(self, level: str, stream: str, text: str, *, is_end: bool = True) -> None:
        """Sends the lines of `text`; with `is_end=False` the last one will be continued."""
        if self._room <= 0:
            return
        now = time.time()
        text = text[: self._room]
        self._room -= len(text) + 1
        for start in range(0, len(text) or 1, FRAME_LENGTH_MAX):
            end = start + FRAME_LENGTH_MAX
            *lines, last = text[start:end].split('\n')
            pieces = [[now, level, stream, line, True] for line in lines]
            pieces.append([now, level, stream, last, is_end and end >= len(text)])
            self._link.send({'kind': 'log', 'lines': pieces})

    def end(self) -> None:
        """The attempt is over: sends lines that were begun."""
        for stream in self.streams:
            stream.end_line()


class LineStream(io.TextIOBase):
    """Stands in for sys.stdout or sys.stderr.

    Its descriptor is the real one, so subprocesses can be given it.
    """

    encoding = 'utf-8'
    errors = 'backslashreplace'

    def __init__(self, output: TaskOutput, stream: str, descriptor: int) -> None:
        self._output = output
        self._stream = stream
        self._descriptor = descriptor
        self._begun = ''
        self._lock = threading.RLock()
        self.buffer = open(descriptor, 'wb', buffering=0, closefd=False)

    def write(self, text: str) -> int:
        """Sends whole lines; keeps what comes after the last line's end."""
        with self._lock:
            lines, newline, rest = (self._begun + text).rpartition('\n')
            self._begun = rest
            if newline:
                self._output.write(_LEVELS[self._stream], self._stream, lines)
            if len(rest) > PIECE_LENGTH_MAX:
                self._begun = ''
                self._output.write(_LEVELS[self._stream], self._stream, rest, is_end=False)
        return len(text)

    def end_line(self) -> None:
        """Sends what has no end of line yet."""
        if self._begun:
            self.write('\n')

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The descriptor of the real stream."""
        return self._descriptor

    def reconfigure(self, **_settings: Any) -> None:
        """Accepted, because it exists on the real streams; lines are sent at once anyway."""


class LineHandler(logging.Handler):
    """Sends the records of `logging`."""

    def __init__(self, output: TaskOutput) -> None:
        super().__init__(logging.INFO)
        self._output = output
        self.setFormatter(logging.Formatter('%(message)s'))

    def emit(self, record: logging.LogRecord) -> None:
        """One record becomes one or more lines."""
        try:
            level = 'error' if record.levelno >= logging.ERROR else record.levelname.lower()
            self._output.write(level, 'task', self.format(record))
        except Exception:
            self.handleError(record)


def capture(link: FrameSocket) -> TaskOutput:
    """Takes over print and logging in this process."""
    output = TaskOutput(link)
    sys.stdout, sys.stderr = output.streams
    root = logging.getLogger()
    root.handlers = [LineHandler(output)]
    root.setLevel(logging.INFO)
    os.register_at_fork(after_in_child=_let_go)
    return output


def _let_go() -> None:
    """A process the task forks must not write into this one's link: it has the descriptors."""
    sys.stdout = open(1, 'w', buffering=1, closefd=False, errors='backslashreplace')
    sys.stderr = open(2, 'w', buffering=1, closefd=False, errors='backslashreplace')
    logging.getLogger().handlers = [logging.StreamHandler(sys.stderr)]

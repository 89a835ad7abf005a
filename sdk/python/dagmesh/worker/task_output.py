"""What a task prints and logs, as lines that travel to the supervisor in the order in which they were written."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import time
from typing import Any, Callable, List

from dagmesh.worker.frames import FrameSocket

# A line longer than this is cut into several.
LINE_LENGTH_MAX = 16 * 1024
_LEVELS = {'stdout': 'info', 'stderr': 'error'}


class OutputLines:
    """Sends lines as `[time in epoch seconds, level, stream, message]`, up to the attempt's limit of characters."""

    def __init__(self, link: FrameSocket) -> None:
        self._link = link
        self._room = 0

    def begin(self, log_size_max: int) -> None:
        """A new attempt begins; what it writes beyond the limit never leaves this process."""
        self._room = log_size_max

    def write(self, level: str, stream: str, text: str) -> None:
        """Sends the lines of `text`."""
        if self._room <= 0:
            return
        now = time.time()
        lines: List[List[Any]] = []
        for line in text.split('\n'):
            for start in range(0, max(len(line), 1), LINE_LENGTH_MAX):
                piece = line[start : start + LINE_LENGTH_MAX]
                self._room -= len(piece) + 1
                lines.append([now, level, stream, piece])
            if self._room <= 0:
                break
        self._link.send({'kind': 'log', 'lines': lines})


class LineStream(io.TextIOBase):
    """Stands in for sys.stdout and sys.stderr. Its descriptor is the real one, so subprocesses can be given it."""

    encoding = 'utf-8'
    errors = 'backslashreplace'

    def __init__(self, output: OutputLines, stream: str, descriptor: int) -> None:
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
            if newline:
                self._begun = rest
                self._output.write(_LEVELS[self._stream], self._stream, lines)
            elif len(rest) > LINE_LENGTH_MAX:
                self._begun = ''
                self._output.write(_LEVELS[self._stream], self._stream, rest)
            else:
                self._begun = rest
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


class LineHandler(logging.Handler):
    """Sends the records of `logging`."""

    def __init__(self, output: OutputLines) -> None:
        super().__init__(logging.INFO)
        self._output = output
        self.setFormatter(logging.Formatter('%(message)s'))

    def emit(self, record: logging.LogRecord) -> None:
        """One record becomes one or more lines."""
        try:
            self._output.write(record.levelname.lower(), 'log', self.format(record))
        except Exception:
            self.handleError(record)


def capture(link: FrameSocket) -> tuple[OutputLines, Callable[[], None]]:
    """Takes over print and logging in this process. Answers the lines and how to send unfinished ones."""
    output = OutputLines(link)
    streams = [LineStream(output, 'stdout', 1), LineStream(output, 'stderr', 2)]
    sys.stdout, sys.stderr = streams  # type: ignore[assignment]
    handler = LineHandler(output)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)

    def let_go() -> None:
        # A process the task forks must not write into this one's link: it has the plain descriptors.
        sys.stdout = open(1, 'w', buffering=1, closefd=False, errors='backslashreplace')
        sys.stderr = open(2, 'w', buffering=1, closefd=False, errors='backslashreplace')
        root.handlers = [logging.StreamHandler(sys.stderr)]

    os.register_at_fork(after_in_child=let_go)

    def end_lines() -> None:
        for stream in streams:
            stream.end_line()

    return output, end_lines

"""The log of one attempt: masked lines of JSON, kept here until the mesh has stored them."""

from __future__ import annotations

import codecs
import json
import tempfile
import time
from datetime import datetime, timezone
from typing import Callable

from dagmesh.worker.logs.masking import Masker

# A log stays in memory up to this size, and continues in a file without a name.
MEMORY_SIZE_MAX = 256 * 1024
# A line longer than this becomes several.
LINE_LENGTH_MAX = 16 * 1024
# Room for the line that says that the log is full.
_NOTICE_SIZE = 256
_LEVELS = {'stdout': 'info', 'stderr': 'error'}


class AttemptLog:
    """Takes output in any pieces; gives out bytes by offset, so that anything can be sent again."""

    def __init__(self, size_max: int, masker: Masker) -> None:
        self.size = 0
        # Called whenever the log has grown.
        self.on_news: Callable[[], object] = lambda: None
        # Called when it cannot be kept, e.g. on a full disk: the task goes on without its log.
        self.on_broken: Callable[[OSError], object] = lambda error: None
        self._size_max = size_max
        self._masker = masker
        # Nothing more is taken: the limit is reached, or nobody wants it any more.
        self._is_closed = False
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_SIZE_MAX)
        self._begun: dict[str, str] = {}
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}

    def write_bytes(self, stream: str, content: bytes) -> None:
        """Takes what was written to the real stdout or stderr, past Python."""
        if stream not in self._decoders:
            self._decoders[stream] = codecs.getincrementaldecoder('utf-8')('backslashreplace')
        *lines, rest = self._decoders[stream].decode(content).split('\n')
        level = _LEVELS[stream]
        for line in lines:
            self.write(level, stream, line)
        if rest:
            self.write(level, stream, rest, is_end=False)

    def write(
        self, level: str, stream: str, text: str, *, is_end: bool = True, at: float | None = None
    ) -> None:
        """Takes a line, or with `is_end=False` a piece of one. `at` is in epoch seconds."""
        if self._is_closed:
            return
        # Real output has no level, so a piece continues what its stream began.
        text = self._begun.pop(stream, '') + text
        while len(text) > LINE_LENGTH_MAX + self._masker.longest:
            cut = self._masker.cut_near(text, LINE_LENGTH_MAX)
            self._append(level, stream, text[:cut], at)
            text = text[cut:]
        if is_end:
            self._append(level, stream, text, at)
        elif text:
            self._begun[stream] = text

    def end(self) -> None:
        """Ends lines that were begun; nothing follows."""
        for stream in list(self._begun):
            self.write(_LEVELS.get(stream, 'info'), stream, '')

    def read(self, offset: int, size: int) -> bytes:
        """Whole lines from `offset` on, at most `size` bytes; a longer line comes in pieces."""
        self._file.seek(offset)
        content = self._file.read(min(size, self.size - offset))
        if offset + len(content) < self.size:
            content = content[: content.rfind(b'\n') + 1] or content
        return content

    def close(self) -> None:
        """Forgets the log; what is written from now on is lost."""
        self._is_closed = True
        self._file.close()

    def _append(self, level: str, stream: str, message: str, at: float | None) -> None:
        line = _encode(level, stream, self._masker.mask(message), at)
        if self.size + len(line) + _NOTICE_SIZE > self._size_max:
            self._is_closed = True
            notice = (
                f'the log has reached its limit of {self._size_max:,} bytes; what follows is lost'
            )
            line = _encode('warning', 'worker', notice, None)
        try:
            self._file.seek(self.size)
            self._file.write(line)
        except OSError as error:
            self._is_closed = True
            self.on_broken(error)
            return
        self.size += len(line)
        self.on_news()


def _encode(level: str, stream: str, message: str, at: float | None) -> bytes:
    instant = datetime.fromtimestamp(time.time() if at is None else at, timezone.utc)
    when = instant.isoformat(timespec='milliseconds').replace('+00:00', 'Z')
    line = {'time': when, 'level': level, 'stream': stream, 'message': message}
    return json.dumps(line).encode() + b'\n'

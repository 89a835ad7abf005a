"""Messages between the supervisor and its children: JSON with a length of four bytes before it."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

Frame = dict[str, Any]

# A frame carries at most one lease or one outcome; nothing honest comes near this many bytes.
FRAME_SIZE_MAX = 64 * 1024 * 1024
_LENGTH = struct.Struct('>I')


def encode(frame: Frame) -> bytes:
    """The frame as bytes."""
    body = json.dumps(frame, separators=(',', ':')).encode()
    return _LENGTH.pack(len(body)) + body


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, content: bytes) -> Iterator[Frame]:
        """Yields the frames that `content` completes; ValueError when it makes no sense."""
        self._buffer += content
        while len(self._buffer) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._buffer)
            if size > FRAME_SIZE_MAX:
                raise ValueError(f'a frame of {size} bytes is too large')
            end = _LENGTH.size + size
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield json.loads(body)

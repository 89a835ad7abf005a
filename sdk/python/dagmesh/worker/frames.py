"""Messages between the supervisor and its children: JSON with a length of four bytes before it."""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

from dagmesh.worker.child.interrupt import shielded

Frame = dict[str, Any]

# A frame carries at most one lease or one outcome; nothing honest comes near this many bytes.
FRAME_SIZE_MAX = 64 * 1024 * 1024
READ_SIZE = 256 * 1024
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


class FrameSocket:
    """The blocking end of a link, in zygote and children. Threads and signal handlers may send."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._reader = FrameReader()
        self._received: deque[Frame] = deque()
        self._unsent: deque[bytes] = deque()
        self._is_sending = False
        self._send_lock = threading.RLock()

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._link.fileno()

    def send(self, frame: Frame) -> None:
        """Sends one frame.

        A signal handler that sends while a frame is under way is put behind it, not into it.
        """
        self._require_open()
        content = encode(frame)
        with shielded(), self._send_lock:
            self._unsent.append(content)
            if self._is_sending:
                return
            self._is_sending = True
            try:
                while self._unsent:
                    self._link.sendall(self._unsent.popleft())
            finally:
                self._is_sending = False

    def receive(self) -> Frame | None:
        """Waits for the next frame; None when the other side is gone."""
        self._require_open()
        while not self._received:
            # A cancel may interrupt the wait, but not the taking: the bytes would be lost.
            select.select([self._link], [], [])
            with shielded():
                content = self._link.recv(READ_SIZE)
                self._received.extend(self._reader.feed(content))
            if not content:
                return None
        return self._received.popleft()

    def receive_with_descriptors(self, count_max: int) -> tuple[list[Frame], list[int], bool]:
        """What is there now: frames, descriptors, and whether the other side still is."""
        content, descriptors, _, _ = socket.recv_fds(self._link, READ_SIZE, count_max)
        return list(self._reader.feed(content)), list(descriptors), bool(content)

    def close(self) -> None:
        """Closes this process's end; another process that has it too goes on with it."""
        self._link.close()

    def _require_open(self) -> None:
        if self._link.fileno() < 0:
            raise RuntimeError('this process was forked by a task; only the task reaches the mesh')

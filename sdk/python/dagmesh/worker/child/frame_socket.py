"""The blocking end of a link, in the zygote and in children."""

from __future__ import annotations

import select
import socket
import threading
from collections import deque

from dagmesh.worker.child.interrupt import shielded
from dagmesh.worker.frames import Frame, FrameReader, encode

READ_SIZE = 256 * 1024


class FrameSocket:
    """Sends and receives frames. Threads and signal handlers may send too."""

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

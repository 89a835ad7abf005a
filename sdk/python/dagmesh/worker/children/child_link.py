"""The supervisor's end of one child: frames both ways, and what the child writes past Python."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from typing import Callable

from dagmesh.worker.frames import Frame, FrameReader, encode

READ_SIZE = 64 * 1024
# How many reads at most are spent on output that is still in the pipes when an attempt ends.
DRAIN_READS_MAX = 64


class Child:
    """One process that runs one attempt at a time. `output` names its pipes by descriptor."""

    def __init__(self, pid: int, link: socket.socket, output: dict[int, str]) -> None:
        loop = asyncio.get_running_loop()
        self.pid = pid
        self.tasks_count = 0
        # Resolves to the wait status when the process and all it started are gone.
        self.exited: asyncio.Future[int] = loop.create_future()
        self._loop = loop
        self._link = link
        self._reader = FrameReader()
        self._output = output
        self._unsent = bytearray()
        self.hear_nothing()
        loop.add_reader(link, self._receive)
        for descriptor in output:
            os.set_blocking(descriptor, False)
            loop.add_reader(descriptor, self._read_output, descriptor)

    def hear(
        self, on_frame: Callable[[Frame], None], on_output: Callable[[str, bytes], None]
    ) -> None:
        """From now on, frames and output belong to somebody."""
        self._on_frame = on_frame
        self._on_output = on_output

    def hear_nothing(self) -> None:
        """From now on, what the child says belongs to nobody."""
        self.hear(lambda frame: None, lambda stream, content: None)

    def send(self, frame: Frame) -> None:
        """Sends a frame; what the socket does not take at once follows when it can."""
        if not self._unsent:
            self._loop.add_writer(self._link, self._write)
        self._unsent += encode(frame)
        self._write()

    def drain_output(self) -> None:
        """Reads what the process has written so far."""
        for descriptor in list(self._output):
            for _ in range(DRAIN_READS_MAX):
                if not self._read_output(descriptor):
                    break

    def signal_group(self, number: int) -> None:
        """Signals the process group, unless it is gone."""
        if not self.exited.done():
            with contextlib.suppress(OSError):
                os.killpg(self.pid, number)

    def note_exit(self, status: int) -> None:
        """The process has ended: takes what it said last, and lets go of it."""
        if self.exited.done():
            return
        self._receive()
        self.drain_output()
        self._loop.remove_reader(self._link)
        self._loop.remove_writer(self._link)
        self._link.close()
        for descriptor in self._output:
            self._loop.remove_reader(descriptor)
            os.close(descriptor)
        self._output = {}
        self.exited.set_result(status)

    def _receive(self) -> None:
        try:
            while True:
                content = self._link.recv(READ_SIZE)
                if not content:
                    self._loop.remove_reader(self._link)
                    return
                for frame in self._reader.feed(content):
                    self._on_frame(frame)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            # Task code has written into the link: nothing it says can be believed any more.
            self._loop.remove_reader(self._link)
            self.signal_group(signal.SIGKILL)

    def _write(self) -> None:
        try:
            while self._unsent:
                sent = self._link.send(self._unsent)
                del self._unsent[:sent]
        except BlockingIOError:
            return
        except OSError:
            self._unsent.clear()
        self._loop.remove_writer(self._link)

    def _read_output(self, descriptor: int) -> bool:
        """Reads once; answers whether there may be more."""
        try:
            content = os.read(descriptor, READ_SIZE)
        except BlockingIOError:
            return False
        except OSError:
            content = b''
        if not content:
            self._loop.remove_reader(descriptor)
            return False
        self._on_output(self._output[descriptor], content)
        return True

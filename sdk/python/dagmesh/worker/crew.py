"""The warm children of this worker: takes them from the zygote, lends them out, replaces used ones."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from typing import Callable

from dagmesh.worker import events
from dagmesh.worker.frames import Frame, FrameReader, encode

READ_SIZE = 64 * 1024
# How many reads at most are spent on output that is still in the pipes when an attempt ends.
DRAIN_READS_MAX = 64
SPAWN_TIMEOUT_S = 10.0
# What only the worker itself, or no worker at all, may know: task code starts without them.
SECRET_VARIABLES = frozenset(
    [
        'DAGMESH_WORKER_TOKEN',
        'DAGMESH_CLUSTER_KEY',
        'DAGMESH_SECRET_KEY',
        'DAGMESH_DATABASE_URL',
        'NATS_URL',
    ]
)


class Child:
    """One process that runs one attempt at a time."""

    def __init__(self, pid: int, link: socket.socket, output: dict[int, str]) -> None:
        loop = asyncio.get_running_loop()
        self.pid = pid
        self.tasks_count = 0
        # Resolves to the wait status when the process and all it started are gone.
        self.exited: asyncio.Future[int] = loop.create_future()
        self.on_frame: Callable[[Frame], None] = lambda frame: None
        self.on_output: Callable[[str, bytes], None] = lambda stream, content: None
        self._link = link
        self._reader = FrameReader()
        self._output = output
        self._unsent = bytearray()
        self._loop = loop
        loop.add_reader(link, self._receive)
        for descriptor in output:
            os.set_blocking(descriptor, False)
            loop.add_reader(descriptor, self._read_output, descriptor)

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
        if self.exited.done():
            return
        try:
            os.killpg(self.pid, number)
        except OSError:
            pass

    def note_exit(self, status: int) -> None:
        """The zygote has seen it end."""
        if self.exited.done():
            return
        self._receive()
        self.drain_output()
        self._close()
        self.exited.set_result(status)

    def _receive(self) -> None:
        try:
            while True:
                content = self._link.recv(READ_SIZE)
                if not content:
                    self._loop.remove_reader(self._link)
                    return
                for frame in self._reader.feed(content):
                    self.on_frame(frame)
                if len(content) < READ_SIZE:
                    return
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
        try:
            content = os.read(descriptor, READ_SIZE)
        except BlockingIOError:
            return False
        except OSError:
            content = b''
        if not content:
            self._loop.remove_reader(descriptor)
            return False
        self.on_output(self._output[descriptor], content)
        return True

    def _close(self) -> None:
        self._loop.remove_reader(self._link)
        self._loop.remove_writer(self._link)
        self._link.close()
        for descriptor in self._output:
            self._loop.remove_reader(descriptor)
            os.close(descriptor)
        self._output = {}


class Crew:
    """Lends children to attempts.

    At most as many exist as attempts run, plus idle ones waiting for the next.
    """

    def __init__(self, *, folder: str, child_memory_mb: int, tasks_per_child: int) -> None:
        self._folder = folder
        self._child_memory_mb = child_memory_mb
        self._tasks_per_child = tasks_per_child
        self._children: dict[int, Child] = {}
        self._idle: list[Child] = []
        self._spawn_lock = asyncio.Lock()
        self._spawned: asyncio.Future[int] | None = None
        self._zygote: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    async def take(self) -> Child:
        """An idle child, or a new one."""
        while self._idle:
            child = self._idle.pop()
            if not child.exited.done():
                return child
        return await self._spawn()

    def give_back(self, child: Child, *, is_clean: bool) -> None:
        """The attempt is over.

        A child that is not clean, or has served long enough, is replaced.
        """
        child.tasks_count += 1
        child.on_frame = lambda frame: None
        child.on_output = lambda stream, content: None
        if is_clean and child.tasks_count < self._tasks_per_child and not child.exited.done():
            self._idle.append(child)
        else:
            child.signal_group(signal.SIGKILL)

    async def warm_up(self) -> None:
        """Starts the zygote and a first child, so that the first attempt does not wait for them."""
        self._idle.append(await self._spawn())

    async def stop(self) -> None:
        """Ends every child and the zygote."""
        for child in list(self._children.values()):
            child.signal_group(signal.SIGKILL)
        exits = [child.exited for child in self._children.values()]
        if exits:
            await asyncio.wait(exits, timeout=SPAWN_TIMEOUT_S)
        if self._link is not None:
            self._forget_zygote()
        if self._zygote is not None:
            await asyncio.get_running_loop().run_in_executor(
                None, self._zygote.wait, SPAWN_TIMEOUT_S
            )

    async def _spawn(self) -> Child:
        async with self._spawn_lock:
            if self._link is None:
                self._start_zygote()
            return await asyncio.wait_for(self._ask_for_child(), SPAWN_TIMEOUT_S)

    async def _ask_for_child(self) -> Child:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        pipes: list[tuple[int, int]] = [os.pipe(), os.pipe()]
        passed_on = [theirs.fileno(), pipes[0][1], pipes[1][1]]
        assert self._link is not None
        self._spawned = asyncio.get_running_loop().create_future()
        try:
            socket.send_fds(self._link, [encode({'kind': 'spawn'})], passed_on)
            pid = await self._spawned
        except BaseException:
            # A child that was made after all ends when it finds its link closed.
            for resource in (ours.fileno(), *(read_end for read_end, _ in pipes)):
                os.close(resource)
            ours.detach()
            raise
        finally:
            theirs.close()
            for _, write_end in pipes:
                os.close(write_end)
        child = Child(pid, ours, {pipes[0][0]: 'stdout', pipes[1][0]: 'stderr'})
        self._children[pid] = child
        return child

    def _start_zygote(self) -> None:
        ours, theirs = socket.socketpair()
        environment = {
            name: text for name, text in os.environ.items() if name not in SECRET_VARIABLES
        }
        arguments = [str(theirs.fileno()), str(self._child_memory_mb), self._folder]
        self._zygote = subprocess.Popen(
            [sys.executable, '-m', 'dagmesh.worker.zygote', *arguments],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        ours.setblocking(False)
        self._link = ours
        reader = FrameReader()
        asyncio.get_running_loop().add_reader(ours, self._hear_zygote, ours, reader)

    def _hear_zygote(self, link: socket.socket, reader: FrameReader) -> None:
        try:
            content = link.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            content = b''
        if not content:
            events.zygote_ended()
            self._forget_zygote()
            return
        for frame in reader.feed(content):
            if frame['kind'] == 'spawned':
                if self._spawned is not None and not self._spawned.done():
                    self._spawned.set_result(frame['pid'])
            elif frame['pid'] in self._children:
                self._children.pop(frame['pid']).note_exit(frame['status'])

    def _forget_zygote(self) -> None:
        """Its children die with it: the kernel sees to that."""
        assert self._link is not None
        asyncio.get_running_loop().remove_reader(self._link)
        self._link.close()
        self._link = None
        if self._spawned is not None and not self._spawned.done():
            self._spawned.set_exception(ConnectionError('the parent of the task processes ended'))
        for child in self._children.values():
            child.note_exit(signal.SIGKILL)
        self._children.clear()
        self._idle.clear()

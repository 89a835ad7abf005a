"""The warm children of this worker: has them forked, lends them out, replaces used ones."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from typing import NamedTuple

from dagmesh.worker import events
from dagmesh.worker.children.child_link import READ_SIZE, Child
from dagmesh.worker.config import TOKEN_VARIABLE
from dagmesh.worker.frames import Frame, FrameReader, encode

SPAWN_TIMEOUT_S = 10.0
# What only the worker itself, or no worker at all, may know: task code starts without them.
SECRET_VARIABLES = frozenset(
    [TOKEN_VARIABLE, 'DAGMESH_CLUSTER_KEY', 'DAGMESH_SECRET_KEY', 'DAGMESH_DATABASE_URL']
    + ['NATS_URL']
)


class _Spawning(NamedTuple):
    """A child that was asked for, and this side's ends of what connects to it."""

    number: int
    spawned: asyncio.Future[Child]
    link: socket.socket
    output: dict[int, str]


class Crew:
    """Lends children to attempts. There are as many as attempts that run, and idle ones."""

    def __init__(self, *, folder: str, child_memory_mb: int, tasks_per_child: int) -> None:
        self._folder = folder
        self._child_memory_mb = child_memory_mb
        self._tasks_per_child = tasks_per_child
        self._children: dict[int, Child] = {}
        self._idle: list[Child] = []
        self._spawn_lock = asyncio.Lock()
        self._spawning: _Spawning | None = None
        self._spawns_count = 0
        self._zygote: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    async def take(self) -> Child:
        """An idle child, or a new one. OSError or TimeoutError when there can be none."""
        while self._idle:
            child = self._idle.pop()
            if not child.exited.done():
                return child
        async with self._spawn_lock:
            return await asyncio.wait_for(self._spawn(), SPAWN_TIMEOUT_S)

    def give_back(self, child: Child, *, is_clean: bool) -> None:
        """The attempt is over. A child that is not clean, or has served enough, is replaced."""
        child.tasks_count += 1
        child.hear_nothing()
        if is_clean and child.tasks_count < self._tasks_per_child and not child.exited.done():
            self._idle.append(child)
        else:
            child.signal_group(signal.SIGKILL)

    async def warm_up(self) -> None:
        """Has a first child forked, so that the first attempt does not wait for it."""
        self._idle.append(await self.take())

    async def stop(self) -> None:
        """Ends every child and the zygote."""
        children = list(self._children.values())
        for child in children:
            child.signal_group(signal.SIGKILL)
        if children:
            await asyncio.wait([child.exited for child in children], timeout=SPAWN_TIMEOUT_S)
        self._forget_zygote()
        if self._zygote is not None:
            wait = self._zygote.wait
            await asyncio.get_running_loop().run_in_executor(None, wait, SPAWN_TIMEOUT_S)

    async def _spawn(self) -> Child:
        zygote = self._link or self._start_zygote()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        stdout, stdout_write = os.pipe()
        stderr, stderr_write = os.pipe()
        spawned: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._spawns_count += 1
        number, output = self._spawns_count, {stdout: 'stdout', stderr: 'stderr'}
        self._spawning = _Spawning(number, spawned, ours, output)
        try:
            passed_on = [theirs.fileno(), stdout_write, stderr_write]
            socket.send_fds(zygote, [encode({'kind': 'spawn', 'id': number})], passed_on)
            return await spawned
        except BaseException:
            # A child that was made after all ends when it finds its link closed.
            ours.close()
            os.close(stdout)
            os.close(stderr)
            raise
        finally:
            self._spawning = None
            theirs.close()
            os.close(stdout_write)
            os.close(stderr_write)

    def _start_zygote(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        environment = {
            name: text for name, text in os.environ.items() if name not in SECRET_VARIABLES
        }
        arguments = [str(theirs.fileno()), str(self._child_memory_mb), self._folder]
        self._zygote = subprocess.Popen(
            [sys.executable, '-m', 'dagmesh.worker.child.zygote', *arguments],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        ours.setblocking(False)
        self._link = ours
        asyncio.get_running_loop().add_reader(ours, self._hear_zygote, ours, FrameReader())
        return ours

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
            self._note(frame)

    def _note(self, frame: Frame) -> None:
        spawning = self._spawning
        if frame['kind'] == 'exited':
            if frame['pid'] in self._children:
                self._children.pop(frame['pid']).note_exit(frame['status'])
        elif spawning is None or spawning.number != frame['id'] or spawning.spawned.done():
            # It came too late: nobody waits for that child, and it ends when it finds its link
            # closed.
            return
        elif frame['kind'] == 'spawned':
            # Known from here on, because the next frame may already tell that it has ended.
            child = Child(frame['pid'], spawning.link, spawning.output)
            self._children[child.pid] = child
            spawning.spawned.set_result(child)
        else:
            spawning.spawned.set_exception(OSError(frame['reason']))

    def _forget_zygote(self) -> None:
        """Its children die with it: the kernel sees to that."""
        if self._link is None:
            return
        asyncio.get_running_loop().remove_reader(self._link)
        self._link.close()
        self._link = None
        if self._spawning is not None and not self._spawning.spawned.done():
            error = ConnectionError('the parent of the children ended')
            self._spawning.spawned.set_exception(error)
        for child in self._children.values():
            child.note_exit(signal.SIGKILL)
        self._children.clear()
        self._idle.clear()

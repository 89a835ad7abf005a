"""One attempt on this worker, from its lease to its ending.

It waits for a child, runs in it, and ends in one of three ways: the child says how it finished, the
child dies, or somebody ends it. Ending is TERM to the process group, KILL after the grace; the
first cause counts, except that LOST and FENCED overrule the others: then the attempt belongs to
nobody here and nothing is reported.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Mapping
from enum import Enum
from typing import Any, Callable, NamedTuple

from dagmesh.worker.attempt_log import AttemptLog
from dagmesh.worker.crew import Child, Crew
from dagmesh.worker.frames import Frame
from dagmesh.worker.masking import Masker

# A killed process group that is not gone by then is stuck in the kernel; the attempt is reported
# all the same.
GONE_TIMEOUT_S = 10.0


class Cause(Enum):
    """Why an attempt was ended: by order, at its timeout, because the worker leaves, or because it
    is others' by now.
    """

    CANCELLED = 'cancelled'
    TIMEOUT = 'timeout'
    STOPPED = 'stopped'
    LOST = 'lost'
    FENCED = 'fenced'


class Step(Enum):
    """How far an ending got."""

    SIGNALLED = 'signalled'
    KILLED = 'killed'
    EXITED = 'exited'


class Ending(NamedTuple):
    """How an attempt ended: who ended it, what its code said, how its process ended.

    Any of them may be absent.
    """

    cause: Cause | None
    finished: Frame | None
    wait_status: int | None


class Limits(NamedTuple):
    """What the mesh allows, in bytes and seconds."""

    xcom_size_max: int
    log_size_max: int
    kill_grace_s: float


Answer = Callable[['Attempt', str, Mapping[str, Any]], Awaitable[Frame]]


class Attempt:
    """A lease that is being worked on.

    `lease` is the lease as plain values, `token` its newest token.
    """

    def __init__(self, lease: Mapping[str, Any], token: str, limits: Limits) -> None:
        self.lease = lease
        self.token = token
        self.attempt_id: str = lease['attempt_id']
        self.masker = Masker()
        self.masker.learn(lease['connections'])
        self.log = AttemptLog(limits.log_size_max, self.masker)
        self.cause: Cause | None = None
        self.reason = ''
        self.on_step: Callable[[Step], None] = lambda step: None
        self._limits = limits
        self._child: Child | None = None
        self._finished: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._kill_timer: asyncio.TimerHandle | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def run(self, crew: Crew, on_started: Callable[[], None], answer: Answer) -> Ending:
        """Runs the attempt to its end. `answer` makes the calls of its code to the mesh."""
        child = await crew.take()
        if self.cause is not None:
            crew.give_back(child, is_clean=True)
            return Ending(self.cause, None, None)
        self._child = child
        child.on_frame = lambda frame: self._hear(frame, answer)
        child.on_output = self.log.write_bytes
        child.send(self._run_frame())
        on_started()
        timeout = self._start_timeout()
        await asyncio.wait([self._finished, child.exited], return_when=asyncio.FIRST_COMPLETED)
        if timeout is not None:
            timeout.cancel()
        child.drain_output()
        finished = self._finished.result() if self._finished.done() else None
        is_clean = self.cause is None and finished is not None and finished['is_clean']
        crew.give_back(child, is_clean=is_clean)
        if not is_clean:
            await asyncio.wait([child.exited], timeout=GONE_TIMEOUT_S)
        self._settle()
        if child.exited.done() and self.cause is not None:
            self.on_step(Step.EXITED)
        return Ending(self.cause, finished, child.exited.result() if child.exited.done() else None)

    def end(self, cause: Cause, *, grace_s: float, reason: str) -> None:
        """Ends the attempt; `grace_s` 0 means at once. The reason goes to its log."""
        if self.cause is None:
            self.reason = reason
            self.log.write('warning', 'worker', reason)
        if self.cause is None or cause in (Cause.LOST, Cause.FENCED):
            self.cause = cause
        if self._child is None:
            return
        if grace_s <= 0:
            self._kill()
        elif self._kill_timer is None:
            self._child.signal_group(signal.SIGTERM)
            self.on_step(Step.SIGNALLED)
            self._kill_timer = asyncio.get_running_loop().call_later(grace_s, self._kill)

    def _run_frame(self) -> Frame:
        limits = {
            'xcom_size_max': self._limits.xcom_size_max,
            'log_size_max': self._limits.log_size_max,
        }
        return {'kind': 'run', 'lease': self.lease, **limits}

    def _start_timeout(self) -> asyncio.TimerHandle | None:
        seconds = self.lease['execution_timeout_s']
        if not seconds:
            return None
        reason = f'the task has run longer than its execution_timeout of {seconds:g} s'
        grace_s = self._limits.kill_grace_s
        end: Callable[[], None] = lambda: self.end(Cause.TIMEOUT, grace_s=grace_s, reason=reason)
        return asyncio.get_running_loop().call_later(seconds, end)

    def _hear(self, frame: Frame, answer: Answer) -> None:
        if frame['kind'] == 'log':
            for at, level, stream, text, is_end in frame['lines']:
                self.log.write(level, stream, text, is_end=is_end, at=at)
        elif frame['kind'] == 'call':
            call = asyncio.ensure_future(self._answer(frame, answer))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
        elif (
            frame['kind'] == 'finished'
            and frame['attempt_id'] == self.attempt_id
            and not self._finished.done()
        ):
            self._finished.set_result(frame)

    async def _answer(self, frame: Frame, answer: Answer) -> None:
        result = await answer(self, frame['method'], frame['arguments'])
        if self._child is not None and not self._finished.done():
            self._child.send({'kind': 'answer', 'id': frame['id'], **result})

    def _kill(self) -> None:
        if self._child is not None:
            self._child.signal_group(signal.SIGKILL)
            self.on_step(Step.KILLED)

    def _settle(self) -> None:
        self._child = None
        self.log.end()
        if self._kill_timer is not None:
            self._kill_timer.cancel()
        for call in self._calls:
            call.cancel()

"""One attempt on this worker, from its lease to its ending.

It waits for a child, runs in it, and ends in one of three ways: the child says how it finished, the
child dies, or somebody ends it. Ending is TERM to the process group, and KILL after the grace. The
first cause counts, except that LOST and FENCED overrule the others: then the attempt belongs to
nobody here, and nothing is reported.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Mapping
from enum import Enum
from typing import Any, Callable, NamedTuple

from dagmesh.worker import events
from dagmesh.worker.children.child_link import Child
from dagmesh.worker.children.crew import Crew
from dagmesh.worker.frames import Frame
from dagmesh.worker.logs.attempt_log import AttemptLog
from dagmesh.worker.logs.masking import Masker

# A process that is not gone so long after KILL is stuck in the kernel; the attempt is reported all
# the same.
GONE_TIMEOUT_S = 10.0


class Cause(Enum):
    """Why an attempt was ended."""

    # The mesh said so.
    CANCELLED = 'cancelled'
    # Its execution_timeout passed.
    TIMEOUT = 'timeout'
    # The worker leaves.
    STOPPED = 'stopped'
    # The mesh has given it to others.
    LOST = 'lost'
    # The mesh was silent for so long that it may have done so.
    FENCED = 'fenced'


class Step(Enum):
    """How far an ending got."""

    SIGNALLED = 'signalled'
    KILLED = 'killed'
    EXITED = 'exited'


class Ending(NamedTuple):
    """Who ended an attempt, what its code said, how its process ended; any of it may be absent."""

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
    """A lease that is being worked on; `lease` as plain values, `token` its newest token."""

    def __init__(self, lease: Mapping[str, Any], token: str, limits: Limits) -> None:
        self.lease = lease
        self.token = token
        self.attempt_id: str = lease['attempt_id']
        self.masker = Masker()
        self.masker.learn(lease['connections'])
        self.log = AttemptLog(limits.log_size_max, self.masker)
        self.log.on_broken = lambda error: events.log_broken(self.attempt_id, str(error))
        self.cause: Cause | None = None
        self.reason = ''
        self.on_step: Callable[[Step], None] = lambda step: None
        self._limits = limits
        self._child: Child | None = None
        self._finished: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._timers: list[asyncio.TimerHandle] = []
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def is_given_up(self) -> bool:
        """Whether it belongs to nobody here any more, although its process may still be ending."""
        return self.cause in (Cause.LOST, Cause.FENCED)

    async def run(self, crew: Crew, on_started: Callable[[], None], answer: Answer) -> Ending:
        """Runs the attempt to its end. `answer` makes the calls of its code to the mesh."""
        child = await crew.take()
        if self.cause is not None:
            crew.give_back(child, is_clean=True)
            return Ending(self.cause, None, None)
        self._child = child
        child.hear(lambda frame: self._hear(frame, answer), self.log.write_bytes)
        child.send({'kind': 'run', 'lease': self.lease, **self._limits._asdict()})
        on_started()
        self._start_timeout()
        await asyncio.wait([self._finished, child.exited], return_when=asyncio.FIRST_COMPLETED)
        child.drain_output()
        finished = self._finished.result() if self._finished.done() else None
        is_clean = self.cause is None and finished is not None and finished['is_clean']
        crew.give_back(child, is_clean=is_clean)
        if not is_clean:
            await asyncio.wait([child.exited], timeout=GONE_TIMEOUT_S)
        self._settle()
        if not child.exited.done():
            return Ending(self.cause, finished, None)
        if self.cause is not None:
            self.on_step(Step.EXITED)
        return Ending(self.cause, finished, child.exited.result())

    def end(self, cause: Cause, *, grace_s: float, reason: str) -> None:
        """Ends the attempt; `grace_s` 0 means at once. The reason goes to its log."""
        if self.cause is None:
            self.reason = reason
            self.log.write('warning', 'worker', reason)
        is_first = self.cause is None
        if is_first or cause in (Cause.LOST, Cause.FENCED):
            self.cause = cause
        if self._child is None:
            return
        if grace_s <= 0:
            self._kill()
        elif is_first:
            self._child.signal_group(signal.SIGTERM)
            self.on_step(Step.SIGNALLED)
            self._later(grace_s, self._kill)

    def _start_timeout(self) -> None:
        seconds = self.lease['execution_timeout_s']
        grace_s = self._limits.kill_grace_s
        reason = f'the task has run longer than its execution_timeout of {seconds:g} s'
        if seconds:
            self._later(seconds, lambda: self.end(Cause.TIMEOUT, grace_s=grace_s, reason=reason))

    def _later(self, delay_s: float, run: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(delay_s, run))

    def _hear(self, frame: Frame, answer: Answer) -> None:
        if frame['kind'] == 'log':
            for at, level, stream, text, is_end in frame['lines']:
                self.log.write(level, stream, text, is_end=is_end, at=at)
        elif frame['kind'] == 'call':
            call = asyncio.ensure_future(self._answer(frame, answer))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
        elif frame['kind'] == 'finished' and not self._finished.done():
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
        for timer in self._timers:
            timer.cancel()
        for call in self._calls:
            call.cancel()

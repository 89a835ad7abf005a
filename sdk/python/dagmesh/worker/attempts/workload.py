"""The attempts at hand: takes leases, has them run in the crew, reports what became of them."""

from __future__ import annotations

import asyncio
import functools
import signal
from collections.abc import Iterable
from typing import Callable

from dagmesh.gen.worker.v1 import attempt_pb2
from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from dagmesh.worker import events
from dagmesh.worker.attempts.attempt import Answer, Attempt, Cause, Ending, Limits, Step
from dagmesh.worker.attempts.bundles import BundleMissing, folder_of
from dagmesh.worker.attempts.lease import plain_lease
from dagmesh.worker.attempts.oom import OomWitness
from dagmesh.worker.attempts.reports import rejection_of, report_of
from dagmesh.worker.children.crew import Crew
from dagmesh.worker.config import WorkerConfig
from dagmesh.worker.logs.shipper import LogShipper
from dagmesh.worker.session.outbox import Outbox

# A machine that cannot start processes is not offered work again at once.
NO_CHILD_PAUSE_S = 1.0
# What holds until a Welcome says otherwise.
INITIAL_LIMITS = Limits(xcom_size_max=256 * 1024, log_size_max=64 * 1024 * 1024, kill_grace_s=10.0)

_STEPS = {
    Step.SIGNALLED: pb.CANCEL_STEP_SIGNALLED,
    Step.KILLED: pb.CANCEL_STEP_KILLED,
    Step.EXITED: pb.CANCEL_STEP_EXITED,
}


class Workload:
    """What this worker works on, at most `slots` at once.

    `answer` makes the calls of tasks to the mesh. `on_ended` is called whenever an attempt is over,
    with the bug of this program that ended it, if one did.
    """

    def __init__(
        self,
        config: WorkerConfig,
        outbox: Outbox,
        shipper: LogShipper,
        crew: Crew,
        *,
        answer: Answer,
        on_ended: Callable[[BaseException | None], None],
    ) -> None:
        self.limits = INITIAL_LIMITS
        # Set once no more work is taken.
        self.is_closed = False
        self._config = config
        self._outbox = outbox
        self._shipper = shipper
        self._crew = crew
        self._answer = answer
        self._on_ended = on_ended
        self._attempts: dict[str, Attempt] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._oom = OomWitness()

    def __len__(self) -> int:
        """How many slots are taken, by attempts that were given up too, while they end."""
        return len(self._attempts)

    def held(self) -> list[Attempt]:
        """The attempts that are this worker's."""
        return [attempt for attempt in self._attempts.values() if not attempt.is_given_up]

    def take_all(self, leases: Iterable[attempt_pb2.Lease]) -> None:
        """Begins with each lease, or hands it back."""
        for lease in leases:
            if lease.attempt_id in self._attempts:
                continue
            if self.is_closed:
                self._reject(lease, 'the worker is leaving')
            elif len(self._attempts) >= self._config.slots:
                self._reject(lease, 'the worker has no free slot')
            else:
                self._take_or_reject(lease)

    def refresh_token(self, attempt_id: str, token: str) -> None:
        """An attempt is called by another token from now on."""
        if attempt_id in self._attempts:
            self._attempts[attempt_id].token = token

    def lose(self, attempt_id: str) -> None:
        """An attempt belongs to others: it ends, and nobody is told how."""
        if attempt_id in self._attempts:
            events.attempt_lost(attempt_id)
            reason = 'the attempt belongs to others now, so it was ended'
            self._attempts[attempt_id].end(Cause.LOST, grace_s=0, reason=reason)

    def fence(self) -> None:
        """All attempts may belong to others by now, so they end."""
        held = self.held()
        if held:
            events.fenced(len(held))
        for attempt in held:
            reason = 'the mesh was silent for too long, so the attempt was given up'
            attempt.end(Cause.FENCED, grace_s=0, reason=reason)

    def stop(self, reason: str) -> None:
        """Ends what still runs, as failed."""
        for attempt in self._attempts.values():
            attempt.end(Cause.STOPPED, grace_s=self.limits.kill_grace_s, reason=reason)

    def cancel(self, cancel: pb.Cancel) -> None:
        """Ends attempts as somebody asked for, and tells of each step."""
        grace_s = self.limits.kill_grace_s
        if cancel.mode == attempt_pb2.CANCEL_MODE_KILL:
            grace_s = 0.0
        elif cancel.HasField('grace'):
            grace_s = cancel.grace.ToTimedelta().total_seconds()
        reason = f'cancelled: {cancel.reason}' if cancel.reason else 'cancelled'
        for attempt_id in cancel.attempt_ids:
            if attempt_id in self._attempts:
                self._attempts[attempt_id].end(Cause.CANCELLED, grace_s=grace_s, reason=reason)
            else:
                self._say_progress(attempt_id, pb.CANCEL_STEP_UNKNOWN)

    def _take_or_reject(self, lease: attempt_pb2.Lease) -> None:
        try:
            self._take(lease, folder_of(lease, self._config))
        except BundleMissing as missing:
            self._reject(lease, str(missing))

    def _reject(self, lease: attempt_pb2.Lease, reason: str) -> None:
        self._outbox.report(lease.attempt_id, rejection_of(lease.attempt_token, reason))

    def _take(self, lease: attempt_pb2.Lease, folder: str) -> None:
        plain = {**plain_lease(lease), 'folder': folder}
        attempt = Attempt(plain, lease.attempt_token, self.limits)
        attempt.on_step = lambda step: self._note_step(attempt, step)
        self._attempts[lease.attempt_id] = attempt
        task = asyncio.ensure_future(self._work(attempt))
        self._tasks.add(task)
        task.add_done_callback(self._note_worked)

    async def _work(self, attempt: Attempt) -> None:
        self._shipper.follow(attempt)
        try:
            accept = functools.partial(self._outbox.accept, attempt.attempt_id)
            ending = await attempt.run(self._crew, accept, self._answer)
            report = report_of(attempt, ending, is_oom_killed=self._is_oom_killed(ending))
        except (OSError, asyncio.TimeoutError) as error:
            await asyncio.sleep(NO_CHILD_PAUSE_S)
            report = rejection_of(attempt.token, f'the worker cannot start a process: {error}')
        del self._attempts[attempt.attempt_id]
        if report is None:
            self._shipper.discard(attempt)
            self._outbox.add_credit(1)
        else:
            self._shipper.conclude(attempt)
            self._outbox.report(attempt.attempt_id, report)

    def _note_worked(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._on_ended(None if task.cancelled() else task.exception())

    def _is_oom_killed(self, ending: Ending) -> bool:
        was_killed = ending.wait_status == signal.SIGKILL and ending.finished is None
        return was_killed and ending.cause is None and self._oom.has_struck()

    def _note_step(self, attempt: Attempt, step: Step) -> None:
        if attempt.cause is Cause.CANCELLED:
            self._say_progress(attempt.attempt_id, _STEPS[step])

    def _say_progress(self, attempt_id: str, step: pb.CancelStep) -> None:
        progress = pb.CancelProgress(attempt_id=attempt_id, step=step)
        self._outbox.say(pb.SessionRequest(cancel_progress=progress))

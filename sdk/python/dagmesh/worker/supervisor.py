"""The worker: takes leases from its session, runs them in its crew, reports what became of them."""

from __future__ import annotations

import asyncio
import functools
import signal
from collections.abc import Iterable, Mapping
from typing import Any

from dagmesh.gen.worker.v1 import attempt_pb2
from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from dagmesh.worker import events
from dagmesh.worker.attempts.attempt import Attempt, Cause, Ending, Limits, Step
from dagmesh.worker.attempts.bundles import BundleMissing, folder_of
from dagmesh.worker.attempts.lease import plain_lease
from dagmesh.worker.attempts.oom import OomWitness
from dagmesh.worker.attempts.reports import rejection_of, report_of
from dagmesh.worker.children.crew import Crew
from dagmesh.worker.config import WorkerConfig
from dagmesh.worker.frames import Frame
from dagmesh.worker.logs.shipper import LogShipper
from dagmesh.worker.session.outbox import Outbox, Reports
from dagmesh.worker.session.session import Session
from dagmesh.worker.session.task_calls import STALE_ATTEMPT, make_call
from dagmesh.worker.session.wire import Closing

# How long a stopping worker waits until its last outcomes and logs are stored.
FAREWELL_TIMEOUT_S = 20.0
# How long it waits until the executor has noted that it leaves.
LEAVE_TIMEOUT_S = 2.0
# A machine that cannot start processes is not offered work again at once.
NO_CHILD_PAUSE_S = 1.0
# What holds until a Welcome says otherwise.
INITIAL_LIMITS = Limits(xcom_size_max=256 * 1024, log_size_max=64 * 1024 * 1024, kill_grace_s=10.0)

_STEPS = {
    Step.SIGNALLED: pb.CANCEL_STEP_SIGNALLED,
    Step.KILLED: pb.CANCEL_STEP_KILLED,
    Step.EXITED: pb.CANCEL_STEP_EXITED,
}


class Worker:
    """Everything of one worker program. To be made inside a running event loop."""

    def __init__(self, config: WorkerConfig) -> None:
        self._config = config
        self._attempts: dict[str, Attempt] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._limits = INITIAL_LIMITS
        self._is_draining = False
        # Resolves when the worker has drained; fails when it found a bug in itself, which ends it.
        self._drained: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._outbox = Outbox()
        self._oom = OomWitness()
        self._closing = Closing()
        self._session = Session(config, self._outbox, self, self._closing)
        self._shipper = LogShipper(self._session.stub, self._session.metadata, self._closing)
        self._crew = Crew(
            folder=config.dags_folder,
            child_memory_mb=config.child_memory_mb,
            tasks_per_child=config.tasks_per_child,
        )

    async def run(self) -> None:
        """Works until it has drained. Raises Refused when the executor will not have it."""
        await self._crew.warm_up()
        session = asyncio.ensure_future(self._session.run())
        shipper = asyncio.ensure_future(self._shipper.run())
        try:
            parts = [session, shipper, self._drained]
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
            await self._say_farewell()
            await self._session.leave()
            await asyncio.wait([session], timeout=LEAVE_TIMEOUT_S)
        finally:
            self._closing.has_begun = True
            session.cancel()
            shipper.cancel()
            await self._crew.stop()
            await self._session.close()
        events.stopped()

    def drain(self, reason: str) -> None:
        """Takes no more work, lets running tasks finish for a while, then ends `run`."""
        if self._is_draining:
            return
        self._is_draining = True
        events.draining(len(self._attempts), reason)
        self._outbox.say(pb.SessionRequest(drain=pb.Drain()))
        asyncio.get_running_loop().call_later(self._config.drain_grace_s, self._cut_drain_short)
        self._note_if_drained()

    # What the session asks for.

    def held_tokens(self) -> list[str]:
        """Tokens of the attempts that are being worked on."""
        return [attempt.token for attempt in self._held()]

    def attempt_ids(self) -> list[str]:
        """Ids of the attempts that are being worked on."""
        return [attempt.attempt_id for attempt in self._held()]

    def welcomed(self, welcome: pb.Welcome, resumed_reports: Reports) -> None:
        """A session began: learns what became of what was held, and gives credit."""
        grace_s = welcome.kill_grace.ToTimedelta().total_seconds()
        self._limits = Limits(
            welcome.xcom_size_max or INITIAL_LIMITS.xcom_size_max,
            welcome.log_size_max or INITIAL_LIMITS.log_size_max,
            grace_s or INITIAL_LIMITS.kill_grace_s,
        )
        self._shipper.chunk_size_max = welcome.log_chunk_max or self._shipper.chunk_size_max
        reports_to_follow_count = len(self._outbox.unrecorded) - len(resumed_reports)
        for result in welcome.resumed:
            self._settle(result)
        if self._is_draining:
            self._outbox.say(pb.SessionRequest(drain=pb.Drain()))
            return
        # Each outcome that follows will free its slot by itself, as Finished does.
        free = self._config.slots - len(self._attempts) - reports_to_follow_count
        if free > 0:
            self._outbox.add_credit(free)

    def heard(self, answer: pb.SessionResponse) -> None:
        """Acts on what the executor says."""
        kind = answer.WhichOneof('message')
        if kind == 'leases':
            self._take_all(answer.leases.leases)
        elif kind == 'recorded':
            for result in answer.recorded.results:
                self._settle(result)
            self._take_all(answer.recorded.leases)
        elif kind == 'heartbeat_result':
            for refreshed in answer.heartbeat_result.refreshed_tokens:
                if refreshed.attempt_id in self._attempts:
                    self._attempts[refreshed.attempt_id].token = refreshed.attempt_token
            for attempt_id in answer.heartbeat_result.lost_attempt_ids:
                self._lose(attempt_id)
        elif kind == 'cancel':
            self._cancel(answer.cancel)
        elif kind == 'drain':
            self.drain(answer.drain.reason or 'the executor asked for it')

    def fence(self) -> None:
        """Nothing was heard for too long: what runs here may soon run elsewhere, so it ends."""
        held = self._held()
        if held:
            events.fenced(len(held))
        for attempt in held:
            reason = 'the mesh was silent for too long, so the attempt was given up'
            attempt.end(Cause.FENCED, grace_s=0, reason=reason)

    # Attempts, from lease to outcome.

    def _take_all(self, leases: Iterable[attempt_pb2.Lease]) -> None:
        for lease in leases:
            if lease.attempt_id in self._attempts:
                continue
            if self._is_draining:
                self._reject(lease, 'the worker is leaving')
            elif len(self._attempts) >= self._config.slots:
                self._reject(lease, 'the worker has no free slot')
            else:
                self._take_or_reject(lease)

    def _take_or_reject(self, lease: attempt_pb2.Lease) -> None:
        try:
            self._take(lease, folder_of(lease, self._config))
        except BundleMissing as missing:
            self._reject(lease, str(missing))

    def _reject(self, lease: attempt_pb2.Lease, reason: str) -> None:
        self._outbox.report(lease.attempt_id, rejection_of(lease.attempt_token, reason))

    def _take(self, lease: attempt_pb2.Lease, folder: str) -> None:
        plain = {**plain_lease(lease), 'folder': folder}
        attempt = Attempt(plain, lease.attempt_token, self._limits)
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
        self._note_if_drained()

    def _note_worked(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._drained.done():
            self._drained.set_exception(error)

    def _is_oom_killed(self, ending: Ending) -> bool:
        was_killed = ending.wait_status == signal.SIGKILL and ending.finished is None
        return was_killed and ending.cause is None and self._oom.has_struck()

    async def _answer(self, attempt: Attempt, method: str, arguments: Mapping[str, Any]) -> Frame:
        result = await make_call(
            self._session.stub, self._session.metadata, lambda: attempt.token, method, arguments
        )
        if method == 'get_connection' and 'value' in result:
            attempt.masker.learn([result['value']])
        if 'error' in result and result['error']['code'] == STALE_ATTEMPT:
            self._lose(attempt.attempt_id)
        return result

    def _settle(self, result: pb.AttemptResult) -> None:
        if result.status == pb.ATTEMPT_STATUS_KEEP:
            return
        if result.attempt_id not in self._outbox.unrecorded:
            self._lose(result.attempt_id)
            return
        if result.status != pb.ATTEMPT_STATUS_RECORDED:
            status = pb.AttemptStatus.Name(result.status)
            events.outcome_refused(result.attempt_id, status, result.reason)
        self._outbox.forget(result.attempt_id)

    def _lose(self, attempt_id: str) -> None:
        if attempt_id in self._attempts:
            events.attempt_lost(attempt_id)
            reason = 'the attempt belongs to others now, so it was ended'
            self._attempts[attempt_id].end(Cause.LOST, grace_s=0, reason=reason)

    def _held(self) -> list[Attempt]:
        return [attempt for attempt in self._attempts.values() if not attempt.is_given_up]

    # Cancelling and leaving.

    def _cancel(self, cancel: pb.Cancel) -> None:
        grace_s = self._limits.kill_grace_s
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

    def _note_step(self, attempt: Attempt, step: Step) -> None:
        if attempt.cause is Cause.CANCELLED:
            self._say_progress(attempt.attempt_id, _STEPS[step])

    def _say_progress(self, attempt_id: str, step: pb.CancelStep) -> None:
        progress = pb.CancelProgress(attempt_id=attempt_id, step=step)
        self._outbox.say(pb.SessionRequest(cancel_progress=progress))

    def _note_if_drained(self) -> None:
        if self._is_draining and not self._attempts and not self._drained.done():
            self._drained.set_result(None)

    def _cut_drain_short(self) -> None:
        grace_s = self._config.drain_grace_s
        reason = f'the worker is leaving, and the task did not end within {grace_s:g} s'
        for attempt in self._attempts.values():
            attempt.end(Cause.STOPPED, grace_s=self._limits.kill_grace_s, reason=reason)

    async def _say_farewell(self) -> None:
        """Waits until what was done here is recorded, so that leaving in order loses nothing."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + FAREWELL_TIMEOUT_S
        while self._outbox.unrecorded and loop.time() < give_up_at:
            await asyncio.sleep(0.02)
        await self._shipper.finish(max(0.0, give_up_at - loop.time()))

"""The worker: a session with an executor, a workload, a crew of children, a shipper of logs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from dagmesh.worker import events
from dagmesh.worker.attempts.attempt import Attempt, Limits
from dagmesh.worker.attempts.workload import INITIAL_LIMITS, Workload
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


class Worker:
    """Everything of one worker program. To be made inside a running event loop."""

    def __init__(self, config: WorkerConfig) -> None:
        self._config = config
        # Resolves when the worker has drained; fails when it found a bug in itself, which ends it.
        self._drained: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._outbox = Outbox()
        self._closing = Closing()
        self._session = Session(config, self._outbox, self, self._closing)
        self._shipper = LogShipper(self._session.stub, self._session.metadata, self._closing)
        self._crew = Crew(
            folder=config.dags_folder,
            child_memory_mb=config.child_memory_mb,
            tasks_per_child=config.tasks_per_child,
        )
        self._workload = Workload(
            config,
            self._outbox,
            self._shipper,
            self._crew,
            answer=self._answer,
            on_ended=self._note_ended,
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
        if self._workload.is_closed:
            return
        self._workload.is_closed = True
        events.draining(len(self._workload), reason)
        self._outbox.say(pb.SessionRequest(drain=pb.Drain()))
        asyncio.get_running_loop().call_later(self._config.drain_grace_s, self._cut_drain_short)
        self._note_ended(None)

    # What the session asks for.

    def held_tokens(self) -> list[str]:
        """Tokens of the attempts that are being worked on."""
        return [attempt.token for attempt in self._workload.held()]

    def attempt_ids(self) -> list[str]:
        """Ids of the attempts that are being worked on."""
        return [attempt.attempt_id for attempt in self._workload.held()]

    def welcomed(self, welcome: pb.Welcome, resumed_reports: Reports) -> None:
        """A session began: learns what became of what was held, and gives credit."""
        grace_s = welcome.kill_grace.ToTimedelta().total_seconds()
        self._workload.limits = Limits(
            welcome.xcom_size_max or INITIAL_LIMITS.xcom_size_max,
            welcome.log_size_max or INITIAL_LIMITS.log_size_max,
            grace_s or INITIAL_LIMITS.kill_grace_s,
        )
        self._shipper.chunk_size_max = welcome.log_chunk_max or self._shipper.chunk_size_max
        reports_to_follow_count = len(self._outbox.unrecorded) - len(resumed_reports)
        for result in welcome.resumed:
            self._settle(result)
        if self._workload.is_closed:
            self._outbox.say(pb.SessionRequest(drain=pb.Drain()))
            return
        # Each outcome that follows will free its slot by itself, as Finished does.
        free = self._config.slots - len(self._workload) - reports_to_follow_count
        if free > 0:
            self._outbox.add_credit(free)

    def heard(self, answer: pb.SessionResponse) -> None:
        """Acts on what the executor says."""
        kind = answer.WhichOneof('message')
        if kind == 'leases':
            self._workload.take_all(answer.leases.leases)
        elif kind == 'recorded':
            for result in answer.recorded.results:
                self._settle(result)
            self._workload.take_all(answer.recorded.leases)
        elif kind == 'heartbeat_result':
            for fresh in answer.heartbeat_result.refreshed_tokens:
                self._workload.refresh_token(fresh.attempt_id, fresh.attempt_token)
            for attempt_id in answer.heartbeat_result.lost_attempt_ids:
                self._workload.lose(attempt_id)
        elif kind == 'cancel':
            self._workload.cancel(answer.cancel)
        elif kind == 'drain':
            self.drain(answer.drain.reason or 'the executor asked for it')

    def fence(self) -> None:
        """Nothing was heard for too long: what runs here may soon run elsewhere, so it ends."""
        self._workload.fence()

    async def _answer(self, attempt: Attempt, method: str, arguments: Mapping[str, Any]) -> Frame:
        result = await make_call(
            self._session.stub, self._session.metadata, lambda: attempt.token, method, arguments
        )
        if method == 'get_connection' and 'value' in result:
            attempt.masker.learn([result['value']])
        if 'error' in result and result['error']['code'] == STALE_ATTEMPT:
            self._workload.lose(attempt.attempt_id)
        return result

    def _settle(self, result: pb.AttemptResult) -> None:
        if result.status == pb.ATTEMPT_STATUS_KEEP:
            return
        if result.attempt_id not in self._outbox.unrecorded:
            self._workload.lose(result.attempt_id)
            return
        if result.status != pb.ATTEMPT_STATUS_RECORDED:
            status = pb.AttemptStatus.Name(result.status)
            events.outcome_refused(result.attempt_id, status, result.reason)
        self._outbox.forget(result.attempt_id)

    # Leaving.

    def _note_ended(self, bug: BaseException | None) -> None:
        if self._drained.done():
            return
        if bug is not None:
            self._drained.set_exception(bug)
        elif self._workload.is_closed and not len(self._workload):
            self._drained.set_result(None)

    def _cut_drain_short(self) -> None:
        grace_s = self._config.drain_grace_s
        self._workload.stop(f'the worker is leaving, and the task did not end within {grace_s:g} s')

    async def _say_farewell(self) -> None:
        """Waits until what was done here is recorded, so that leaving in order loses nothing."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + FAREWELL_TIMEOUT_S
        while self._outbox.unrecorded and loop.time() < give_up_at:
            await asyncio.sleep(0.02)
        await self._shipper.finish(max(0.0, give_up_at - loop.time()))

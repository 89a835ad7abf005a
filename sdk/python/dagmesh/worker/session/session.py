"""The worker's session: a stream for liveness, work, outcomes and cancels; reopened when broken."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Coroutine
from typing import Any, Protocol

import grpc
from google.protobuf.duration_pb2 import Duration

from dagmesh import __version__
from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from dagmesh.gen.worker.v1.worker_service_pb2_grpc import WorkerServiceStub
from dagmesh.worker import events
from dagmesh.worker.config import WorkerConfig
from dagmesh.worker.session.outbox import Outbox, Reports
from dagmesh.worker.session.wire import CHANNEL_OPTIONS, STREAM_ENDED, Closing, Metadata

PROTOCOL_VERSION = 1
WELCOME_TIMEOUT_S = 10.0
RETRY_FIRST_S = 0.1
RETRY_MAX_S = 3.0
# Timing until a Welcome dictates it.
HEARTBEAT_DEFAULT_S = 5.0
TTL_DEFAULT_S = 15.0

# Reasons for which no later attempt would fare better.
_HOPELESS = (
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.UNIMPLEMENTED,
)


class Refused(Exception):
    """The executor will not have this worker."""


class Duties(Protocol):
    """What the session asks of its worker."""

    def held_tokens(self) -> list[str]:
        """Tokens of the attempts that are being worked on."""

    def attempt_ids(self) -> list[str]:
        """Ids of the attempts that are being worked on."""

    def welcomed(self, welcome: pb.Welcome, resumed_reports: Reports) -> None:
        """A session began."""

    def heard(self, answer: pb.SessionResponse) -> None:
        """The executor said something."""

    def fence(self) -> None:
        """Nothing was heard for so long that the attempts may be others' by now."""


class Session:
    """Keeps a stream to the executor open, whatever happens, and knows how long it was silent."""

    def __init__(
        self, config: WorkerConfig, outbox: Outbox, duties: Duties, closing: Closing
    ) -> None:
        self.metadata: Metadata = (('authorization', f'Bearer {config.token}'),)
        self._config = config
        self._outbox = outbox
        self._duties = duties
        self._closing = closing
        self._heartbeat_s = HEARTBEAT_DEFAULT_S
        self._ttl_s = TTL_DEFAULT_S
        self._heard_at = 0.0
        self._sessions_count = 0
        self._is_leaving = False
        self._call: Any = None
        self._address = config.executor_address
        self._channel: grpc.aio.Channel | None = None
        self._stub: WorkerServiceStub | None = None

    def stub(self) -> WorkerServiceStub:
        """The current connection, shared by everything that talks to the executor."""
        if self._stub is None:
            self._channel = grpc.aio.insecure_channel(self._address, options=CHANNEL_OPTIONS)
            self._stub = WorkerServiceStub(self._channel)
        return self._stub

    async def run(self) -> None:
        """Holds sessions until it has left. Refused when there is no use in trying again."""
        fence = asyncio.ensure_future(self._watch_silence())
        delay_s = RETRY_FIRST_S
        try:
            while True:
                sessions_count = self._sessions_count
                reason = await self._hold()
                if self._is_leaving:
                    return
                had_session = self._sessions_count > sessions_count
                delay_s = RETRY_FIRST_S if had_session else min(delay_s * 2, RETRY_MAX_S)
                pause_s = delay_s * random.uniform(0.5, 1.5)
                events.disconnected(self._address, reason, pause_s)
                await asyncio.sleep(pause_s)
        finally:
            fence.cancel()

    async def leave(self) -> None:
        """Ends the session in order, so that the mesh knows at once that nobody is left here."""
        self._is_leaving = True
        if self._call is not None and not self._call.done():
            await self._call.done_writing()

    async def close(self) -> None:
        """Closes the connection."""
        if self._channel is not None:
            await self._channel.close()

    async def _hold(self) -> str:
        """Holds one session; answers why it ended."""
        self._call = call = self.stub().Session(metadata=self.metadata)
        try:
            reports, tokens_to_follow = self._outbox.begin_session()
            hello = self._hello(reports, tokens_to_follow)
            await call.write(pb.SessionRequest(hello=hello))
            greeting = await asyncio.wait_for(call.read(), WELCOME_TIMEOUT_S)
            if greeting is grpc.aio.EOF or greeting.WhichOneof('message') != 'welcome':
                return 'the executor did not say Welcome'
            self._begin(greeting.welcome, reports)
            return await _first_to_end(self._read(call), self._write(call), self._beat())
        except grpc.aio.AioRpcError as error:
            if error.code() in _HOPELESS and not self._sessions_count:
                raise Refused(f'{error.code().name}: {error.details()}') from None
            return f'{error.code().name}: {error.details()}'
        except asyncio.TimeoutError:
            return 'the executor is silent'
        except STREAM_ENDED:
            return f'the stream ended: {await call.details()}'
        except asyncio.CancelledError:
            if self._closing.has_begun:
                raise
            return 'the executor cancelled the session'
        finally:
            call.cancel()

    def _hello(self, reports: Reports, tokens_to_follow: list[str]) -> pb.Hello:
        return pb.Hello(
            protocol_version=PROTOCOL_VERSION,
            worker_id=self._config.worker_id,
            language='python',
            sdk=f'dagmesh-python {__version__}',
            queues=self._config.queues,
            slots=self._config.slots,
            labels={'host': socket.gethostname()},
            held_attempt_tokens=[*self._duties.held_tokens(), *tokens_to_follow],
            unacknowledged=reports,
        )

    def _begin(self, welcome: pb.Welcome, reports: Reports) -> None:
        self._sessions_count += 1
        self._heartbeat_s = _seconds(welcome.heartbeat_interval) or HEARTBEAT_DEFAULT_S
        self._ttl_s = _seconds(welcome.lease_ttl) or TTL_DEFAULT_S
        self._note_heard()
        events.connected(self._address, welcome.session_id, self._config.slots)
        self._duties.welcomed(welcome, reports)

    async def _read(self, call: Any) -> str:
        while True:
            # A link that is half open says nothing at all; a new one may get through in time.
            answer = await asyncio.wait_for(call.read(), self._heartbeat_s * 1.5)
            if answer is grpc.aio.EOF:
                return 'the executor ended the session'
            self._note_heard()
            if answer.WhichOneof('message') == 'go_away':
                await self._move_to(answer.go_away.address)
                return 'the executor asked to reconnect'
            self._duties.heard(answer)

    async def _write(self, call: Any) -> str:
        while True:
            for message in await self._outbox.take():
                await call.write(message)

    async def _beat(self) -> str:
        while True:
            heartbeat = pb.SessionHeartbeat(attempt_ids=self._duties.attempt_ids())
            self._outbox.say(pb.SessionRequest(heartbeat=heartbeat))
            await asyncio.sleep(self._heartbeat_s)

    async def _watch_silence(self) -> None:
        """Gives all attempts up when nothing was heard until TTL − H on the monotonic clock."""
        loop = asyncio.get_running_loop()
        while True:
            wait_s = self._heard_at + self._ttl_s - self._heartbeat_s - loop.time()
            if wait_s <= 0:
                self._duties.fence()
                wait_s = self._heartbeat_s / 4
            await asyncio.sleep(wait_s)

    def _note_heard(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()

    async def _move_to(self, address: str) -> None:
        if not address or address == self._address:
            return
        old, self._channel, self._stub = self._channel, None, None
        self._address = address
        if old is not None:
            await old.close()


async def _first_to_end(*parts: Coroutine[Any, Any, str]) -> str:
    """Runs the parts of a session side by side; the first that ends, ends the others."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _seconds(span: Duration) -> float:
    return span.ToTimedelta().total_seconds()

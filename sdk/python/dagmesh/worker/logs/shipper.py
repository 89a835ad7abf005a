"""Sends the logs of attempts on a stream of their own; after a break, from what is stored on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Callable

import grpc

from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from dagmesh.gen.worker.v1.worker_service_pb2_grpc import WorkerServiceStub
from dagmesh.worker import events
from dagmesh.worker.attempts.attempt import Attempt
from dagmesh.worker.session.wire import STREAM_ENDED, Closing, Metadata

# Lines that come within this time travel together.
GATHER_S = 0.02
# Bytes of one attempt that may be under way without being stored.
WINDOW_SIZE = 4 * 1024 * 1024
RETRY_S = 0.5
# How often old logs are looked for when nothing is sent.
IDLE_S = 30.0
CALL_TIMEOUT_S = 10.0
# How long the log of an ended attempt is still offered.
KEEP_S = 120.0

_REFUSALS = (
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.NOT_FOUND,
)


class _Tail:
    """How much of one attempt's log was sent, and how much is stored."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.sent = 0
        self.stored = 0
        self.give_up_at: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether the attempt is over and all of its log is stored."""
        return self.give_up_at is not None and self.stored >= self.attempt.log.size

    @property
    def has_news(self) -> bool:
        """Whether there are bytes that may be sent now."""
        return self.sent < self.attempt.log.size and self.sent - self.stored < WINDOW_SIZE

    def next_chunk(self, size_max: int) -> pb.LogChunk | None:
        """The next bytes, or None when there are none or too many are under way."""
        if not self.has_news:
            return None
        content = self.attempt.log.read(self.sent, size_max)
        chunk = pb.LogChunk(attempt_token=self.attempt.token, offset=self.sent, content=content)
        self.sent += len(content)
        return chunk


class LogShipper:
    """Keeps each log until all of it is stored."""

    def __init__(
        self, stub: Callable[[], WorkerServiceStub], metadata: Metadata, closing: Closing
    ) -> None:
        self.chunk_size_max = 1024 * 1024
        self._stub = stub
        self._metadata = metadata
        self._closing = closing
        self._tails: dict[str, _Tail] = {}
        self._news = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def follow(self, attempt: Attempt) -> None:
        """Begins to send the log of an attempt."""
        self._tails[attempt.attempt_id] = _Tail(attempt)
        self._is_idle.clear()
        attempt.log.on_news = self._news.set

    def conclude(self, attempt: Attempt) -> None:
        """The attempt is over: its log is forgotten once stored, or given up after a while."""
        tail = self._tails.get(attempt.attempt_id)
        if tail is not None:
            tail.give_up_at = asyncio.get_running_loop().time() + KEEP_S
            if tail.is_done:
                self._forget(tail)

    def discard(self, attempt: Attempt) -> None:
        """The attempt is lost: the mesh would refuse its log."""
        tail = self._tails.get(attempt.attempt_id)
        if tail is not None:
            self._forget(tail)

    async def finish(self, timeout_s: float) -> None:
        """Waits until every log is stored, at most that long."""
        try:
            await asyncio.wait_for(self._is_idle.wait(), timeout_s)
        except asyncio.TimeoutError:
            for tail in list(self._tails.values()):
                self._drop(tail, 'the worker stops')

    async def run(self) -> None:
        """Sends until it is cancelled; a broken stream is opened again."""
        while True:
            await self._news.wait()
            try:
                await self._stream()
            except grpc.aio.AioRpcError as error:
                if error.code() in _REFUSALS:
                    await self._find_refused()
            except asyncio.CancelledError:
                if self._closing.has_begun:
                    raise
            for tail in self._tails.values():
                tail.sent = tail.stored
                self._news.set()
            await asyncio.sleep(RETRY_S * random.uniform(0.5, 1.5))

    async def _stream(self) -> None:
        call = self._stub().StreamLogs(metadata=self._metadata)
        reader = asyncio.ensure_future(self._read(call))
        try:
            while await self._wait_for_news(reader):
                await asyncio.sleep(GATHER_S)
                for chunk in self._chunks():
                    await call.write(pb.StreamLogsRequest(chunk=chunk))
                self._give_up_old_ones()
            await reader
        except STREAM_ENDED:
            await reader
        finally:
            reader.cancel()
            call.cancel()

    async def _wait_for_news(self, reader: asyncio.Future[None]) -> bool:
        """Waits until there is something to send; answers False when the stream has ended."""
        news = asyncio.ensure_future(self._news.wait())
        await asyncio.wait([reader, news], timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        return not reader.done()

    async def _read(self, call: grpc.aio.StreamStreamCall) -> None:
        async for answer in call:
            tail = self._tails.get(answer.attempt_id)
            if tail is not None:
                self._note_stored(tail, answer.stored_size)

    def _chunks(self) -> Iterator[pb.LogChunk]:
        """A round over all logs, one chunk each, so that a chatty task does not silence others."""
        self._news.clear()
        for tail in list(self._tails.values()):
            chunk = tail.next_chunk(self.chunk_size_max)
            if chunk is not None:
                yield chunk
            if tail.has_news:
                self._news.set()

    async def _find_refused(self) -> None:
        """A refused stream does not say which log it means, so each is offered by itself once."""
        for tail in list(self._tails.values()):
            tail.sent = tail.stored
            chunk = tail.next_chunk(self.chunk_size_max)
            if chunk is None:
                continue
            request = pb.AppendLogRequest(chunk=chunk)
            try:
                answer = await self._stub().AppendLog(
                    request, metadata=self._metadata, timeout=CALL_TIMEOUT_S
                )
                self._note_stored(tail, answer.stored_size)
            except grpc.aio.AioRpcError as error:
                if error.code() in _REFUSALS:
                    self._drop(tail, error.details() or error.code().name)

    def _note_stored(self, tail: _Tail, stored_size: int) -> None:
        # No progress means that the mesh lacks bytes before those it was sent, e.g. after a crash
        # of its own: go back.
        tail.sent = stored_size if stored_size <= tail.stored else max(tail.sent, stored_size)
        tail.stored = stored_size
        if tail.has_news:
            self._news.set()
        if tail.is_done:
            self._forget(tail)

    def _give_up_old_ones(self) -> None:
        now = asyncio.get_running_loop().time()
        for tail in list(self._tails.values()):
            if tail.give_up_at is not None and tail.give_up_at < now:
                self._drop(tail, 'the mesh did not take them in time')

    def _drop(self, tail: _Tail, reason: str) -> None:
        events.log_dropped(tail.attempt.attempt_id, tail.attempt.log.size - tail.stored, reason)
        self._forget(tail)

    def _forget(self, tail: _Tail) -> None:
        if self._tails.pop(tail.attempt.attempt_id, None) is not None:
            tail.attempt.log.close()
        if not self._tails:
            self._is_idle.set()

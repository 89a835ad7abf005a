"""A WorkerService for tests: hands out the leases a test makes, and remembers everything a worker
says.
"""

from __future__ import annotations

import json
import queue
import random
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import grpc
from google.protobuf.duration_pb2 import Duration

from dagmesh.gen.worker.v1 import attempt_pb2
from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from dagmesh.gen.worker.v1.worker_service_pb2_grpc import add_WorkerServiceServicer_to_server
from tests.worker.fake_store import FakeStore

DEADLINE_S = 60.0
TOKEN = 'the-worker-token'


def seconds(value: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(int(value * 1e9))
    return duration


def claim_port() -> tuple[socket.socket, int]:
    """A free port, and what keeps it for us while no server listens on it: its UDP twin.

    It is below those that systems give to outgoing connections.
    """
    while True:
        place = ('127.0.0.1', random.randint(10_000, 32_767))
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(place)
            with socket.socket() as probe:
                probe.bind(place)
            return claim, place[1]
        except OSError:
            claim.close()


class FakeMesh(FakeStore):
    """Serves on a free port. Leases last, so that a busy machine loses none; the rest is fast."""

    def __init__(self) -> None:
        self.heartbeat_s = 0.4
        self.ttl_s = 60.0
        self.kill_grace_s = 0.5
        self.log_size_max = 1024 * 1024
        self.xcom_size_max = 256 * 1024
        self.answers_heartbeats = True
        self.break_with: grpc.StatusCode | None = None
        self.records_reports = True
        self.resumed: Callable[[pb.Hello], list[pb.AttemptResult]] = lambda hello: []
        self.hellos: list[pb.Hello] = []
        self.credits: list[int] = []
        self.accepted: list[str] = []
        self.heartbeats: list[list[str]] = []
        self.reports: dict[str, list[attempt_pb2.AttemptReport]] = {}
        self.steps: dict[str, list[int]] = {}
        self.drains_count = 0
        self.closed_in_order = False
        self.logs: dict[str, bytearray] = {}
        self.log_breaks_count = 0
        self.refused_log_tokens: set[str] = set()
        super().__init__()
        self._changed = threading.Condition()
        self._outgoing: queue.Queue[pb.SessionResponse | None] | None = None
        self._claim, self.port = claim_port()
        self.restart()

    def stop(self) -> None:
        self.break_session()
        self._server.stop(0).wait()

    def restart(self) -> None:
        # gRPC would let another program share the port.
        options = [('grpc.so_reuseport', 0)]
        self._server = grpc.server(ThreadPoolExecutor(32), options=options)
        add_WorkerServiceServicer_to_server(self, self._server)
        self.wait_until(self._bind, f'port {self.port}')
        self._server.start()

    def _bind(self) -> int:
        try:
            return self._server.add_insecure_port(f'127.0.0.1:{self.port}')
        except RuntimeError:
            return 0  # What was stopped has not given it back yet.

    # What tests do.

    def lease(self, handler: str, *, inputs: Any = None, params: Any = None, **fields: Any) -> str:
        attempt_id = str(uuid.uuid4())
        lease = attempt_pb2.Lease(
            attempt_id=attempt_id,
            epoch=1,
            attempt_token=f'token:{attempt_id}',
            dag_id=fields.pop('dag_id', 'a_dag'),
            run_id='a_run',
            task_id=fields.pop('task_id', 'a_task'),
            map_index=-1,
            try_number=1,
            handler=handler,
            queue='python',
            inputs_json=json.dumps(inputs or {}),
            params_json=json.dumps(params or {}),
            **fields,
        )
        self.send(pb.SessionResponse(leases=pb.Leases(leases=[lease])))
        return attempt_id

    def send(self, answer: pb.SessionResponse) -> None:
        self.wait_until(lambda: self._outgoing is not None, 'a session')
        assert self._outgoing is not None
        self._outgoing.put(answer)

    def cancel(
        self, attempt_id: str, grace_s: float, mode: int = attempt_pb2.CANCEL_MODE_GRACEFUL
    ) -> None:
        cancel = pb.Cancel(
            attempt_ids=[attempt_id], mode=mode, grace=seconds(grace_s), reason='by a test'
        )
        self.send(pb.SessionResponse(cancel=cancel))

    def lose(self, attempt_id: str) -> None:
        result = pb.HeartbeatResult(lost_attempt_ids=[attempt_id])
        self.send(pb.SessionResponse(heartbeat_result=result))

    def break_session(self) -> None:
        if self._outgoing is not None:
            self._outgoing.put(None)

    def wait_until(self, condition: Callable[[], Any], what: str) -> Any:
        give_up_at = time.monotonic() + DEADLINE_S
        with self._changed:
            while not (found := condition()):
                if time.monotonic() > give_up_at:
                    raise AssertionError(f'waited {DEADLINE_S} s for {what}')
                self._changed.wait(0.05)
        return found

    def report_of(self, attempt_id: str) -> attempt_pb2.AttemptReport:
        return self.wait_until(lambda: self.reports.get(attempt_id), f'the report of {attempt_id}')[
            0
        ]

    def log_of(self, attempt_id: str) -> bytes:
        """The whole log of an attempt that was reported."""
        size = self.report_of(attempt_id).log_size
        self.wait_until(lambda: len(self.logs.get(attempt_id, b'')) >= size, f'{size} bytes of log')
        return bytes(self.logs.get(attempt_id, b''))

    # What workers call.

    def Session(
        self, requests: Iterator[pb.SessionRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.SessionResponse]:
        if dict(context.invocation_metadata()).get('authorization') != f'Bearer {TOKEN}':
            context.abort(grpc.StatusCode.UNAUTHENTICATED, 'no such token')
        outgoing: queue.Queue[pb.SessionResponse | None] = queue.Queue()
        hello = next(requests).hello
        welcome = pb.Welcome(
            session_id='a-session',
            heartbeat_interval=seconds(self.heartbeat_s),
            lease_ttl=seconds(self.ttl_s),
            kill_grace=seconds(self.kill_grace_s),
            xcom_size_max=self.xcom_size_max,
            log_chunk_max=64 * 1024,
            log_size_max=self.log_size_max,
            resumed=self.resumed(hello),
        )
        yield pb.SessionResponse(welcome=welcome)
        with self._changed:
            self.hellos.append(hello)
            for report in hello.unacknowledged:
                self._note_report(report)
            self._outgoing = outgoing
            self._changed.notify_all()
        threading.Thread(target=self._listen, args=(requests, outgoing), daemon=True).start()
        while (answer := outgoing.get()) is not None:
            yield answer
        with self._changed:
            # A worker that left by itself may be back before this is noticed.
            if self._outgoing is outgoing:
                self._outgoing = None
        if self.break_with is not None:
            context.abort(self.break_with, 'broken by a test')

    def _listen(
        self,
        requests: Iterator[pb.SessionRequest],
        outgoing: queue.Queue[pb.SessionResponse | None],
    ) -> None:
        try:
            for request in requests:
                with self._changed:
                    answer = self._hear(request)
                    self._changed.notify_all()
                if answer is not None:
                    outgoing.put(answer)
            self.closed_in_order = True
        except grpc.RpcError:
            pass
        outgoing.put(None)

    def _hear(self, request: pb.SessionRequest) -> pb.SessionResponse | None:
        kind = request.WhichOneof('message')
        if kind == 'credit':
            self.credits.append(request.credit.slots)
        elif kind == 'accepted':
            self.accepted.extend(request.accepted.attempt_ids)
        elif kind == 'heartbeat':
            self.heartbeats.append(list(request.heartbeat.attempt_ids))
            if self.answers_heartbeats:
                return pb.SessionResponse(heartbeat_result=pb.HeartbeatResult())
        elif kind == 'cancel_progress':
            progress = request.cancel_progress
            self.steps.setdefault(progress.attempt_id, []).append(progress.step)
        elif kind == 'drain':
            self.drains_count += 1
        elif kind == 'finished':
            results = [self._note_report(report) for report in request.finished.reports]
            if self.records_reports:
                return pb.SessionResponse(recorded=pb.Recorded(results=results))
        return None

    def _note_report(self, report: attempt_pb2.AttemptReport) -> pb.AttemptResult:
        attempt_id = report.attempt_token.partition(':')[2]
        self.reports.setdefault(attempt_id, []).append(report)
        return pb.AttemptResult(attempt_id=attempt_id, status=pb.ATTEMPT_STATUS_RECORDED)

    def StreamLogs(
        self, requests: Iterator[pb.StreamLogsRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.StreamLogsResponse]:
        for request in requests:
            self._refuse_log(request.chunk, context)
            if self.log_breaks_count > 0:
                self.log_breaks_count -= 1
                context.abort(grpc.StatusCode.UNAVAILABLE, 'broken by a test')
            yield self._store(request.chunk)

    def _refuse_log(self, chunk: pb.LogChunk, context: grpc.ServicerContext) -> None:
        if chunk.attempt_token in self.refused_log_tokens:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, 'stale_attempt')

    def _store(self, chunk: pb.LogChunk) -> pb.StreamLogsResponse:
        attempt_id = chunk.attempt_token.partition(':')[2]
        with self._changed:
            log = self.logs.setdefault(attempt_id, bytearray())
            if chunk.offset <= len(log):
                log += chunk.content[len(log) - chunk.offset :]
            self._changed.notify_all()
            return pb.StreamLogsResponse(attempt_id=attempt_id, stored_size=len(log))

    def AppendLog(
        self, request: pb.AppendLogRequest, context: grpc.ServicerContext
    ) -> pb.AppendLogResponse:
        self._refuse_log(request.chunk, context)
        return pb.AppendLogResponse(stored_size=self._store(request.chunk).stored_size)

"""Performs attempts in this process, with the pieces a worker's child runs them with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Callable, cast

from google.protobuf.json_format import MessageToDict, ParseDict

from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from dagmesh.testing.cast import Cast
from dagmesh.testing.overtime import Limit, over_time
from dagmesh.testing.runs import LogLine
from dagmesh.testing.simulator import Message, Simulator
from dagmesh.testing.stage import Stage, VirtualTime, performing
from dagmesh.worker.attempts.attempt import Attempt, Ending
from dagmesh.worker.attempts.lease import plain_lease
from dagmesh.worker.attempts.reports import report_of
from dagmesh.worker.child.attempt_run import run_attempt
from dagmesh.worker.child.frame_socket import FrameSocket
from dagmesh.worker.child.handlers import DagFolders
from dagmesh.worker.logs.masking import Masker

# As the mesh has it when it says nothing about it, in bytes.
XCOM_SIZE_MAX = 256 * 1024

OnLine = Callable[[str, str, LogLine], None]


class Performer:
    """Performs what the simulator tells of; `on_line` takes log lines by DAG and run.

    A body that runs longer than `body_timeout_s`, in real time, is a DagTestError.
    """

    def __init__(
        self, simulator: Simulator, cast: Cast, on_line: OnLine, *, body_timeout_s: float
    ) -> None:
        self._body_timeout_s = body_timeout_s
        self._simulator = simulator
        self._cast = cast
        self._on_line = on_line
        self._clock = VirtualTime()
        # Those that may sleep.
        self._stages: dict[str, Stage] = {}

    def hear(self, event: Message) -> None:
        """Performs, wakes or stops an attempt."""
        if event['event'] == 'perform':
            self._perform(event)
            return
        stage = self._stages.get(event['attempt'])
        if stage is None:
            return
        with self._lit(stage):
            if event['event'] == 'awake':
                stage.wake(event)
            else:
                stage.stop()

    def stop(self) -> None:
        """Ends what sleeps."""
        for stage in list(self._stages.values()):
            with self._lit(stage):
                stage.stop()

    def _perform(self, event: Message) -> None:
        message = ParseDict(event['lease'], pb.Lease(), ignore_unknown_fields=True)
        lease = plain_lease(message)
        stage = Stage(self._simulator, event, lease, self._body_timeout_s)
        with self._lit(stage):
            if lease['built_in'] is not None:
                self._act_out(stage)
            elif self._cast.is_poking(lease):
                self._stages[stage.attempt] = stage
                stage.begin(lambda: self._run(stage))
            else:
                with Limit(self._body_timeout_s) as limit:
                    self._run(stage)
                if limit.place:
                    raise over_time(stage.task, self._body_timeout_s, limit.place)

    def _lit(self, stage: Stage) -> AbstractContextManager[None]:
        self._clock.stage = stage
        return performing(self._clock, lambda level, text: self._take(stage, level, text))

    def _run(self, stage: Stage) -> None:
        attempt = _AttemptHere(stage.lease, stage.attempt)
        self._cast.prepare(stage.lease)
        frame = {'lease': {**stage.lease, 'folder': ''}, 'xcom_size_max': XCOM_SIZE_MAX}
        # Both are stood in for by what has the same methods.
        link, folders = cast(FrameSocket, stage), cast(DagFolders, self._cast)
        finished = run_attempt(frame, link, folders)
        self._stages.pop(stage.attempt, None)
        if stage.is_stopped:
            return
        ending = Ending(None, finished, None)
        report = report_of(cast(Attempt, attempt), ending, is_oom_killed=False)
        for level, text in attempt.log.lines:
            self._take(stage, level, text)
        took_ms = self._cast.took(stage.lease).total_seconds() * 1000
        self._tell(stage, report, took_ms)

    def _act_out(self, stage: Stage) -> None:
        """Nobody is told anything by a test: what would be sent stands in the log."""
        action, inputs = stage.lease['built_in'], stage.lease['inputs_json']
        self._take(stage, 'info', f'would be sent: {json.dumps(action)} {inputs}')
        self._tell(stage, pb.AttemptReport(outcome=pb.OUTCOME_SUCCESS), 0)

    def _tell(self, stage: Stage, report: pb.AttemptReport | None, took_ms: float) -> None:
        assert report is not None, 'an attempt that nobody ended has a report'
        report.attempt_token = stage.attempt
        told = {'op': 'outcome', 'attempt': stage.attempt, 'took_ms': took_ms}
        self._simulator.say({**told, 'report': MessageToDict(report)})

    def _take(self, stage: Stage, level: str, message: str) -> None:
        lease = stage.lease
        line = LogLine(stage.task, lease['try_number'], level, message)
        self._on_line(lease['dag_id'], lease['run_id'], line)


class _AttemptHere:
    """What a report is made of, of an attempt that has no process of its own."""

    def __init__(self, lease: Mapping[str, Any], token: str) -> None:
        self.lease = lease
        self.token = token
        self.masker = Masker()
        self.masker.learn(lease['connections'])
        self.log = _Log()
        self.cause = None
        self.reason = ''


class _Log:
    """The lines with which a report ends a log."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.size = 0

    def write(self, level: str, _stream: str, text: str) -> None:
        """Takes a line."""
        self.lines.append((level, text))

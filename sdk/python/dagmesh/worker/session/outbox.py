"""What the worker has to say on its session, gathered into few messages.

Outcomes stay until they are recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from dagmesh.gen.worker.v1 import attempt_pb2
from dagmesh.gen.worker.v1 import worker_service_pb2 as pb

# Limits of one message: the contract's count, and bytes well below what a server takes at once.
REPORTS_PER_MESSAGE_MAX = 1000
REPORT_BYTES_PER_MESSAGE_MAX = 1024 * 1024
ATTEMPTS_PER_MESSAGE_MAX = 10_000

Reports = list[attempt_pb2.AttemptReport]


class Outbox:
    """Messages that wait for the session's writer."""

    def __init__(self) -> None:
        # Outcomes by attempt that the mesh has not recorded yet, also those already sent.
        self.unrecorded: dict[str, attempt_pb2.AttemptReport] = {}
        self._wake = asyncio.Event()
        self._credit = 0
        self._accepted: list[str] = []
        self._unsent: dict[str, attempt_pb2.AttemptReport] = {}
        self._others: list[pb.SessionRequest] = []

    def begin_session(self) -> tuple[Reports, list[str]]:
        """Starts over: answers the outcomes that fit into Hello, and tokens of those to follow."""
        self._credit = 0
        self._accepted.clear()
        self._others = [
            other for other in self._others if other.WhichOneof('message') == 'cancel_progress'
        ]
        first = next(_batches(self.unrecorded), [])
        attempt_ids = list(self.unrecorded)
        self._unsent = {key: self.unrecorded[key] for key in attempt_ids[len(first) :]}
        self._wake.set()
        return first, [report.attempt_token for report in self._unsent.values()]

    def add_credit(self, slots: int) -> None:
        """More free slots."""
        self._credit += slots
        self._wake.set()

    def accept(self, attempt_id: str) -> None:
        """The code of an attempt was started."""
        self._accepted.append(attempt_id)
        self._wake.set()

    def report(self, attempt_id: str, report: attempt_pb2.AttemptReport) -> None:
        """An attempt ended; said again after a reconnect until it is recorded."""
        self.unrecorded[attempt_id] = report
        self._unsent[attempt_id] = report
        self._wake.set()

    def say(self, message: pb.SessionRequest) -> None:
        """Anything else."""
        self._others.append(message)
        self._wake.set()

    def forget(self, attempt_id: str) -> None:
        """The outcome is recorded, or will never be."""
        self.unrecorded.pop(attempt_id, None)
        self._unsent.pop(attempt_id, None)

    async def take(self) -> list[pb.SessionRequest]:
        """Waits until there is something to say, and answers all of it."""
        await self._wake.wait()
        self._wake.clear()
        messages: list[pb.SessionRequest] = []
        for start in range(0, len(self._accepted), ATTEMPTS_PER_MESSAGE_MAX):
            part = self._accepted[start : start + ATTEMPTS_PER_MESSAGE_MAX]
            messages.append(pb.SessionRequest(accepted=pb.Accepted(attempt_ids=part)))
        for reports in _batches(self._unsent):
            messages.append(pb.SessionRequest(finished=pb.Finished(reports=reports)))
        if self._credit:
            messages.append(pb.SessionRequest(credit=pb.Credit(slots=self._credit)))
        messages.extend(self._others)
        self._credit = 0
        self._accepted.clear()
        self._unsent = {}
        self._others = []
        return messages


def _batches(reports: dict[str, attempt_pb2.AttemptReport]) -> Iterator[Reports]:
    batch: Reports = []
    size = 0
    for report in reports.values():
        report_size = report.ByteSize()
        if batch and (
            len(batch) >= REPORTS_PER_MESSAGE_MAX
            or size + report_size > REPORT_BYTES_PER_MESSAGE_MAX
        ):
            yield batch
            batch, size = [], 0
        batch.append(report)
        size += report_size
    if batch:
        yield batch

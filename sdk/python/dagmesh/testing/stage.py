"""One attempt's side of the protocol: its calls, its clock, and the thread it may sleep in."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, Callable
from unittest import mock

from google.protobuf.json_format import MessageToDict, ParseDict

from dagmesh.errors import TaskCancelled
from dagmesh.gen.worker.v1 import worker_service_pb2
from dagmesh.running.current import get_current_context, set_current_context
from dagmesh.testing.overtime import over_time, place_of
from dagmesh.testing.simulator import Message, Simulator
from dagmesh.worker.child import interrupt, sensing
from dagmesh.worker.session.task_calls import CALLS

_RPCS = worker_service_pb2.DESCRIPTOR.services_by_name['WorkerService'].methods_by_name


class Stage:
    """Where an attempt is performed. It is also the link on which its calls travel."""

    def __init__(
        self, simulator: Simulator, event: Message, lease: Mapping[str, Any], body_timeout_s: float
    ) -> None:
        self.lease = lease
        self.attempt: str = event['attempt']
        self.now_ms: float = event['now_ms']
        self._simulator = simulator
        self._answer: Message | None = None
        # Set while the attempt, or while everything else, may go on.
        self._mine, self._theirs = threading.Event(), threading.Event()
        self._body_timeout_s = body_timeout_s
        self._thread: threading.Thread | None = None
        self._is_stopped = False
        self._is_stuck = False
        self._broken: BaseException | None = None

    # As of FrameSocket.

    def send(self, frame: Message) -> None:
        """Makes a call of the attempt."""
        call = CALLS[frame['method']]
        rpc = call.rpc
        try:
            request = call.request(self.attempt, frame['arguments'])
        except (TypeError, ValueError) as error:
            refusal = {'code': 'INVALID_ARGUMENT', 'message': str(error)}
            self._answer = {'id': frame['id'], 'error': refusal}
            return
        method = rpc[0].lower() + rpc[1:]
        asked = {'call': frame['id'], 'method': method, 'input': MessageToDict(request)}
        self._simulator.say({'op': 'call', 'attempt': self.attempt, **asked})
        told = self._simulator.hear_answer(self.attempt, frame['id'])
        if 'error' in told:
            code = told['error']['code'].upper()
            self._answer = {'id': frame['id'], 'error': {**told['error'], 'code': code}}
            return
        answer = worker_service_pb2.__dict__[_RPCS[rpc].output_type.name]()
        self._answer = {
            'id': frame['id'],
            'value': call.answer(ParseDict(told['output'], answer)),
        }

    def receive(self) -> Message | None:
        """The answer to the call that was made last."""
        answer, self._answer = self._answer, None
        return answer

    # The clock of a sensor.

    def sleep(self, delay_s: float) -> None:
        """Lets virtual time pass; others go on meanwhile. TaskCancelled when it is over."""
        context = get_current_context()
        self._simulator.say({'op': 'sleep', 'attempt': self.attempt, 'ms': delay_s * 1000})
        self._mine.clear()
        self._theirs.set()
        self._mine.wait()
        set_current_context(context)
        if self._is_stopped:
            raise TaskCancelled('the task was told to end')

    # For everything else.

    def begin(self, run: Callable[[], None]) -> None:
        """Runs the attempt in a thread of its own, until it sleeps or has ended."""

        def perform() -> None:
            try:
                run()
            except BaseException as error:
                self._broken = error
            self._theirs.set()

        self._theirs.clear()
        self._thread = threading.Thread(target=perform, name=f'attempt {self.attempt}', daemon=True)
        self._thread.start()
        self._wait()

    def wake(self, event: Message) -> None:
        """It goes on after a sleep, until it sleeps again or has ended."""
        self.now_ms = event['now_ms']
        self._go_on()

    def stop(self) -> None:
        """It is over, wherever it is; it may clean up."""
        self._is_stopped = True
        self._go_on()

    @property
    def is_stopped(self) -> bool:
        """Whether anybody still wants to know how it ends."""
        return self._is_stopped

    @property
    def task(self) -> str:
        """The task instance as tests name it: `load`, or `load[3]` when mapped."""
        task_id, map_index = self.lease['task_id'], self.lease['map_index']
        return str(task_id) if map_index < 0 else f'{task_id}[{map_index}]'

    def _go_on(self) -> None:
        if self._is_stuck:
            return
        self._theirs.clear()
        self._mine.set()
        self._wait()

    def _wait(self) -> None:
        if not self._theirs.wait(self._body_timeout_s):
            assert self._thread is not None and self._thread.ident is not None
            self._is_stuck = True
            place = place_of(sys._current_frames().get(self._thread.ident))
            raise over_time(self.task, self._body_timeout_s, place)
        if self._broken is not None:
            raise self._broken


class VirtualTime:
    """What sensors take the time from, instead of `time` and `datetime`: the stage that is lit."""

    def __init__(self) -> None:
        self.stage: Stage | None = None

    def now(self, _zone: Any = None) -> datetime:
        """As `datetime.now`."""
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=self._now_ms())

    def monotonic(self) -> float:
        """As `time.monotonic`."""
        return self._now_ms() / 1000

    def sleep(self, delay_s: float) -> None:
        """As `time.sleep`."""
        stage = self.stage
        assert stage is not None, 'only a sensor that is performed sleeps'
        stage.sleep(delay_s)

    def _now_ms(self) -> float:
        return self.stage.now_ms if self.stage is not None else 0.0


@contextmanager
def performing(clock: VirtualTime, log: Callable[[str, str], None]) -> Iterator[None]:
    """While the block runs, sensors live by the clock, what tasks log is taken, and this process
    keeps its own answer to SIGTERM.
    """
    logger, taker = logging.getLogger('dagmesh.task'), _LogTaker(log)
    level = logger.level
    with ExitStack() as stack:
        for module, name, instead in (
            (sensing, 'time', clock),
            (sensing, 'datetime', clock),
            (interrupt, 'install', lambda: None),
        ):
            stack.enter_context(mock.patch.object(module, name, instead))
        logger.addHandler(taker)
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.removeHandler(taker)
            logger.setLevel(level)


class _LogTaker(logging.Handler):
    def __init__(self, take: Callable[[str, str], None]) -> None:
        super().__init__()
        self._take = take

    def emit(self, record: logging.LogRecord) -> None:
        self._take(record.levelname.lower(), record.getMessage())

"""Interrupts a body that does not end, so that its test fails with the place where it stands."""

from __future__ import annotations

import signal
import threading
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from dagmesh.testing.errors import DagTestError

# How much of a stack is told: its innermost frames.
FRAMES_MAX = 4
_SDK = str(Path(__file__).parents[1])
# A body that swallows an interruption is interrupted again.
AGAIN_S = 1.0


class _OverTime(BaseException):
    """Raised in the body; no Exception, so that it is hardly swallowed."""


class Limit:
    """`with Limit(…) as limit:` lets a body run for so long, in real time; then look at `place`.

    It needs the alarm of the main thread: elsewhere, and while the alarm is somebody else's (a test
    runner's), it does nothing.
    """

    def __init__(self, seconds: float) -> None:
        # Where the body stood when its time was over; empty when it ended by itself.
        self.place = ''
        self._seconds = seconds
        self._before: Any = None
        self._is_set = False

    def __enter__(self) -> Limit:
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getitimer(signal.ITIMER_REAL)[0] == 0:
            self._before = signal.signal(signal.SIGALRM, self._interrupt)
            signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN_S)
            self._is_set = True
        return self

    def __exit__(self, *_error: Any) -> None:
        if self._is_set:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)

    def _interrupt(self, _number: int, frame: FrameType | None) -> None:
        self.place = self.place or place_of(frame)
        raise _OverTime


def place_of(frame: FrameType | None) -> str:
    """Where the author's code stands, innermost line last."""
    stack = [each for each in traceback.extract_stack(frame) if not each.filename.startswith(_SDK)]
    return ''.join(traceback.format_list(stack[-FRAMES_MAX:])).rstrip()


def over_time(task: str, seconds: float, place: str) -> DagTestError:
    """The error to raise for a task whose body has not ended."""
    return DagTestError(
        'body_timeout',
        f'the body of {task!r} has run for {seconds:g} s of real time and has not ended. '
        'takes(span, body) makes one that takes its time on the virtual clock; '
        f'DagTest(…, body_timeout=…) lets bodies run longer. It stands at\n{place}',
    )

"""What the worker says of itself: one event, one line of JSON on stderr."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from typing import Any


def connected(address: str, session_id: str, slots: int) -> None:
    """A session began."""
    _say('info', 'connected to the executor', address=address, session_id=session_id, slots=slots)


def disconnected(address: str, reason: str, retry_in_s: float) -> None:
    """There is no session; running tasks go on."""
    fields = {'address': address, 'reason': reason, 'retry_in_s': round(retry_in_s, 2)}
    _say('warn', 'no session with the executor; running tasks go on', **fields)


def fenced(attempts_count: int) -> None:
    """Nothing was heard for so long that others may have been given the attempts."""
    _say('error', 'heard nothing for too long, ended all tasks', attempts_count=attempts_count)


def attempt_lost(attempt_id: str) -> None:
    """An attempt is no longer this worker's."""
    _say('warn', 'attempt belongs to others now, ended it', attempt_id=attempt_id)


def outcome_refused(attempt_id: str, status: str, reason: str) -> None:
    """The mesh did not take an outcome as it was."""
    _say('warn', 'outcome not taken', attempt_id=attempt_id, status=status, reason=reason)


def log_dropped(attempt_id: str, bytes_count: int, reason: str) -> None:
    """Log lines could not be delivered."""
    _say('warn', 'log lines dropped', attempt_id=attempt_id, bytes_count=bytes_count, reason=reason)


def log_broken(attempt_id: str, reason: str) -> None:
    """A log cannot be kept here; its task goes on without it."""
    _say('error', 'the log of an attempt cannot be kept', attempt_id=attempt_id, reason=reason)


def zygote_ended() -> None:
    """The parent of the children was ended by somebody else."""
    _say('error', 'the parent of the task processes ended, starting a new one')


def draining(attempts_count: int, reason: str) -> None:
    """No new work is taken."""
    _say('info', 'draining', attempts_count=attempts_count, reason=reason)


def stopped() -> None:
    """The worker is done."""
    _say('info', 'stopped')


def refused(reason: str) -> None:
    """The executor will not have this worker; it is no use to try again."""
    _say('error', 'the executor refuses this worker', reason=reason)


def _say(level: str, message: str, **fields: Any) -> None:
    now = datetime.now(timezone.utc).isoformat(timespec='milliseconds')
    print(
        json.dumps(
            {'time': now, 'level': level, 'service': 'worker', **fields, 'message': message}
        ),
        file=sys.stderr,
        flush=True,
    )

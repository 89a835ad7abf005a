"""When a sensor looks again, and what a failed look means: pure decisions, after Airflow's loop.

A sensor pokes. Something true ends it; then the elapsed time is compared with its timeout, so there
is always one poke at least. The time counts from when it first began to wait in this run, over all
tries. In mode `reschedule` it goes away and comes back later; in mode `poke` it sleeps.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Union

from dagmesh.authoring.tasks.behaviour import SensorOptions
from dagmesh.errors import FailTask, RescheduleTask, SkipTask, TaskTimeout

# A sensor that has poked more often than this pokes at the distance it has come to.
POKES_MAX = 100_000


@dataclass(frozen=True)
class Wait:
    """Which sensor waits, how, and since when."""

    options: SensorOptions
    dag_id: str
    task_id: str
    started_at: datetime


@dataclass(frozen=True)
class TimedOut:
    """The timeout has passed."""

    message: str


@dataclass(frozen=True)
class PokeAgain:
    """It sleeps so long and looks again."""

    delay_s: float


@dataclass(frozen=True)
class Reschedule:
    """It is to be run again after so long."""

    delay_s: float


NextStep = Union[TimedOut, PokeAgain, Reschedule]


def next_step(wait: Wait, *, elapsed_s: float, pokes_count: int) -> NextStep:
    """What follows a poke that found nothing; `pokes_count` counts those of this attempt."""
    timeout_s = seconds(wait.options.timeout)
    if elapsed_s > timeout_s:
        return TimedOut(f'the sensor has waited {elapsed_s:g} s, longer than its {timeout_s:g} s')
    delay_s = delay_after(wait, elapsed_s=elapsed_s, pokes_count=pokes_count)
    is_reschedule = wait.options.mode == 'reschedule'
    return Reschedule(delay_s) if is_reschedule else PokeAgain(delay_s)


def delay_after(wait: Wait, *, elapsed_s: float, pokes_count: int) -> float:
    """Seconds until the next poke, after Airflow's `_get_next_poke_interval`."""
    options = wait.options
    if not options.exponential_backoff:
        return seconds(options.poke_interval)
    is_reschedule = options.mode == 'reschedule'
    number = poke_number(wait, elapsed_s) if is_reschedule else pokes_count
    delay_s = min(seconds(options.timeout) - int(elapsed_s), backoff_s(wait, number))
    if options.max_wait is not None:
        delay_s = min(seconds(options.max_wait), delay_s)
    return delay_s


def backoff_s(wait: Wait, number: int) -> int:
    """The distance after poke `number` (from 1): at first half an interval, doubled each time,
    with a jitter that is always the same for this wait.
    """
    interval_s = seconds(wait.options.poke_interval)
    base = max(int(interval_s * 2.0 ** min(number - 2, 60)), 1)
    key = f'{wait.dag_id}#{wait.task_id}#{wait.started_at}#{number}'
    jitter = int(hashlib.sha1(key.encode()).hexdigest(), 16) % base
    return base + jitter


def poke_number(wait: Wait, elapsed_s: float) -> int:
    """Which poke it must be after this time, by adding up distances until they exceed it."""
    total_s, number = 0, 0
    while total_s <= elapsed_s and number < POKES_MAX:
        number += 1
        total_s += backoff_s(wait, number)
    return number


def meaning_of(
    error: Exception, options: SensorOptions, *, is_resumed: bool = False
) -> Exception | None:
    """What an exception of a poke means: the one to raise, or None for "not yet".

    After a deferral every failure is one of the wait itself, so the soft flags cover them all.
    """
    if isinstance(error, (SkipTask, RescheduleTask)):
        return error
    is_of_wait = is_resumed or isinstance(error, (FailTask, TaskTimeout))
    if options.silent_fail and not is_of_wait:
        return None
    if options.never_fail or (options.soft_fail and is_of_wait):
        return _skip(error, options)
    return error


def seconds(span: timedelta | int | float) -> float:
    """A span in seconds."""
    return span.total_seconds() if isinstance(span, timedelta) else float(span)


def _skip(error: Exception, options: SensorOptions) -> SkipTask:
    why = 'soft_fail' if options.soft_fail else 'never_fail'
    return SkipTask(f'skipped because of {why}: {type(error).__name__}: {error}')

"""When a sensor looks again, and what a failed look means."""

from __future__ import annotations

import json
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from dagmesh import FailTask, RescheduleTask, SensorTimeout, SkipTask, TaskTimeout
from dagmesh.authoring.tasks.behaviour import SensorOptions
from dagmesh.worker.child.poking import (
    PokeAgain,
    Reschedule,
    TimedOut,
    Wait,
    backoff_s,
    meaning_of,
    next_step,
    poke_number,
)

GOLDEN = Path(__file__).parents[1] / 'golden' / 'sensor_backoff.json'
STARTED = datetime(2024, 1, 1, tzinfo=timezone.utc)


def a_wait(**options):
    return Wait(SensorOptions(**options), 'd', 't', STARTED)


class BackoffTest(unittest.TestCase):
    def test_the_golden_distances(self):
        golden = json.loads(GOLDEN.read_text())
        started = datetime.fromisoformat(golden['started_at'])
        for row in golden['rows']:
            with self.subTest(row):
                options = SensorOptions(poke_interval=row['poke_interval'])
                wait = Wait(options, golden['dag_id'], golden['task_id'], started)
                self.assertEqual(backoff_s(wait, row['number']), row['backoff'])

    def test_a_rescheduled_sensor_finds_its_place_by_the_time_that_has_passed(self):
        # The golden distances of 60 s are 41, 97 and 198 s, which add up to 41, 138 and 336 s.
        wait = a_wait(mode='reschedule', exponential_backoff=True)
        places = {0: 1, 40: 1, 41: 2, 137: 2, 138: 3, 335: 3, 336: 4}
        found = {elapsed_s: poke_number(wait, elapsed_s) for elapsed_s in places}
        self.assertEqual(found, places)

    def test_a_poking_sensor_counts_its_pokes(self):
        wait = a_wait(exponential_backoff=True)
        self.assertEqual(next_step(wait, elapsed_s=0, pokes_count=3), PokeAgain(198))

    def test_a_distance_ends_at_the_timeout_and_at_max_wait(self):
        wait = a_wait(mode='reschedule', exponential_backoff=True, timeout=150)
        self.assertEqual(next_step(wait, elapsed_s=50.9, pokes_count=1), Reschedule(97))
        self.assertEqual(next_step(wait, elapsed_s=100.9, pokes_count=1), Reschedule(50))
        limited = a_wait(exponential_backoff=True, max_wait=timedelta(seconds=30))
        self.assertEqual(next_step(limited, elapsed_s=0, pokes_count=3), PokeAgain(30))

    def test_without_backoff_the_distance_is_the_interval_even_beyond_the_timeout(self):
        wait = a_wait(poke_interval=timedelta(seconds=60), timeout=10)
        self.assertEqual(next_step(wait, elapsed_s=5, pokes_count=1), PokeAgain(60))

    def test_the_timeout_counts_once_it_is_exceeded(self):
        wait = a_wait(timeout=10)
        self.assertIsInstance(next_step(wait, elapsed_s=10, pokes_count=1), PokeAgain)
        self.assertIsInstance(next_step(wait, elapsed_s=10.1, pokes_count=1), TimedOut)


class MeaningTest(unittest.TestCase):
    """Rows: options, the error of a poke, what it means (None: not yet)."""

    def test_what_an_exception_of_a_poke_means(self):
        soft, never, silent = {'soft_fail': True}, {'never_fail': True}, {'silent_fail': True}
        rows = [
            ({}, SkipTask(), SkipTask),
            (soft, SkipTask(), SkipTask),
            (silent, RescheduleTask(STARTED), RescheduleTask),
            ({}, SensorTimeout(), SensorTimeout),
            (soft, SensorTimeout(), SkipTask),
            (soft, TaskTimeout(), SkipTask),
            ({}, TaskTimeout(), TaskTimeout),
            (never, FailTask(), SkipTask),
            (silent, FailTask(), FailTask),
            ({}, ValueError(), ValueError),
            (soft, ValueError(), ValueError),
            (silent, ValueError(), None),
            (never, ValueError(), SkipTask),
            ({**silent, **never}, ValueError(), None),
            ({**silent, **soft}, FailTask(), SkipTask),
        ]
        for options, error, meaning in rows:
            with self.subTest(options=options, error=error):
                found = meaning_of(error, SensorOptions(**options))
                self.assertIs(None if found is None else type(found), meaning)

    def test_after_a_deferral_every_failure_is_covered(self):
        rows = [
            ({}, ValueError(), ValueError),
            ({'soft_fail': True}, ValueError(), SkipTask),
            ({'never_fail': True}, SensorTimeout(), SkipTask),
            ({'silent_fail': True}, ValueError(), ValueError),
        ]
        for options, error, meaning in rows:
            with self.subTest(options=options, error=error):
                found = meaning_of(error, SensorOptions(**options), is_resumed=True)
                self.assertIs(type(found), meaning)

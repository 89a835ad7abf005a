"""What the tests of the test kit share."""

from __future__ import annotations

import unittest
from datetime import datetime, timezone

from dagmesh import DAG, task
from dagmesh.testing import DagTest, DagTestError
from dagmesh.testing.node import node


def has_node() -> bool:
    """Whether there is a Node for the simulator; without one the kit cannot be tested."""
    try:
        return bool(node())
    except DagTestError:
        return False


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def an_etl(**arguments) -> DAG:
    """Extract, transform, load: one after the other."""
    with DAG('etl', **{'schedule': '@daily', **arguments}) as made:

        @task
        def extract():
            return [1, 2, 3]

        @task
        def transform(rows):
            return [row * 10 for row in rows]

        @task
        def load(rows, ctx=None):
            ctx.log.info('loaded %d rows', len(rows))
            return sum(rows)

        load(transform(extract()))
    return made


@unittest.skipUnless(has_node(), 'the simulator runs on Node')
class DagTestCase(unittest.TestCase):
    def a_test_of(self, dags, **arguments) -> DagTest:
        made = DagTest(dags, **{'start_date': '2026-01-01', **arguments})
        self.addCleanup(made.close)
        return made

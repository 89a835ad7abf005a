"""The crew: which process is lent out, whatever the parent of the children is up to."""

from __future__ import annotations

import asyncio
import os
import signal
import unittest
from unittest import mock

from dagmesh.worker.children import crew as crew_module
from dagmesh.worker.children.crew import Crew
from tests.worker.case import SDK

DEADLINE_S = 30.0
# A child that finds its link closed ends well within this.
END_S = 2.0


class CrewTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_child_that_comes_too_late_is_not_taken_for_the_next_one(self):
        crew = Crew(folder=str(SDK / 'tests' / 'dags'), child_memory_mb=0, tasks_per_child=5)
        try:
            await crew.take()
            zygote = crew._zygote
            assert zygote is not None
            os.kill(zygote.pid, signal.SIGSTOP)
            try:
                with mock.patch.object(crew_module, 'SPAWN_TIMEOUT_S', 0.1):
                    with self.assertRaises(asyncio.TimeoutError):
                        await crew.take()
                next_one = asyncio.ensure_future(crew.take())
                await asyncio.sleep(0)
            finally:
                os.kill(zygote.pid, signal.SIGCONT)
            child = await asyncio.wait_for(next_one, DEADLINE_S)
            await asyncio.wait([child.exited], timeout=END_S)
            self.assertFalse(child.exited.done(), 'it is the child whose link was closed')
        finally:
            await crew.stop()

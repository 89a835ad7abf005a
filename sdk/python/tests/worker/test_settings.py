"""What a worker is told on its command line, and what it remembers to say."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
import unittest

from dagmesh.gen.worker.v1 import attempt_pb2
from dagmesh.worker.config import WorkerConfig, read_config
from dagmesh.worker.session.outbox import REPORT_BYTES_PER_MESSAGE_MAX, Outbox


class ConfigTest(unittest.TestCase):
    def read(self, *flags: str, **environment: str) -> WorkerConfig:
        known = {'DAGMESH_WORKER_TOKEN': 't', 'DAGMESH_DAGS_FOLDER': tempfile.gettempdir()}
        return read_config(flags, {**known, **environment})

    def refusal(self, *flags: str, **environment: str) -> str:
        with contextlib.redirect_stderr(io.StringIO()) as told, self.assertRaises(SystemExit):
            self.read(*flags, **environment)
        return told.getvalue()

    def test_defaults(self):
        config = self.read()
        self.assertEqual(config.executor_address, '127.0.0.1:7103')
        self.assertEqual((config.queues, config.slots), (['python'], 4))
        self.assertNotEqual(config.worker_id, self.read().worker_id)

    def test_a_flag_is_stronger_than_its_variable(self):
        config = self.read('--slots', '2', DAGMESH_WORKER_SLOTS='3', DAGMESH_WORKER_QUEUES='a, b')
        self.assertEqual((config.slots, config.queues), (2, ['a', 'b']))

    def test_a_bad_value_is_named(self):
        self.assertIn('DAGMESH_WORKER_TOKEN is not set', self.refusal(DAGMESH_WORKER_TOKEN=''))
        self.assertIn("'/nowhere', and there is no such", self.refusal('--dags', '/nowhere'))
        self.assertIn("--queues is 'a b'", self.refusal(DAGMESH_WORKER_QUEUES='a b'))
        self.assertIn("--slots is '0'; it must be a whole number", self.refusal('--slots', '0'))
        self.assertIn("--id is 'ä'", self.refusal('--id', 'ä'))


class OutboxTest(unittest.IsolatedAsyncioTestCase):
    async def test_what_was_gathered_leaves_in_few_messages(self):
        outbox = Outbox()
        for number in range(3):
            outbox.accept(f'a{number}')
            outbox.report(f'b{number}', attempt_pb2.AttemptReport(attempt_token=f'b{number}'))
        outbox.add_credit(1)
        outbox.add_credit(2)
        accepted, finished, credit = await asyncio.wait_for(outbox.take(), 5)
        self.assertEqual(list(accepted.accepted.attempt_ids), ['a0', 'a1', 'a2'])
        self.assertEqual(len(finished.finished.reports), 3)
        self.assertEqual(credit.credit.slots, 3)

    async def test_outcomes_too_large_for_Hello_follow_it_and_are_held_until_then(self):
        outbox = Outbox()
        text = 'x' * (REPORT_BYTES_PER_MESSAGE_MAX * 2 // 3)
        for name in ('first', 'second', 'third'):
            outbox.report(name, attempt_pb2.AttemptReport(attempt_token=name, reason=text))
        await outbox.take()
        in_hello, held_tokens = outbox.begin_session()
        self.assertEqual([report.attempt_token for report in in_hello], ['first'])
        self.assertEqual(held_tokens, ['second', 'third'])
        outbox.forget('first')
        messages = await asyncio.wait_for(outbox.take(), 5)
        tokens = [message.finished.reports[0].attempt_token for message in messages]
        self.assertEqual(tokens, ['second', 'third'])

"""How to test a DAG: its own functions on a virtual clock, and people whom the test plays."""

import unittest
from datetime import timedelta
from pathlib import Path

from dagmesh.testing import DagTest, dags_in

FILE = Path(__file__).parent.parent / 'python_approval.py'


class ApprovalTest(unittest.TestCase):
    def setUp(self):
        self.test = DagTest(dags_in(FILE))
        self.addCleanup(self.test.close)

    def test_what_is_approved_is_published_where_it_was_said(self):
        run = self.test.run()
        self.assertEqual(run.tasks['wording'], 'awaiting_input')
        self.test.respond('wording', choose='as below', params_input={'headline': 'Rain'})
        self.test.play()
        self.test.respond('approve', choose='Approve', by='ann')
        self.test.play()
        self.test.respond('where', choose=['web'])
        run = self.test.play()
        self.assertEqual(run.state, 'success')
        self.assertEqual(run.xcoms['approve']['return_value']['responded_by'], 'ann')
        places = run.tasks['publish'], run.tasks['web'], run.tasks['print']
        self.assertEqual(places, ('success', 'success', 'skipped'))

    def test_a_refusal_skips_what_follows(self):
        self.test.run()
        self.test.respond('wording', choose='as it is')
        self.test.play()
        self.test.respond('approve', choose='Reject')
        run = self.test.play()
        self.assertEqual((run.tasks['publish'], run.tasks['where']), ('skipped', 'skipped'))

    def test_without_an_answer_the_headline_stays_as_it_is_after_an_hour(self):
        run = self.test.run()
        run = self.test.play(until=self.test.now + timedelta(hours=1))
        self.assertEqual(run.xcoms['wording']['return_value']['responded_by'], 'timeout')
        self.assertEqual(run.tasks['approve'], 'awaiting_input')


if __name__ == '__main__':
    unittest.main()

"""What operators do that bring their own code."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from tests.plain import plain
from tests.worker.case import SharedWorkerCase

DAY = Timestamp(seconds=1704067200)


class OperatorTest(SharedWorkerCase):
    def run_operator(self, name, **fields):
        return self.mesh.report_of(self.mesh.lease(f'operators.py:operators.{name}', **fields))

    def run_bash(self, command, **fields):
        return self.run_operator('bash', inputs={'bash_command': command}, **fields)

    def test_the_last_line_of_a_command_is_kept(self):
        report = self.run_bash('echo first; echo {{ ds }}', logical_date=DAY)
        self.assertEqual(self.value_of(report), '2024-01-01')

    def test_the_exit_code_of_a_command_decides(self):
        self.assertEqual(self.run_bash('exit 99').outcome, pb.OUTCOME_SKIPPED)
        self.assertIn('exited with code 3', self.run_bash('exit 3').error.message)

    def test_a_triggered_run_is_waited_for_without_a_slot(self):
        given = {'trigger_dag_id': 'other', 'wait_for_completion': True, 'poke_interval': 5}
        report = self.run_operator('run', inputs=given)
        waited_for = {
            'dag_id': 'other',
            'run_id': 'manual__now',
            'allowed_states': ['success'],
            'failed_states': ['failed'],
            'poll_interval': '5s',
        }
        self.assertEqual(plain(report.defer.trigger), {'external_task': waited_for})
        resume = pb.Resume(state_json=report.defer.state_json, event_json='{}')
        self.assertEqual(
            self.value_of(self.run_operator('run', inputs=given, resume=resume)), 'manual__now'
        )

    def test_a_run_of_another_dag_is_found_by_its_date(self):
        given = {'external_dag_id': 'o', 'execution_delta_s': 86400.0, 'wait_timeout_s': 60.0}
        report = self.run_operator('other', inputs=given, logical_date=DAY)
        waited_for = {'dag_id': 'o', 'logical_dates': ['2023-12-31T00:00:00Z']}
        self.assertEqual(plain(report.defer.trigger), {'external_task': waited_for})
        self.assertEqual(report.defer.timeout.seconds, 60)
        done = self.run_operator('other', inputs=given, resume=pb.Resume(event_json='{}'))
        self.assertEqual(done.outcome, pb.OUTCOME_SUCCESS)
        undated = self.run_operator('other', inputs=given)
        self.assertTrue(undated.error.is_final)

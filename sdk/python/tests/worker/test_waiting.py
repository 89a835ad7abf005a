"""Tasks that give their slot back: what the mesh is told, and how they go on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from google.protobuf.timestamp_pb2 import Timestamp

from dagmesh.gen.dag.v1 import waiting_pb2
from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from tests.plain import plain
from tests.worker.case import SharedWorkerCase


def ago(**span):
    instant = Timestamp()
    instant.FromDatetime(datetime.now(timezone.utc) - timedelta(**span))
    return instant


class WaitingTest(SharedWorkerCase):
    def run_wait(self, name, **fields):
        return self.mesh.report_of(self.mesh.lease(f'waits.py:{name}', **fields))

    def resume(self, name, **fields):
        return self.run_wait(name, resume=pb.Resume(**fields))

    def test_a_task_defers_with_its_trigger_its_method_and_what_it_pushed(self):
        report = self.run_wait('defers')
        self.assertEqual(report.outcome, pb.OUTCOME_DEFERRED)
        http = {'url': 'http://x', 'method': 'GET', 'poll_interval': '2s'}
        expected = {
            'trigger': {'http': http},
            'timeout': '300s',
            'method': 'goes_on',
            'state_json': '{"job":"j1"}',
        }
        self.assertEqual(plain(report.defer), expected)
        self.assertEqual(self.value_of(report, 'before'), 1)

    def test_its_method_goes_on_with_the_event(self):
        report = self.resume('defers', method='goes_on', state_json='{"job":"j1"}', event_json='7')
        self.assertEqual(report.outcome, pb.OUTCOME_SUCCESS)
        self.assertEqual(self.value_of(report), ['j1', 7, 'a_run'])

    def test_without_a_method_the_task_itself_goes_on(self):
        report = self.run_wait('defers_to_itself')
        self.assertEqual(plain(report.defer)['trigger'], {'timer': {'after': '1.500s'}})
        state = report.defer.state_json
        again = self.resume('defers_to_itself', state_json=state, event_json='"late"')
        self.assertEqual(self.value_of(again), [2, 'late'])

    def test_a_method_that_is_not_there_fails_before_the_wait(self):
        report = self.run_wait('defers_to_nowhere')
        self.assertEqual(report.outcome, pb.OUTCOME_FAILED)
        self.assertIn('waits.py:absent is not there', report.error.message)
        inside = self.run_wait('defers_to_inside')
        self.assertIn('must be at the top of waits.py', inside.error.message)
        self.assertIn('a trigger', self.run_wait('defers_for_nothing').error.message)

    def test_a_failed_wait_fails_the_task_which_may_be_tried_again(self):
        report = self.resume('defers', method='goes_on', error='the trigger broke')
        self.assertEqual(report.error.error_class, 'dagmesh.errors.DeferralFailed')
        self.assertEqual(report.error.message, 'the trigger broke')
        late = self.resume('defers', method='goes_on', error='trigger_timeout')
        self.assertEqual(late.error.error_class, 'dagmesh.errors.DeferralTimeout')
        self.assertFalse(late.error.is_final)

    def test_a_task_asks_people_and_hears_them(self):
        report = self.run_wait('asks_people')
        self.assertEqual(report.outcome, pb.OUTCOME_AWAITING_INPUT)
        asked = {'subject': 'Really?', 'options': ['yes', 'no'], 'timeout': '60s'}
        self.assertEqual(plain(report.await_input.human_input), asked)
        answer = waiting_pb2.HumanInputResponse(
            chosen_options=['yes'], params_json='{"a":1}', responded_by='ann'
        )
        heard = self.resume('asks_people', method=report.await_input.method, response=answer)
        self.assertEqual(self.value_of(heard), [['yes'], {'a': 1}, 'ann'])

    def test_a_task_comes_back_when_it_wants_to(self):
        report = self.run_wait('comes_back_later')
        self.assertEqual(report.outcome, pb.OUTCOME_RESCHEDULED)
        self.assertEqual(report.reschedule_at.ToJsonString(), '2030-01-01T00:00:00Z')

    def test_a_child_can_run_the_next_task_after_a_wait(self):
        self.run_wait('defers')
        pid = self.value_of(self.run_task('tells_pid'))
        self.run_wait('comes_back_later')
        self.assertEqual(self.value_of(self.run_task('tells_pid')), pid)


class SensorTest(SharedWorkerCase):
    def sense(self, name, **fields):
        return self.mesh.report_of(self.mesh.lease(f'waits.py:{name}', **fields))

    def test_a_sensor_pokes_until_it_is_done(self):
        self.assertEqual(self.value_of(self.sense('third_poke')), 0)

    def test_a_sensor_in_mode_reschedule_gives_its_slot_back(self):
        before = datetime.now(timezone.utc)
        report = self.sense('never_there')
        self.assertEqual(report.outcome, pb.OUTCOME_RESCHEDULED)
        wait_s = (report.reschedule_at.ToDatetime(timezone.utc) - before).total_seconds()
        self.assertTrue(90 <= wait_s < 110, wait_s)

    def test_the_timeout_counts_from_the_first_poke_of_the_run(self):
        report = self.sense('never_there', waiting_since=ago(days=8))
        self.assertEqual(report.error.error_class, 'dagmesh.errors.SensorTimeout')
        self.assertTrue(report.error.is_final)
        self.assertEqual(
            self.sense('never_there', waiting_since=ago(days=6)).outcome, pb.OUTCOME_RESCHEDULED
        )

    def test_a_soft_sensor_skips_when_its_time_is_over(self):
        report = self.sense('soft_never', waiting_since=ago(minutes=1))
        self.assertEqual(report.outcome, pb.OUTCOME_SKIPPED)
        self.assertIn('longer than its 30 s', report.reason)

    def test_failures_of_a_silent_sensor_are_logged_and_time_goes_on(self):
        attempt_id = self.mesh.lease(
            'waits.py:breaks_then_gives_up', waiting_since=ago(seconds=29.9)
        )
        self.assertIn('SensorTimeout', self.mesh.report_of(attempt_id).error.error_class)
        log = ' '.join(line['message'] for line in self.log_lines(attempt_id))
        self.assertIn('not readable yet', log)

    def test_a_sensor_that_was_deferred_turns_any_failure_into_a_skip(self):
        self.assertEqual(self.sense('defers_as_a_sensor').outcome, pb.OUTCOME_DEFERRED)
        late = pb.Resume(method='hears', error='trigger_timeout')
        report = self.sense('defers_as_a_sensor', resume=late)
        self.assertEqual(report.outcome, pb.OUTCOME_SKIPPED)
        self.assertIn('SensorTimeout', report.reason)
        broken = pb.Resume(method='hears', event_json=json.dumps(1))
        self.assertEqual(
            self.sense('defers_as_a_sensor', resume=broken).outcome, pb.OUTCOME_SKIPPED
        )

"""What ends a sensor, row by row of the table that the SDKs share."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from google.protobuf.timestamp_pb2 import Timestamp

from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from tests.worker.case import SDK, SharedWorkerCase

TABLE = SDK.parents[1] / 'tests' / 'conformance' / 'cases' / 'sensor-ends.json'
TRIGGER_ERRORS = {'trigger_timeout': 'trigger_timeout', 'trigger_failure': 'it broke'}


class SensorEndsTest(SharedWorkerCase):
    def test_poking_sensors_end_as_the_table_says(self):
        self.play('poke')

    def test_rescheduling_sensors_end_as_the_table_says(self):
        self.play('reschedule')

    def test_sensors_whose_method_goes_on_after_a_deferral_end_as_the_table_says(self):
        self.play('resumed', method='breaks')

    def test_sensors_that_go_on_themselves_after_a_deferral_end_as_the_table_says(self):
        self.play('resumed')

    def play(self, mode, **resume):
        rows = [row for row in json.loads(TABLE.read_text())['rows'] if row['mode'] == mode]
        self.assertTrue(rows)
        for row in rows:
            with self.subTest(row['name']):
                report = self.mesh.report_of(self.lease(row, **resume))
                self.assertEqual(outcome_of(report, mode), row['outcome'], report)

    def lease(self, row, **resume):
        mode, event = row['mode'], row['event']
        fields = {}
        if mode == 'resumed':
            resume = {'state_json': json.dumps({'event': event}), **resume}
            fields['resume'] = pb.Resume(**resume, error=TRIGGER_ERRORS.get(event, ''))
        if event == 'own_timeout':
            fields['waiting_since'] = Timestamp()
            fields['waiting_since'].FromDatetime(datetime.now(timezone.utc) - timedelta(hours=2))
        task_id = '.'.join(['poke' if mode == 'resumed' else mode, *sorted_flags(row['flags'])])
        handler = f'sensor_ends.py:sensor_ends.{task_id}'
        return self.mesh.lease(handler, inputs={'event': event}, **fields)


def sorted_flags(flags):
    """In the order of the names of the sensors."""
    return [flag for flag in ('soft_fail', 'never_fail', 'silent_fail') if flag in flags]


def outcome_of(report, mode):
    """The table's name of how an attempt ended; a poking sensor's second poke is true."""
    if report.outcome == pb.OUTCOME_SKIPPED:
        return 'skipped'
    if report.outcome == pb.OUTCOME_FAILED:
        return 'failed_for_good' if report.error.is_final else 'failed'
    again = pb.OUTCOME_RESCHEDULED if mode == 'reschedule' else pb.OUTCOME_SUCCESS
    return 'pokes_again' if report.outcome == again else pb.Outcome.Name(report.outcome)

"""What tasks write, what they may reach, and what they leave behind."""

from __future__ import annotations

import json
import os
import time

from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from tests.worker.case import SharedWorkerCase, WorkerCase


class ChildTest(SharedWorkerCase):
    flags = ('--slots', '1')

    def value_from(self, name: str, **fields):
        return self.value_of(self.run_task(name, **fields))

    def test_all_that_a_task_writes_is_in_its_log_in_order(self):
        lines = self.log_lines(self.mesh.lease('tasks.py:writes_everywhere'))
        python = [(line['stream'], line['level'], line['message']) for line in lines[:5]]
        self.assertIn(('task', 'warning', 'two'), python)
        self.assertIn(('stdout', 'info', 'one'), python)
        self.assertIn(('stdout', 'info', 'half and half'), python)
        self.assertIn(('stderr', 'error', 'three'), python)
        messages = [line['message'] for line in lines]
        self.assertLess(messages.index('one'), messages.index('three'))
        self.assertCountEqual(messages, ['one', 'two', 'half and half', 'three', 'four', 'five'])
        self.assertRegex(lines[0]['time'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')

    def test_a_flood_is_cut_at_the_limit_and_the_cut_is_told(self):
        attempt_id = self.mesh.lease('tasks.py:prints_a_lot')
        lines = self.log_lines(attempt_id)
        self.assertEqual(self.value_of(self.mesh.report_of(attempt_id)), 'printed')
        self.assertLessEqual(len(self.mesh.logs[attempt_id]), 1024 * 1024)
        self.assertGreater(len(self.mesh.logs[attempt_id]), 900_000)
        self.assertIn('reached its limit of 1,048,576 bytes', lines[-1]['message'])

    def test_a_process_a_task_forks_neither_spoils_the_link_nor_reports(self):
        attempt_id = self.mesh.lease('tasks.py:prints_in_a_fork')
        self.assertEqual(self.value_of(self.mesh.report_of(attempt_id)), 'from the task')
        self.assertIn('from a fork', [line['message'] for line in self.log_lines(attempt_id)])

    def test_secrets_of_connections_leave_neither_in_the_log_nor_in_errors(self):
        connection = pb.ResolvedConnection(conn_id='db', password='hunter2 "long"')
        attempt_id = self.mesh.lease('tasks.py:tells_secrets', connections=[connection])
        report = self.mesh.report_of(attempt_id)
        self.assertEqual(report.error.message, 'cannot sign in with ***')
        log = self.mesh.log_of(attempt_id).decode()
        self.assertIn('the password is ***', log)
        for secret in ('hunter2', 'long'):
            self.assertNotIn(secret, log + report.error.stack)

    def test_calls_of_a_task_reach_the_mesh(self):
        self.assertEqual(self.value_from('uses_variables'), [{'is': 'green'}, 'gone'])
        self.assertEqual(
            {call.attempt_token.partition(':')[0] for call in self.mesh.calls}, {'token'}
        )

    def test_small_values_travel_with_the_outcome_and_large_ones_at_once(self):
        report = self.run_task('push')
        self.assertEqual({xcom.key for xcom in report.xcoms}, {'small', 'return_value'})
        self.assertEqual(len(json.loads(self.mesh.xcoms['large'])), 600_000)

    def test_the_workers_token_is_hidden_from_tasks(self):
        self.assertEqual(self.value_from('reads_environment'), [])

    def test_a_child_runs_one_task_after_another(self):
        self.assertEqual(self.value_from('tells_pid'), self.value_from('tells_pid'))

    def test_what_a_task_changes_around_itself_is_put_back(self):
        pid = self.value_from('changes_surroundings')
        self.assertEqual(self.value_from('tells_surroundings'), [None, False, pid])

    def test_a_child_is_replaced_after_a_failure(self):
        pid = self.value_from('tells_pid')
        self.run_task('breaks')
        self.assertNotEqual(self.value_from('tells_pid'), pid)

    def test_a_child_in_which_a_task_left_a_thread_is_replaced(self):
        pid = self.value_from('leaves_a_thread')
        self.assertNotEqual(self.value_from('tells_pid'), pid)
        self.wait_until_gone(pid)

    def test_a_changed_file_is_loaded_anew_also_when_another_file_imports_it(self):
        (self.dags_folder / 'rates.py').write_text('RATE = 1\n')
        (self.dags_folder / 'prices.py').write_text(
            'import rates\n\ndef price(): return rates.RATE\n'
        )
        before = self.value_of(self.mesh.report_of(self.mesh.lease('prices.py:price')))
        path = self.dags_folder / 'rates.py'
        path.write_text('RATE = 2\n')
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns + 1_000_000))
        after = self.value_of(self.mesh.report_of(self.mesh.lease('prices.py:price')))
        self.assertEqual((before, after), (1, 2))

    def test_a_file_that_cannot_be_loaded_fails_its_task_with_the_reason(self):
        (self.dags_folder / 'broken.py').write_text('import no_such_module\n')
        report = self.mesh.report_of(self.mesh.lease('broken.py:run'))
        self.assertEqual(report.error.error_class, 'ModuleNotFoundError')
        self.assertIn('broken.py", line 1', report.error.stack)

    def test_a_task_inside_a_dag_function_is_found_by_its_dag_and_task(self):
        report = self.mesh.report_of(self.mesh.lease('weather.py:weather.extract'))
        self.assertEqual(self.value_of(report), {'rain': 3})


class RecyclingTest(WorkerCase):
    def test_a_child_is_replaced_after_enough_attempts(self):
        self.start_worker('--slots', '1', '--tasks-per-child', '2')
        pids = [self.value_of(self.run_task('tells_pid')) for _ in range(3)]
        self.assertEqual(pids[0], pids[1])
        self.assertNotEqual(pids[1], pids[2])

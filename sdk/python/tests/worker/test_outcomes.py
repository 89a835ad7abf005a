"""What the mesh is told about attempts, however they end."""

from __future__ import annotations

import signal

from google.protobuf.timestamp_pb2 import Timestamp

from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from tests.worker.case import SharedWorkerCase, WorkerCase
from tests.worker.fake_mesh import seconds


class OutcomeTest(SharedWorkerCase):
    def assert_failed(self, report, *, reason, error_class, message):
        self.assertEqual(report.outcome, pb.OUTCOME_FAILED)
        self.assertEqual(pb.FailureReason.Name(report.error.reason), f'FAILURE_REASON_{reason}')
        self.assertEqual(report.error.error_class, error_class)
        self.assertEqual(report.error.message, message)

    def test_what_a_task_returns_becomes_its_return_value(self):
        report = self.run_task('add', inputs={'a': 1, 'b': 2})
        self.assertEqual(report.outcome, pb.OUTCOME_SUCCESS)
        self.assertEqual(self.value_of(report), 3)

    def test_a_task_that_returns_nothing_pushes_nothing(self):
        report = self.run_task('noop')
        self.assertEqual((report.outcome, len(report.xcoms)), (pb.OUTCOME_SUCCESS, 0))

    def test_an_async_function_is_awaited(self):
        self.assertEqual(self.value_of(self.run_task('add_async', inputs={'a': 1, 'b': 2})), 3)

    def test_a_task_knows_its_context(self):
        day = Timestamp(seconds=1704067200)
        report = self.run_task(
            'tell_context',
            params={'x': 1},
            logical_date=day,
            data_interval_start=day,
            connections=[pb.ResolvedConnection(conn_id='db', host='db.example')],
        )
        self.assertEqual(
            self.value_of(report),
            {
                'ids': ['a_dag', 'a_run', 'a_task', -1, 1, 1],
                'ds': '2024-01-01',
                'start': '2024-01-01T00:00:00+00:00',
                'params': {'x': 1},
                'same': True,
                'connection': 'db.example',
            },
        )

    def test_a_run_without_a_date_has_no_ds(self):
        report = self.run_task('takes_ds')
        self.assertEqual(report.error.error_class, 'dagmesh.errors.ContextError')
        self.assertTrue(report.error.message.startswith("'ds' is absent: this run has no"))
        self.assertEqual(self.value_of(self.run_task('takes_ds_or_not')), 'none')

    def test_multiple_outputs_are_pushed_under_their_keys_too(self):
        report = self.run_task('split')
        self.assertEqual(self.value_of(report, 'left'), 1)
        self.assertEqual(self.value_of(report, 'right'), [2])
        self.assertEqual(self.value_of(report), {'left': 1, 'right': [2]})

    def test_an_exception_is_told_with_the_traceback_of_the_tasks_own_code(self):
        report = self.run_task('breaks')
        self.assert_failed(
            report, reason='EXCEPTION', error_class='ValueError', message='no such day'
        )
        self.assertFalse(report.error.is_final)
        self.assertIn('tasks.py", line', report.error.stack)
        self.assertNotIn('attempt_run.py', report.error.stack)

    def test_the_class_of_an_error_is_told_with_those_it_descends_from(self):
        error = self.run_task('breaks_with_its_own').error
        self.assertTrue(error.error_class.endswith('.NoSuchDay'), error.error_class)
        lookup = ['LookupError', 'Exception', 'BaseException']
        self.assertEqual(list(error.error_class_ancestors), ['KeyError', *lookup])

    def test_SkipTask_skips(self):
        report = self.run_task('skips')
        self.assertEqual((report.outcome, report.reason), (pb.OUTCOME_SKIPPED, 'nothing to do'))

    def test_FailTask_is_final(self):
        self.assertTrue(self.run_task('fails_for_good').error.is_final)

    def test_RetryTask_overrides_the_delay(self):
        self.assertEqual(self.run_task('asks_for_a_retry').error.retry_delay.ToMilliseconds(), 1500)

    def test_sys_exit_fails(self):
        report = self.run_task('exits')
        self.assert_failed(
            report, reason='EXITED', error_class='SystemExit', message='the task called sys.exit(3)'
        )

    def test_a_process_that_exits_fails_its_task(self):
        message = 'the process of the task exited with code 7 before the task returned'
        self.assert_failed(
            self.run_task('exits_at_once'),
            reason='EXITED',
            error_class='ChildExited',
            message=message,
        )

    def test_a_crash_fails_its_task_and_leaves_its_stack_in_the_log(self):
        attempt_id = self.mesh.lease('tasks.py:crashes')
        message = f'the process of the task was ended by signal {int(signal.SIGSEGV)} (SIGSEGV)'
        report = self.mesh.report_of(attempt_id)
        self.assert_failed(report, reason='EXITED', error_class='ChildExited', message=message)
        messages = [line['message'] for line in self.log_lines(attempt_id)]
        self.assertTrue(any('Segmentation fault' in message for message in messages), messages)

    def test_a_return_value_that_is_too_large_fails(self):
        report = self.run_task('returns_too_much')
        self.assertEqual(report.error.reason, pb.FAILURE_REASON_LIMIT)
        self.assertIn('the return value has 300,002 bytes of JSON', report.error.message)

    def test_a_return_value_that_is_no_json_fails(self):
        self.assertIn(
            'the return value has no JSON form', self.run_task('returns_a_set').error.message
        )
        self.assertIn(
            'the return value has no JSON form', self.run_task('returns_nan').error.message
        )

    def test_an_input_the_task_does_not_take_fails(self):
        report = self.run_task('noop', inputs={'surplus': 1})
        self.assertIn("unexpected keyword argument 'surplus'", report.error.message)

    def test_a_task_that_runs_too_long_fails_where_it_stands(self):
        report = self.run_task('sleeps', execution_timeout=seconds(0.3))
        message = 'the task has run longer than its execution_timeout of 0.3 s'
        self.assert_failed(report, reason='TIMEOUT', error_class='TaskTimeout', message=message)
        self.assertIn('time.sleep(60)', report.error.stack)
        self.assertNotIn('interrupt.py', report.error.stack)

    def test_a_task_that_ignores_its_timeout_is_killed(self):
        (self.scratch / 'pids').mkdir()
        inputs = {'folder': str(self.scratch / 'pids')}
        report = self.run_task('resists', inputs=inputs, execution_timeout=seconds(0.3))
        self.assertEqual(report.error.reason, pb.FAILURE_REASON_TIMEOUT)
        for name in ('task', 'child', 'daemon'):
            self.wait_until_gone(int((self.scratch / 'pids' / name).read_text()))

    def test_a_handler_that_is_not_there_fails_and_is_named(self):
        report = self.mesh.report_of(self.mesh.lease('absent.py:run'))
        self.assertIn('absent.py is not in the DAG folder', report.error.message)
        self.assertEqual(report.error.error_class, 'HandlerNotFound')
        self.assertTrue(report.error.is_final)
        self.assertIn('tasks.py:absent is not there', self.run_task('absent').error.message)

    def test_a_handler_outside_of_the_folder_is_not_loaded(self):
        (self.scratch / 'outside.py').write_text('def run(): return 1')
        report = self.mesh.report_of(self.mesh.lease('../outside.py:run'))
        self.assertIn('is not in the DAG folder', report.error.message)


class MemoryTest(WorkerCase):
    def test_a_task_over_its_memory_fails_and_harms_no_other(self):
        self.start_worker('--child-memory-mb', '512')
        self.assertEqual(self.run_task('eats_memory').error.reason, pb.FAILURE_REASON_OUT_OF_MEMORY)
        self.assertEqual(self.run_task('noop').outcome, pb.OUTCOME_SUCCESS)

    def test_children_that_cannot_even_start_fail_their_tasks(self):
        self.start_worker('--child-memory-mb', '1')
        self.assertEqual(self.run_task('noop').error.error_class, 'ChildExited')

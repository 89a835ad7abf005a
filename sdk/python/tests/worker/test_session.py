"""How a worker behaves towards the mesh: leases, cancels, broken streams, silence, draining."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import grpc

from dagmesh.gen.worker.v1 import attempt_pb2
from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from tests.worker.case import WorkerCase, is_alive


class SessionTest(WorkerCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_worker('--slots', '3', '--queues', 'python,extra')

    def shorten_leases(self) -> None:
        self.mesh.wait_until(lambda: self.mesh.hellos, 'Hello')
        self.mesh.ttl_s = 3
        self.mesh.break_session()
        self.mesh.wait_until(lambda: len(self.mesh.hellos) == 2, 'the shorter TTL')

    def lease_sleeper(self) -> tuple[str, int]:
        """A task that would sleep for a minute: its attempt and its process."""
        path = self.scratch / 'sleeper'
        attempt_id = self.mesh.lease('tasks.py:sleeps', inputs={'path': str(path)})
        return attempt_id, int(self.wait_for_file(path))

    def lease_waiter(self) -> tuple[str, Path]:
        """A task that returns once a file exists."""
        path = self.scratch / 'release'
        attempt_id = self.mesh.lease('tasks.py:waits_for', inputs={'path': str(path)})
        self.mesh.wait_until(lambda: attempt_id in self.mesh.accepted, 'the waiter')
        return attempt_id, path

    def test_it_says_who_it_is_and_how_much_it_can_take(self):
        self.mesh.wait_until(lambda: self.mesh.credits, 'credit')
        hello = self.mesh.hellos[0]
        self.assertEqual(hello.protocol_version, 1)
        self.assertEqual((hello.worker_id, hello.language), ('the-worker', 'python'))
        self.assertEqual((list(hello.queues), hello.slots), (['python', 'extra'], 3))
        self.assertEqual(self.mesh.credits, [3])

    def test_attempts_run_side_by_side_and_are_listed_in_heartbeats(self):
        first, path = self.lease_waiter()
        second, _ = self.lease_sleeper()
        self.mesh.wait_until(
            lambda: {first, second} in map(set, self.mesh.heartbeats), 'a heartbeat with both'
        )
        path.touch()
        self.assertEqual(self.mesh.report_of(first).outcome, attempt_pb2.OUTCOME_SUCCESS)

    def test_a_cancelled_task_is_interrupted_and_cleans_up(self):
        path = self.scratch / 'file'
        attempt_id = self.mesh.lease('tasks.py:cleans_up', inputs={'path': str(path)})
        self.wait_for_file(path)
        self.mesh.cancel(attempt_id, grace_s=10)
        self.assertEqual(self.mesh.report_of(attempt_id).outcome, attempt_pb2.OUTCOME_CANCELLED)
        self.assertEqual(path.read_text(), 'cleaned up')

    def test_a_task_that_asks_cancelled_stops_by_itself(self):
        path = self.scratch / 'file'
        attempt_id = self.mesh.lease('tasks.py:cooperates', inputs={'path': str(path)})
        self.wait_for_file(path)
        self.mesh.cancel(attempt_id, grace_s=10)
        self.assertEqual(self.mesh.report_of(attempt_id).outcome, attempt_pb2.OUTCOME_CANCELLED)
        self.assertEqual(path.read_text(), 'stopped by itself')

    def test_a_task_that_traps_TERM_and_double_forks_is_killed_with_all_it_started(self):
        pids = self.scratch / 'pids'
        pids.mkdir()
        attempt_id = self.mesh.lease('tasks.py:resists', inputs={'folder': str(pids)})
        for name in ('task', 'child', 'daemon'):
            self.wait_for_file(pids / name)
        self.mesh.cancel(attempt_id, grace_s=0.3)
        self.assertEqual(self.mesh.report_of(attempt_id).outcome, attempt_pb2.OUTCOME_CANCELLED)
        for name in ('task', 'child', 'daemon'):
            self.wait_until_gone(int((pids / name).read_text()))
        steps = [pb.CANCEL_STEP_SIGNALLED, pb.CANCEL_STEP_KILLED, pb.CANCEL_STEP_EXITED]
        self.mesh.wait_until(
            lambda: self.mesh.steps.get(attempt_id) == steps, 'the steps of the cancel'
        )

    def test_a_kill_does_not_wait(self):
        attempt_id, pid = self.lease_sleeper()
        self.mesh.cancel(attempt_id, grace_s=60, mode=attempt_pb2.CANCEL_MODE_KILL)
        self.wait_until_gone(pid)
        self.mesh.report_of(attempt_id)
        self.assertNotIn(pb.CANCEL_STEP_SIGNALLED, self.mesh.steps[attempt_id])

    def test_a_cancel_of_an_unknown_attempt_is_answered(self):
        self.mesh.cancel('unknown', grace_s=1)
        self.mesh.wait_until(
            lambda: self.mesh.steps.get('unknown') == [pb.CANCEL_STEP_UNKNOWN], 'an answer'
        )

    def test_a_lost_attempt_is_killed_and_not_reported(self):
        attempt_id, pid = self.lease_sleeper()
        self.mesh.lose(attempt_id)
        self.wait_until_gone(pid)
        self.run_task('noop')
        self.assertNotIn(attempt_id, self.mesh.reports)
        self.mesh.wait_until(lambda: self.mesh.credits == [3, 1], 'the freed slot')

    def test_an_attempt_whose_call_is_refused_as_stale_is_ended(self):
        self.mesh.makes_calls_stale = True
        attempt_id = self.mesh.lease('tasks.py:uses_variables')
        self.mesh.wait_until(lambda: self.mesh.credits == [3, 1], 'the freed slot')
        self.assertNotIn(attempt_id, self.mesh.reports)

    def test_after_a_broken_stream_it_goes_on_and_resumes(self):
        attempt_id, path = self.lease_waiter()
        self.mesh.resumed = lambda hello: [
            pb.AttemptResult(attempt_id=token.partition(':')[2], status=pb.ATTEMPT_STATUS_KEEP)
            for token in hello.held_attempt_tokens
        ]
        self.mesh.break_session()
        self.mesh.wait_until(lambda: len(self.mesh.hellos) == 2, 'a second Hello')
        self.assertEqual(list(self.mesh.hellos[1].held_attempt_tokens), [f'token:{attempt_id}'])
        path.touch()
        self.assertEqual(self.mesh.report_of(attempt_id).outcome, attempt_pb2.OUTCOME_SUCCESS)
        self.mesh.wait_until(lambda: self.mesh.credits == [3, 2], 'credit for the free slots')

    def test_however_the_stream_breaks_it_comes_back(self):
        self.mesh.wait_until(lambda: self.mesh.hellos, 'Hello')
        codes = [
            grpc.StatusCode.CANCELLED,
            grpc.StatusCode.INTERNAL,
            grpc.StatusCode.FAILED_PRECONDITION,
        ]
        for self.mesh.break_with in codes:
            self.mesh.hellos.clear()
            self.mesh.break_session()
            self.mesh.wait_until(lambda: self.mesh.hellos, 'Hello again')
        self.assertEqual(self.run_task('noop').outcome, attempt_pb2.OUTCOME_SUCCESS)

    def test_an_executor_that_falls_silent_is_left(self):
        self.shorten_leases()
        self.mesh.answers_heartbeats = False
        self.mesh.wait_until(lambda: len(self.mesh.hellos) == 3, 'a third Hello')

    def test_an_outcome_is_offered_again_until_it_is_recorded(self):
        self.mesh.records_reports = False
        attempt_id = self.mesh.lease('tasks.py:noop')
        self.mesh.report_of(attempt_id)
        self.mesh.resumed = lambda hello: [
            pb.AttemptResult(attempt_id=attempt_id, status=pb.ATTEMPT_STATUS_RECORDED)
            for _ in hello.unacknowledged
        ]
        self.mesh.break_session()
        self.mesh.wait_until(lambda: len(self.mesh.reports[attempt_id]) == 2, 'the outcome again')
        self.mesh.break_session()
        self.mesh.wait_until(lambda: len(self.mesh.hellos) == 3, 'a third Hello')
        self.assertEqual(len(self.mesh.hellos[2].unacknowledged), 0)

    def test_an_attempt_that_was_lost_meanwhile_is_killed_on_return(self):
        attempt_id, pid = self.lease_sleeper()
        self.mesh.resumed = lambda hello: [
            pb.AttemptResult(attempt_id=attempt_id, status=pb.ATTEMPT_STATUS_STALE)
        ]
        self.mesh.break_session()
        self.wait_until_gone(pid)
        self.assertNotIn(attempt_id, self.mesh.reports)

    def test_it_outlives_a_restart_of_the_executor(self):
        attempt_id, path = self.lease_waiter()
        self.mesh.stop()
        path.touch()
        self.mesh.restart()
        self.assertEqual(self.mesh.report_of(attempt_id).outcome, attempt_pb2.OUTCOME_SUCCESS)

    def test_when_the_mesh_is_silent_it_ends_its_tasks_and_starts_clean(self):
        self.shorten_leases()
        attempt_id, pid = self.lease_sleeper()
        self.mesh.stop()
        self.wait_until_gone(pid)
        self.mesh.restart()
        self.mesh.wait_until(lambda: len(self.mesh.hellos) >= 3, 'a third Hello')
        self.assertEqual(list(self.mesh.hellos[-1].held_attempt_tokens), [])
        self.assertNotIn(attempt_id, self.mesh.reports)

    def test_a_refreshed_token_is_used_from_then_on(self):
        attempt_id, path = self.lease_waiter()
        refreshed = pb.RefreshedToken(attempt_id=attempt_id, attempt_token=f'fresh:{attempt_id}')
        result = pb.HeartbeatResult(refreshed_tokens=[refreshed])
        self.mesh.send(pb.SessionResponse(heartbeat_result=result))
        heartbeats_count = len(self.mesh.heartbeats)
        self.mesh.wait_until(lambda: len(self.mesh.heartbeats) > heartbeats_count, 'a heartbeat')
        path.touch()
        self.assertEqual(self.mesh.report_of(attempt_id).attempt_token, f'fresh:{attempt_id}')

    def test_GoAway_makes_it_connect_elsewhere(self):
        other = type(self.mesh)()
        self.addCleanup(other.stop)
        away = pb.GoAway(address=f'127.0.0.1:{other.port}')
        self.mesh.send(pb.SessionResponse(go_away=away))
        other.wait_until(lambda: other.hellos, 'Hello at the other address')

    def test_SIGTERM_lets_running_tasks_finish_and_refuses_new_ones(self):
        attempt_id, path = self.lease_waiter()
        self.worker.send_signal(signal.SIGTERM)
        self.mesh.wait_until(lambda: self.mesh.drains_count, 'Drain')
        late = self.mesh.lease('tasks.py:noop')
        self.assertEqual(self.mesh.report_of(late).outcome, attempt_pb2.OUTCOME_REJECTED)
        path.touch()
        self.assertEqual(self.mesh.report_of(attempt_id).outcome, attempt_pb2.OUTCOME_SUCCESS)
        self.assertEqual(self.wait_for_exit(), 0)
        self.mesh.wait_until(lambda: self.mesh.closed_in_order, 'the end of the stream')

    def test_a_task_that_does_not_end_while_the_worker_leaves_is_ended(self):
        self.worker.kill()
        self.worker.wait()
        self.start_worker('--drain-grace-ms', '200')
        attempt_id, pid = self.lease_sleeper()
        self.worker.send_signal(signal.SIGTERM)
        error = self.mesh.report_of(attempt_id).error
        self.assertEqual(error.error_class, 'WorkerStopped')
        self.assertIn('did not end within 0.2 s', error.message)
        self.wait_until_gone(pid)
        self.assertEqual(self.wait_for_exit(), 0)

    def test_a_second_SIGTERM_ends_everything_at_once(self):
        _, pid = self.lease_sleeper()
        self.worker.send_signal(signal.SIGTERM)
        self.mesh.wait_until(lambda: self.mesh.drains_count, 'Drain')
        self.worker.send_signal(signal.SIGTERM)
        self.assertEqual(self.wait_for_exit(), 1)
        self.wait_until_gone(pid)

    def test_a_drain_asked_for_by_the_executor_ends_it_too(self):
        self.mesh.send(pb.SessionResponse(drain=pb.DrainRequest(reason='maintenance')))
        self.assertEqual(self.wait_for_exit(), 0)

    def test_when_the_worker_is_killed_its_tasks_die_with_it(self):
        _, pid = self.lease_sleeper()
        self.worker.kill()
        self.wait_until_gone(pid)

    def test_when_the_parent_of_its_children_is_killed_it_goes_on_with_a_new_one(self):
        attempt_id, pid = self.lease_sleeper()
        zygote = int(Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[1])
        self.assertTrue(is_alive(zygote))
        os.kill(zygote, signal.SIGKILL)
        self.assertEqual(
            self.mesh.report_of(attempt_id).error.reason, attempt_pb2.FAILURE_REASON_EXITED
        )
        self.assertEqual(self.run_task('noop').outcome, attempt_pb2.OUTCOME_SUCCESS)


class RefusalTest(WorkerCase):
    def test_a_wrong_token_ends_the_worker_with_a_sentence(self):
        self.start_worker(DAGMESH_WORKER_TOKEN='wrong')
        self.assertEqual(self.wait_for_exit(), 2)
        self.assertIn('UNAUTHENTICATED: no such token', (self.scratch / 'worker.log').read_text())

    def test_a_bad_setting_is_named(self):
        self.start_worker('--slots', 'many')
        self.assertEqual(self.wait_for_exit(), 2)
        self.assertIn("--slots is 'many'", (self.scratch / 'worker.log').read_text())

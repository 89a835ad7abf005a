"""Runs worker.sh against a small HTTP server that speaks WorkerService as Connect's JSON."""

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
DEADLINE_S = 60


class Door(BaseHTTPRequestHandler):
    """One request: the last part of its path names the method of the mesh that answers it."""

    def do_POST(self):
        mesh = self.server.mesh
        request = json.loads(self.rfile.read(int(self.headers['content-length'])))
        if self.headers['authorization'] != 'Bearer the-token':
            status, answer = 401, {'code': 'unauthenticated', 'message': 'no such token'}
        elif mesh.is_silent:
            status, answer = 503, {'code': 'unavailable', 'message': 'silent'}
        else:
            status, answer = 200, getattr(mesh, self.path.rpartition('/')[2])(request)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header('content-length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # A curl that was ended leaves its connection half way.


class FakeMesh:
    """Gives out leases one by one; remembers reports, heartbeats and logs."""

    def __init__(self):
        self.leases = []
        self.reports = {}
        self.logs = {}
        self.heartbeats = []
        self.cancelled = set()
        self.lost = set()
        self.is_silent = False
        self.server = Server(('127.0.0.1', 0), Door)
        self.server.mesh = self
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def AcquireTasks(self, request):
        give_up_at = time.monotonic() + 1
        while not self.leases and time.monotonic() < give_up_at:
            time.sleep(0.02)
        leases = [self.leases.pop(0)] if self.leases else []
        return {'leases': leases, 'heartbeatInterval': '0.300s', 'leaseTtl': '10.300s'}

    def Heartbeat(self, request):
        self.heartbeats.append(request['attemptTokens'])
        listed = {token.partition(':')[2] for token in request['attemptTokens']}
        answer = {
            'lostAttemptIds': sorted(self.lost & listed),
            'cancelledAttemptIds': sorted(self.cancelled & listed),
        }
        return {name: ids for name, ids in answer.items() if ids}

    def ReportTasks(self, request):
        results = []
        for report in request['reports']:
            attempt_id = report['attemptToken'].partition(':')[2]
            self.reports[attempt_id] = report
            results.append({'attemptId': attempt_id, 'status': 'ATTEMPT_STATUS_RECORDED'})
        return {'results': results}

    def AppendLog(self, request):
        chunk = request['chunk']
        log = self.logs.setdefault(chunk['attemptToken'].partition(':')[2], bytearray())
        offset = int(chunk.get('offset', 0))
        log += base64.b64decode(chunk['content'])[len(log) - offset :]
        return {'storedSize': str(len(log))}


class WorkerTest(unittest.TestCase):
    def setUp(self):
        self.mesh = FakeMesh()
        self.addCleanup(self.mesh.stop)
        self.scratch = Path(tempfile.mkdtemp(prefix='dagmesh-test-'))
        self.addCleanup(shutil.rmtree, self.scratch)
        self.handlers = self.scratch / 'handlers'
        shutil.copytree(HERE / 'handlers', self.handlers)
        self.worker = None

    def tearDown(self):
        if self.worker is not None and self.worker.poll() is None:
            self.worker.terminate()
            self.assertEqual(self.worker.wait(DEADLINE_S), 0)

    def start_worker(self, token='the-token'):
        environment = {
            **os.environ,
            'DAGMESH_EXECUTOR_HTTP_URL': self.mesh.url,
            'DAGMESH_WORKER_TOKEN': token,
            'DAGMESH_HANDLERS': str(self.handlers),
        }
        with open(self.scratch / 'worker.log', 'w') as log:
            self.worker = subprocess.Popen([HERE / 'worker.sh'], env=environment, stderr=log)

    def handler(self, name, body):
        path = self.handlers / name
        path.write_text(f'#!/usr/bin/env bash\n{body}\n')
        path.chmod(0o755)

    def lease(self, handler, **fields):
        if self.worker is None:
            self.start_worker()
        attempt_id = f'attempt-{handler}'
        lease = {'attemptId': attempt_id, 'attemptToken': f'token:{attempt_id}', 'handler': handler}
        self.mesh.leases.append({**lease, 'dagId': 'a_dag', 'inputsJson': '{}', **fields})
        return attempt_id

    def lease_dream(self):
        """A handler that would run for a minute; answers when it has begun, with its child."""
        pid_file = self.scratch / 'pid'
        self.handler('dream', f'sleep 60 & echo $! >{pid_file}; sleep 60')
        attempt_id = self.lease('dream')
        self.wait_until(lambda: pid_file.exists() and pid_file.read_text().strip(), 'the handler')
        return attempt_id, Path('/proc', pid_file.read_text().strip())

    def wait_until(self, condition, what):
        give_up_at = time.monotonic() + DEADLINE_S
        while not condition():
            self.assertLess(time.monotonic(), give_up_at, f'waited for {what}')
            time.sleep(0.02)

    def report_of(self, attempt_id):
        self.wait_until(lambda: attempt_id in self.mesh.reports, f'the report of {attempt_id}')
        return self.mesh.reports[attempt_id]

    def lines_of(self, attempt_id):
        lines = bytes(self.mesh.logs.get(attempt_id, b'')).decode().splitlines()
        return [(line['stream'], line['message']) for line in map(json.loads, lines)]

    def test_the_last_line_is_what_the_task_returns(self):
        attempt_id = self.lease('write', inputsJson='{"value":10}')
        report = self.report_of(attempt_id)
        self.assertEqual(report['outcome'], 'OUTCOME_SUCCESS')
        self.assertEqual(report['xcoms'], [{'key': 'return_value', 'valueJson': '"10"'}])
        expected = [('stderr', 'writing 10'), ('stdout', '"10"')]
        self.assertCountEqual(self.lines_of(attempt_id), expected)
        self.assertEqual(report['logSize'], len(self.mesh.logs[attempt_id]))

    def test_a_last_line_that_is_no_json_is_text(self):
        self.handler('speak', 'echo first; echo nan')
        self.assertEqual(self.report_of(self.lease('speak'))['xcoms'][0]['valueJson'], '"nan"')

    def test_exit_code_99_skips(self):
        report = self.report_of(self.lease('count_lines', inputsJson='{"path":"/nowhere"}'))
        self.assertEqual(report['outcome'], 'OUTCOME_SKIPPED')
        self.assertEqual(report['reason'], 'there is no file /nowhere')

    def test_exit_code_98_asks_to_be_run_again(self):
        self.handler('poll', 'echo not yet; echo 90; exit 98')
        report = self.report_of(self.lease('poll'))
        self.assertEqual(report['outcome'], 'OUTCOME_RESCHEDULED')
        ahead = datetime.fromisoformat(report['rescheduleAt']) - datetime.now(timezone.utc)
        self.assertAlmostEqual(ahead.total_seconds(), 90, delta=DEADLINE_S)

    def test_exit_code_98_without_seconds_fails(self):
        self.handler('poll', 'echo soon; exit 98')
        report = self.report_of(self.lease('poll'))
        self.assertIn('no number of seconds', report['error']['message'])

    def test_the_file_of_branches_says_what_follows(self):
        self.handler('choose', 'printf "a\\nb\\n" >"$DAGMESH_BRANCH"; echo 1')
        report = self.report_of(self.lease('choose'))
        self.assertEqual(report['direction'], {'branch': {'followIds': ['a', 'b']}})
        self.assertEqual(report['xcoms'][0]['valueJson'], '1')
        self.handler('stop', ': >"$DAGMESH_BRANCH"')
        report = self.report_of(self.lease('stop'))
        self.assertEqual(report['direction'], {'branch': {'followIds': []}})
        self.handler('rest', 'echo 2')
        self.assertNotIn('direction', self.report_of(self.lease('rest')))

    def test_another_exit_code_fails(self):
        self.handler('break', 'exit 3')
        report = self.report_of(self.lease('break'))
        self.assertEqual(report['error']['message'], 'break exited with code 3')
        self.assertEqual(report['error']['reason'], 'FAILURE_REASON_EXITED')

    def test_a_missing_handler_fails_and_says_so_in_the_log(self):
        attempt_id = self.lease('absent')
        error = self.report_of(attempt_id)['error']
        self.assertEqual((error['errorClass'], error['isFinal']), ('HandlerNotFound', True))
        self.assertIn("there is no program 'absent'", self.lines_of(attempt_id)[0][1])

    def test_a_handler_outside_of_the_folder_is_not_run(self):
        report = self.report_of(self.lease('../../bin/true'))
        self.assertEqual(report['outcome'], 'OUTCOME_FAILED')

    def test_the_execution_timeout_ends_the_handler(self):
        self.handler('nap', 'sleep 60')
        report = self.report_of(self.lease('nap', executionTimeout='0.500s'))
        self.assertEqual(report['error']['reason'], 'FAILURE_REASON_TIMEOUT')

    def test_a_handler_that_resists_its_timeout_is_told_as_timed_out(self):
        self.handler('resist', 'trap "" TERM; for _ in {1..600}; do sleep 0.1; done')
        report = self.report_of(self.lease('resist', executionTimeout='0.500s'))
        self.assertEqual(report['error']['reason'], 'FAILURE_REASON_TIMEOUT')

    def test_a_cancel_ends_the_handler_and_all_it_started(self):
        attempt_id, started = self.lease_dream()
        self.mesh.cancelled.add(attempt_id)
        self.assertEqual(self.report_of(attempt_id)['outcome'], 'OUTCOME_CANCELLED')
        self.wait_until(lambda: not started.exists(), 'what it started to end')

    def test_a_lost_attempt_is_ended_and_not_reported(self):
        attempt_id, started = self.lease_dream()
        self.mesh.lost.add(attempt_id)
        self.wait_until(lambda: not started.exists(), 'the handler to end')
        self.report_of(self.lease('write', inputsJson='{"value":1}'))
        self.assertNotIn(attempt_id, self.mesh.reports)

    def test_a_silent_mesh_makes_the_worker_end_the_handler_by_itself(self):
        attempt_id, started = self.lease_dream()
        self.mesh.is_silent = True
        self.wait_until(lambda: not started.exists(), 'the handler to end')
        self.mesh.is_silent = False
        self.report_of(self.lease('write', inputsJson='{"value":1}'))
        self.assertNotIn(attempt_id, self.mesh.reports)

    def test_passwords_of_connections_do_not_reach_the_log(self):
        self.handler('tell', 'jq -r ".connections[0].password" <<<"$DAGMESH_CONTEXT" >&2')
        connection = {'connId': 'c', 'password': 'hunter2-long'}
        attempt_id = self.lease('tell', connections=[connection])
        self.report_of(attempt_id)
        self.assertEqual(self.lines_of(attempt_id), [('stderr', '***')])

    def test_the_workers_token_is_hidden_from_handlers(self):
        self.handler('look', 'env | grep -c the-token; tr "\\0" " " </proc/$PPID/cmdline >&2')
        attempt_id = self.lease('look')
        self.assertEqual(self.report_of(attempt_id)['xcoms'][0]['valueJson'], '0')
        self.assertNotIn('the-token', str(self.lines_of(attempt_id)))

    def test_term_lets_the_running_handler_finish(self):
        self.handler('work', 'sleep 1; echo done')
        attempt_id = self.lease('work')
        self.wait_until(lambda: self.mesh.heartbeats, 'a heartbeat')
        self.worker.send_signal(signal.SIGTERM)
        self.assertEqual(self.report_of(attempt_id)['xcoms'][0]['valueJson'], '"done"')

    def test_a_wrong_token_ends_the_worker_with_a_sentence(self):
        self.start_worker(token='wrong')
        self.assertEqual(self.worker.wait(DEADLINE_S), 2)
        self.assertIn(
            'refuses this worker: no such token', (self.scratch / 'worker.log').read_text()
        )


if __name__ == '__main__':
    unittest.main()

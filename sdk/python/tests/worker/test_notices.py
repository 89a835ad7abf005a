"""Callbacks: functions of the author, calls of a URL, and mail."""

from __future__ import annotations

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from tests.worker.case import SharedWorkerCase

TOLD = {'dag_id': 'd', 'task_id': 't', 'run_id': 'r', 'exception': 'no such day', 'state': 'failed'}


class Inbox(BaseHTTPRequestHandler):
    """Remembers what is posted; `/broken` answers 500."""

    received: list[tuple[str, str, str]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        self.received.append((self.path, self.headers['Content-Type'], body))
        self.send_response(500 if self.path == '/broken' else 204)
        self.end_headers()

    def log_message(self, *_arguments):
        return


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs."""

    mails: list[str] = []

    def handle(self):
        self.say(220)
        while line := self.rfile.readline().decode().strip():
            if line.upper() == 'DATA':
                self.say(354)
                self.mails.append(self.read_mail())
            self.say(221 if line.upper() == 'QUIT' else 250)

    def say(self, code):
        self.wfile.write(f'{code} ok\r\n'.encode())

    def read_mail(self):
        lines = []
        while (line := self.rfile.readline().decode().rstrip('\r\n')) != '.':
            lines.append(line)
        return '\n'.join(lines)


class NoticeTest(SharedWorkerCase):
    def serve(self, server):
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def call_back(self, name):
        attempt_id = self.mesh.lease(f'notices.py:{name}', inputs=TOLD, run_type='callback')
        report = self.mesh.report_of(attempt_id)
        self.assertEqual(report.outcome, pb.OUTCOME_SUCCESS, report.error.message)
        self.assertEqual(len(report.xcoms), 0)
        return [line['message'] for line in self.log_lines(attempt_id)]

    def act(self, connections=(), **action):
        built_in = pb.BuiltInAction(**action)
        return self.mesh.report_of(
            self.mesh.lease(
                '', inputs=TOLD, run_type='callback', built_in=built_in, connections=connections
            )
        )

    def test_a_function_may_take_the_context_as_in_airflow(self):
        self.assertEqual(self.call_back('as_in_airflow'), ['t of r: no such day'])
        self.assertEqual(self.call_back('with_all'), ["['ctx', 'run_id', 'ti']"])

    def test_a_function_may_take_what_it_needs_by_name(self):
        self.assertEqual(self.call_back('by_name'), ['r: no such day, told by a_run'])

    def test_functions_without_a_name_are_found_by_their_place(self):
        self.assertEqual(self.call_back('notices.work#on_failure_callback.0'), ['lambda t'])
        self.assertEqual(self.call_back('notices#deadline.0'), ['late r'])

    def test_a_webhook_posts_the_context_or_its_own_body(self):
        Inbox.received.clear()
        port = self.serve(HTTPServer(('127.0.0.1', 0), Inbox))
        url = f'http://127.0.0.1:{port}'
        headers = {'Content-Type': 'text/plain'}
        own = pb.WebhookAction(url=f'{url}/b', headers=headers, body='{{ dag_id }}: {{ absent }}')
        self.act(webhook=pb.WebhookAction(url=f'{url}/a'))
        self.act(webhook=own)
        first, second = Inbox.received
        self.assertEqual((first[0], json.loads(first[2])), ('/a', TOLD))
        self.assertEqual(second, ('/b', 'text/plain', 'd: {{ absent }}'))

    def test_a_webhook_that_is_refused_fails(self):
        port = self.serve(HTTPServer(('127.0.0.1', 0), Inbox))
        report = self.act(webhook=pb.WebhookAction(url=f'http://127.0.0.1:{port}/broken'))
        self.assertEqual(report.outcome, pb.OUTCOME_FAILED)
        self.assertIn('500', report.error.message)

    def test_a_mail_says_what_happened_when_its_author_says_nothing(self):
        Mailbox.mails.clear()
        port = self.serve(socketserver.ThreadingTCPServer(('127.0.0.1', 0), Mailbox))
        connection = pb.ResolvedConnection(
            conn_id='smtp_default',
            host='127.0.0.1',
            port=port,
            extra_json='{"from_email": "mesh@example.org"}',
        )
        mails = [
            pb.EmailAction(to=['a@b.c', 'd@e.f']),
            pb.EmailAction(to=['a@b.c'], subject='{{ task_id }} broke', body='See {{ run_id }}.'),
        ]
        for email in mails:
            report = self.act([connection], email=email)
            self.assertEqual(report.outcome, pb.OUTCOME_SUCCESS, report.error.message)
        first, second = Mailbox.mails
        self.assertIn('From: mesh@example.org', first)
        self.assertIn('To: a@b.c, d@e.f', first)
        self.assertIn('Subject: [DagMesh] d.t: failed in r', first)
        self.assertIn('exception: no such day', first)
        self.assertIn('Subject: t broke', second)
        self.assertIn('See r.', second)

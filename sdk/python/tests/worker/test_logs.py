"""Logs: how lines are cut and masked, and how they get to the mesh whatever happens on the way."""

from __future__ import annotations

import base64
import errno
import json
import unittest
from unittest import mock
from urllib.parse import quote

from dagmesh.worker.logs.attempt_log import LINE_LENGTH_MAX, AttemptLog
from dagmesh.worker.logs.masking import Masker
from tests.worker.case import WorkerCase

SECRET = 'pässwörd "& more'


def masker_of(**connection: str) -> Masker:
    masker = Masker()
    masker.learn([{'password': '', 'extra': '', **connection}])
    return masker


def lines_of(log: AttemptLog) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.read(0, log.size).splitlines()]


class BrokenLogTest(unittest.TestCase):
    def test_a_disk_that_is_full_costs_the_log_and_not_the_task(self):
        log, errors = AttemptLog(1024 * 1024, Masker()), []
        self.addCleanup(log.close)
        log.on_broken = errors.append
        log.write('info', 'stdout', 'kept')
        full = OSError(errno.ENOSPC, 'no space left')
        with mock.patch.object(log._file, 'write', side_effect=full):
            log.write('info', 'stdout', 'lost')
        log.write('info', 'stdout', 'lost too')
        self.assertEqual([line['message'] for line in lines_of(log)], ['kept'])
        self.assertEqual(errors, [full])


class MaskingTest(unittest.TestCase):
    def test_a_password_is_hidden_however_it_is_written(self):
        masker = masker_of(password=SECRET)
        encoded = SECRET.encode()
        for form in (
            SECRET,
            json.dumps(SECRET),
            json.dumps(SECRET, ensure_ascii=False),
            repr(SECRET),
            quote(SECRET),
            quote(SECRET, safe='').lower(),
            base64.b64encode(encoded).decode(),
            base64.b64encode(b'user:' + encoded).decode(),
            base64.b64encode(b'users:' + encoded + b'!').decode(),
            base64.urlsafe_b64encode(b'u:' + encoded).decode(),
        ):
            masked = masker.mask(f'before {form} after')
            self.assertIn('***', masked)
            for left in ('pässw', 'p%c3', 'sw%C3', form[4:-4]):
                self.assertNotIn(left, masked, form)

    def test_secrets_of_extra_are_hidden_and_other_values_are_not(self):
        extra = '{"api_key": "key-12345", "region": "eu-central", "nested": {"token": ["abcd-ef"]}}'
        masked = masker_of(extra=extra).mask('key-12345 eu-central abcd-ef')
        self.assertEqual(masked, '*** eu-central ***')

    def test_each_line_of_a_key_is_hidden(self):
        masker = masker_of(password='-----BEGIN-----\nAAAABBBB\nCCCCDDDD\n')
        self.assertEqual(masker.mask('AAAABBBB'), '***')

    def test_very_short_passwords_do_not_blacken_everything(self):
        self.assertEqual(masker_of(password='abc').mask('abcdef'), 'abcdef')


class AttemptLogTest(unittest.TestCase):
    def log(self, size_max: int = 10**6, **connection: str) -> AttemptLog:
        log = AttemptLog(size_max, masker_of(**connection))
        self.addCleanup(log.close)
        return log

    def test_a_secret_is_not_told_by_the_place_where_a_long_line_is_cut(self):
        for position in range(LINE_LENGTH_MAX - 12, LINE_LENGTH_MAX + 1):
            log = self.log(password='hunter2-long')
            log.write('info', 'stdout', 'x' * position + 'hunter2-long' + 'y' * LINE_LENGTH_MAX)
            text = ''.join(line['message'] for line in lines_of(log))
            self.assertEqual(text, 'x' * position + '***' + 'y' * LINE_LENGTH_MAX)

    def test_a_secret_that_comes_in_pieces_is_hidden(self):
        log = self.log(password='hunter2-long')
        for piece in (b'it is hunt', b'er2-', b'long\nand'):
            log.write_bytes('stderr', piece)
        log.end()
        self.assertEqual([line['message'] for line in lines_of(log)], ['it is ***', 'and'])

    def test_a_character_that_comes_in_pieces_stays_whole(self):
        log = self.log()
        for byte in 'ü€\n'.encode():
            log.write_bytes('stdout', bytes([byte]))
        self.assertEqual([line['message'] for line in lines_of(log)], ['ü€'])

    def test_it_gives_out_whole_lines_from_any_of_their_beginnings(self):
        log = self.log()
        for number in range(100):
            log.write('info', 'stdout', f'line {number}')
        content, offset = b'', 0
        while offset < log.size:
            piece = log.read(offset, 250)
            self.assertTrue(piece.endswith(b'\n'))
            content, offset = content + piece, offset + len(piece)
        self.assertEqual(content, log.read(0, log.size))

    def test_a_full_log_ends_with_a_line_that_says_so(self):
        log = self.log(1000)
        for _ in range(100):
            log.write('info', 'stdout', 'x' * 50)
        self.assertLessEqual(log.size, 1000)
        self.assertIn('its limit of 1,000 bytes', lines_of(log)[-1]['message'])


class ShippingTest(WorkerCase):
    def test_chunks_that_were_lost_are_sent_again_and_stored_once(self):
        self.mesh.log_breaks_count = 2
        self.start_worker()
        attempt_id = self.mesh.lease('tasks.py:prints_a_lot')
        *messages, last = [line['message'] for line in self.log_lines(attempt_id)]
        self.assertEqual(set(messages), {'y' * 1023})
        self.assertIn('reached its limit', last)
        self.assertEqual(self.mesh.log_breaks_count, 0)

    def test_a_log_that_is_refused_does_not_keep_others_from_being_stored(self):
        self.start_worker()
        refused = self.mesh.lease('tasks.py:waits_for', inputs={'path': str(self.scratch / 'go')})
        self.mesh.refused_log_tokens.add(f'token:{refused}')
        self.mesh.wait_until(lambda: refused in self.mesh.accepted, 'the attempt')
        self.mesh.cancel(refused, grace_s=5)
        self.mesh.report_of(refused)
        other = self.mesh.lease('tasks.py:add', inputs={'a': 1})
        self.assertIn(b'adding 1 and 1', self.mesh.log_of(other))
        self.assertNotIn(refused, self.mesh.logs)

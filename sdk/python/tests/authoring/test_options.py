"""What a DAG and its tasks say beside their code: limits, the past, alerts, waits."""

from __future__ import annotations

from tests.authoring.case import AuthoringCase
from tests.plain import plain


class TaskOptionsTest(AuthoringCase):
    def task(self, options, dag='', head=''):
        spec = self.specs(
            'from datetime import *\nfrom dagmesh import *\n'
            f'{head}\n'
            'def code(): ...\n'
            f"with DAG('d'{dag}):\n    task({options})(code)()\n"
        )['d']
        return spec.tasks[0]

    def test_the_past(self):
        plain_task = self.task('')
        self.assertFalse(plain_task.depends_on_past or plain_task.heeds_first_depends_on_past)
        heedful = self.task('depends_on_past=True, ignore_first_depends_on_past=False')
        self.assertTrue(heedful.depends_on_past and heedful.heeds_first_depends_on_past)
        waiting = self.task('wait_for_downstream=True, wait_for_past_depends_before_skipping=True')
        self.assertTrue(waiting.depends_on_past and waiting.wait_for_downstream)
        self.assertTrue(waiting.wait_for_past_depends_before_skipping)

    def test_dates_of_a_task_are_not_those_of_the_dag(self):
        dag = ", default_args={'start_date': datetime(2026, 1, 1)}"
        self.assertFalse(self.task('', dag).HasField('start_date'))
        self.assertEqual(self.task("start_date='2026-02-01'").start_date.seconds, 1769904000)

    def test_retries(self):
        retry = plain(
            self.task(
                'retries=2, retry_exponential_backoff=True, max_retry_delay=timedelta(hours=1), '
                'retry_policy=ExceptionRetryPolicy([RetryRule([ValueError, "x.Y", Own], '
                'RetryAction.FAIL, reason="no use"), RetryRule(failure=["timeout", "lost"], '
                'action="retry", retry_delay=5), '
                'RetryRule([OSError, TaskTimeout], action="default")])',
                head='class Own(Exception): ...',
            ).retry
        )
        fail = {'error_classes': ['ValueError', 'x.Y', 'Own'], 'action': 'RETRY_ACTION_FAIL'}
        again = {'reasons': ['timeout', 'lost'], 'action': 'RETRY_ACTION_RETRY', 'delay': '5s'}
        other = {'error_classes': ['OSError', 'TaskTimeout']}
        rules = [{**fail, 'note': 'no use'}, again, other]
        expected = {'retries': 2, 'delay': '300s', 'exponential_backoff': 2.0, 'delay_max': '3600s'}
        self.assertEqual(retry, {**expected, 'rules': rules})

    def test_callbacks_are_functions_and_notifiers(self):
        task = self.task(
            'queue="extra", '
            'on_failure_callback=[tell, Webhook("http://x", {"a": "b"}, "{{ ds }}")], '
            'on_skipped_callback=Email("a@b.c", subject="x", conn_id="mail"), '
            'on_success_callback=lambda context: None, sla=60, sla_miss_callback=tell',
            head='def tell(context): ...',
        )
        queue = {'queue': 'extra'}
        hook = {'url': 'http://x', 'headers': {'a': 'b'}, 'body': '{{ ds }}'}
        mail = {'to': ['a@b.c'], 'subject': 'x', 'conn_id': 'mail'}
        success = 'file.py:d.code#on_success_callback.0'
        self.assertEqual(
            [plain(each) for each in task.callbacks],
            [
                {'event': 'CALLBACK_EVENT_SUCCESS', 'handler': success, **queue},
                {'event': 'CALLBACK_EVENT_FAILURE', 'handler': 'file.py:tell', **queue},
                {'event': 'CALLBACK_EVENT_FAILURE', 'webhook': hook, **queue},
                {'event': 'CALLBACK_EVENT_SKIPPED', 'email': mail, **queue},
                {'event': 'CALLBACK_EVENT_SLA_MISS', 'handler': 'file.py:tell', **queue},
            ],
        )
        self.assertEqual(task.sla.seconds, 60)

    def test_default_args_hold_for_callbacks_and_behaviour_too(self):
        dag = ", default_args={'on_failure_callback': print, 'do_xcom_push': False}"
        task = self.task('', dag)
        self.assertTrue(task.drops_result)
        self.assertEqual(task.callbacks[0].handler, 'file.py:d.code#on_failure_callback.0')
        # What the function by itself would do is something else, so its name alone will not do.
        self.assertEqual(task.handler, 'file.py:d.code')

    def test_names_limits_and_templates(self):
        task = self.task(
            'task_display_name="Codes", limit_keys="api", map_index_template="{{ x }}"',
            ", key_limits={'api': KeyLimit(2, rate=5, per=timedelta(minutes=1))}",
        )
        self.assertEqual((task.display_name, list(task.limit_keys)), ('Codes', ['api']))
        self.assertEqual(task.map_index_template, '{{ x }}')

    def test_each_mistake_is_told(self):
        mistakes = [
            ('on_failure_callback=5', 'a function, Webhook(...), Email(...)'),
            ('on_failure_callback=[Webhook("ftp://x")]', 'http:// or https://'),
            ('retry_policy=[5]', 'a list of RetryRule'),
            ('retry_policy=[RetryRule(failure="sadness")]', 'one of exception, timeout'),
            ('outlets=[5]', 'a list of Asset'),
            ('depends_on_past="yes"', 'True or False'),
            ('sla="5m"', 'a timedelta, or seconds'),
            ('start_date="soon"', 'is no date'),
            ('soft_fail=True', "a task has no option 'soft_fail'"),
            ('multiple_outputs=5', 'True or False'),
            ('retry_policy=5', 'a list of at most 100 RetryRule'),
            ('queue=5', 'queue=5 is not allowed'),
            ('pool=5', 'pool=5 is not allowed'),
            ('connections=5', 'connections=5 is not allowed'),
        ]
        for options, cause in mistakes:
            with self.subTest(options):
                text = f'from dagmesh import *\n\n@task({options})\ndef code(): ...\n'
                error = self.error(text)
                self.assertTrue(error.startswith('file.py:3: '), error)
                self.assertIn(cause, error)


class DagOptionsTest(AuthoringCase):
    def test_all_that_a_dag_can_say(self):
        spec = self.specs("""
            from datetime import datetime, timedelta
            from dagmesh import *

            def tell(context): ...

            DAG('d', fail_fast=True, max_consecutive_failed_dag_runs=3, fair_share_weight=2.5,
                allowed_run_types=['manual', 'backfill'], disable_bundle_versioning=True,
                key_limits={'api': KeyLimit(rate=5, per=timedelta(minutes=2))},
                on_failure_callback=tell, sla_miss_callback=Webhook('http://x'),
                deadline=[
                    DeadlineAlert(DeadlineReference.DAGRUN_LOGICAL_DATE, timedelta(hours=-1), tell),
                    DeadlineAlert(DeadlineReference.AVERAGE_RUNTIME(5, 2), 60, Email('a@b.c'),
                                  'slow'),
                    DeadlineAlert(DeadlineReference.FIXED_DATETIME('2026-01-01'), 1,
                                  AsyncCallback(tell, kwargs={'a': 1})),
                ])
        """)['d']
        self.assertTrue(spec.fail_fast and spec.follows_latest_version)
        self.assertEqual((spec.consecutive_failed_runs_max, spec.fair_share_weight), (3, 2.5))
        self.assertEqual(list(spec.allowed_run_types), [2, 3])
        limit = {'key': 'api', 'rate_count': 5, 'rate_period': '120s'}
        self.assertEqual(plain(spec.key_limits[0]), limit)
        python = {'queue': 'python'}
        told = {'handler': 'file.py:tell', **python}
        miss = {'webhook': {'url': 'http://x'}, **python}
        self.assertEqual(
            [plain(each) for each in spec.callbacks],
            [
                {'event': 'CALLBACK_EVENT_SLA_MISS', **miss},
                {'event': 'CALLBACK_EVENT_FAILURE', **told},
            ],
        )
        failure = {'event': 'CALLBACK_EVENT_FAILURE', **python}
        by_place = {**failure, 'handler': 'file.py:d#deadline.2'}
        average = {'average_runtime': {'runs_max': 5, 'runs_min': 2}, 'interval': '60s'}
        mail = {**failure, 'email': {'to': ['a@b.c']}}
        fixed = {'fixed': '2026-01-01T00:00:00Z', 'interval': '1s'}
        early = {'logical_date': {}, 'interval': '-3600s'}
        self.assertEqual(
            [plain(each) for each in spec.deadlines],
            [
                {**early, 'callback': {**failure, 'handler': 'file.py:tell'}},
                {**average, 'name': 'slow', 'callback': mail},
                {**fixed, 'callback': by_place},
            ],
        )

    def test_tags_written_as_a_set_have_one_order(self):
        spec = self.specs('from dagmesh import *\nDAG("d", tags=set("hgfedcba"))\n')['d']
        self.assertEqual(list(spec.tags), list('abcdefgh'))

    def test_each_mistake_is_told(self):
        mistakes = [
            ('allowed_run_types=["weekly"]', 'one of scheduled, manual'),
            ('deadline=5', 'a DeadlineAlert'),
            ('deadline=DeadlineAlert("soon", 5, print)', 'DeadlineReference.DAGRUN_QUEUED_AT'),
            ('key_limits={"a": 5}', 'a dict of KeyLimit'),
            ('key_limits={"a": KeyLimit()}', 'above 0'),
            ('tags=5', 'tags=5 is not allowed: it must be a text, or a list of texts'),
            ('params=5', 'params=5 is not allowed: it must be a dict'),
            ('default_args=[1]', 'default_args=[1] is not allowed: it must be a dict'),
            ('doc_md=5', 'doc_md=5 is not allowed'),
            ('fair_share_weight=0', 'a number above 0'),
            ('max_consecutive_failed_dag_runs=-1', 'a whole number 0–1000'),
        ]
        for arguments, cause in mistakes:
            with self.subTest(arguments):
                self.assertIn(cause, self.error(f'from dagmesh import *\nDAG("d", {arguments})'))

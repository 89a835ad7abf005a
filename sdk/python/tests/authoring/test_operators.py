"""Tasks without code, and Airflow's operators: what they become."""

from __future__ import annotations

from tests.authoring.case import AuthoringCase
from tests.plain import plain


class KindsTest(AuthoringCase):
    """Tasks whose code is not plain, or is not there at all."""

    def tasks(self, body, head=''):
        indented = '\n'.join(f'    {line}' for line in body.strip().splitlines())
        text = (
            f"from datetime import *\nfrom dagmesh import *\n{head}\nwith DAG('d'):\n{indented}\n"
        )
        return {each.task_id: each for each in self.specs(text)['d'].tasks}

    def test_waits_without_code(self):
        tasks = self.tasks("""
TimeDeltaSensor('delta', delta=timedelta(minutes=5), soft_fail=True, timeout=None)
DateTimeSensor('date', target_time='2026-01-01', timeout=5)
FileSensor(task_id='file', filepath='/a/*.csv', poke_interval=7, mode='reschedule', deferrable=True)
HttpSensor('http', url='http://x', status=204, contains='ok')
AssetSensor('asset', asset=Asset('rows'))
ExternalTaskSensor('run', external_dag_id='o', external_run_id='r', external_task_id='t')
trigger = ExternalTaskTrigger('o', logical_dates=[datetime(2026, 1, 1)], failed_states='failed')
wait_for('own', trigger)
""")
        triggers = {task_id: plain(task.trigger) for task_id, task in tasks.items()}
        self.assertEqual(triggers['delta'], {'timer': {'after': '300s'}})
        self.assertEqual(triggers['date'], {'timer': {'at': '2026-01-01T00:00:00Z'}})
        self.assertEqual(triggers['file'], {'file': {'path': '/a/*.csv', 'poll_interval': '7s'}})
        http = {'url': 'http://x', 'method': 'GET', 'status': 204, 'contains': 'ok'}
        self.assertEqual(triggers['http'], {'http': http})
        self.assertEqual(triggers['asset'], {'asset': {'asset_name': 'rows'}})
        run = {'dag_id': 'o', 'run_id': 'r', 'task_ids': ['t']}
        self.assertEqual(triggers['run'], {'external_task': run})
        self.assertEqual(triggers['own']['external_task']['failed_states'], ['failed'])
        self.assertFalse(tasks['delta'].HasField('trigger_timeout'))
        self.assertTrue(tasks['delta'].is_soft_fail)
        self.assertEqual(tasks['date'].trigger_timeout.seconds, 5)
        self.assertEqual(tasks['file'].trigger_timeout.seconds, 604800)
        self.assertEqual({task.handler for task in tasks.values()}, {''})

    def test_questions_to_people(self):
        tasks = self.tasks("""
HumanInput('ask', subject='s', body='b', options=['x', 'y'], defaults='x', multiple=True,
           params={'n': Param(1, type='integer'), 't': Param(type='string')},
           assigned_users=['ann'], execution_timeout=timedelta(hours=1))
ApprovalOperator('approve', subject='s')
Approval('strict', subject='s', fail_on_reject=True, defaults='Reject')
HITLBranchOperator('branch', subject='s', options=['a', 'b'], options_mapping={'a': 'task_a'})
HITLEntryOperator('entry', subject='s', params={'n': 1})
""")
        asked = {task_id: plain(task.human_input) for task_id, task in tasks.items()}
        schema = (
            '{"type": "object", "properties": {"n": {"type": "integer"}, "t": {"type": "string"}}, '
            '"required": ["t"]}'
        )
        self.assertEqual(
            asked['ask'],
            {
                'subject': 's',
                'body': 'b',
                'options': ['x', 'y'],
                'defaults': ['x'],
                'is_multiple': True,
                'params_schema_json': schema,
                'params_json': '{"n": 1}',
                'assigned_users': ['ann'],
                'timeout': '3600s',
            },
        )
        both = ['Approve', 'Reject']
        self.assertEqual(asked['approve']['options'], both)
        self.assertEqual(asked['approve']['effect'], 'HUMAN_INPUT_EFFECT_APPROVAL')
        self.assertEqual(asked['strict']['effect'], 'HUMAN_INPUT_EFFECT_APPROVAL_OR_FAIL')
        self.assertEqual(asked['branch']['branches'], {'a': 'task_a'})
        self.assertEqual(asked['entry']['options'], ['OK'])

    def test_a_dag_may_be_an_argument_as_in_airflow(self):
        spec = self.specs("""
            from dagmesh import DAG, BashOperator, EmptyOperator

            dag = DAG('d')
            EmptyOperator(task_id='a', dag=dag) >> BashOperator(
                task_id='b', bash_command='true', dag=dag)
        """)['d']
        self.assertEqual(list(spec.tasks[1].upstream_task_ids), ['a'])

    def test_operators_of_airflow(self):
        tasks = self.tasks(
            """
first = PythonOperator(task_id='py', python_callable=code, op_args=[1], op_kwargs={'b': 2})
BashOperator(task_id='bash', bash_command='echo {{ ds }}', retries=1) << first
BashOperator.partial(task_id='many', env={'A': 'b'}).expand(bash_command=['ls', 'pwd'])
PythonOperator.partial(task_id='mapped', python_callable=code).expand(op_kwargs=[{'a': 1}])
TriggerDagRunOperator(task_id='run', trigger_dag_id='other', wait_for_completion=True)
BranchPythonOperator(task_id='branch', python_callable=lambda: 'py')
LatestOnlyOperator(task_id='latest')
ExternalTaskSensor(task_id='ext', external_dag_id='o', execution_delta=timedelta(1), soft_fail=True)
""",
            head='def code(a, b=0): ...',
        )
        self.assertEqual(tasks['py'].handler, 'file.py:d.py')
        self.assertEqual([plain(each) for each in tasks['py'].inputs][0]['value_json'], '1')
        self.assertEqual(
            (tasks['bash'].retry.retries, tasks['bash'].upstream_task_ids), (1, ['py'])
        )
        self.assertTrue(tasks['many'].HasField('mapping') and tasks['mapped'].HasField('mapping'))
        self.assertTrue(tasks['latest'].is_latest_only and tasks['ext'].is_soft_fail)
        inputs = {each.name: each.value_json for each in tasks['ext'].inputs}
        self.assertEqual(inputs['execution_delta_s'], '86400.0')

    def test_each_mistake_is_told(self):
        mistakes = [
            ("wait_for('a', 5)", 'a trigger, e.g. TimeDeltaTrigger'),
            ("FileSensor('a', filepath='relative')", 'an absolute path'),
            ("ExternalTaskTrigger('a')", 'given, or else logical_dates'),
            ("HumanInput('a', subject='s', options=[])", 'at least one answer'),
            ("HumanInput('a', subject='s')", 'options=None'),
            ("HumanInput('a', subject='s', options=['x'], defaults=['y'])", 'among the options'),
            ('task.sensor(soft_fail=True, never_fail=True)', 'left out when soft_fail'),
            ("task.sensor(mode='sleep')", 'poke or reschedule'),
            ("task.branch(mode='poke')", "no option 'mode'"),
        ]
        for text, cause in mistakes:
            with self.subTest(text):
                error = self.error(f'from dagmesh import *\nwith DAG("d"):\n    {text}\n')
                self.assertTrue(error.startswith('file.py:3: '), error)
                self.assertIn(cause, error)

"""What DAGs in TaskFlow style become."""

from __future__ import annotations

import json

from dagmesh import TaskContext, task
from tests.authoring.case import SDK, AuthoringCase, decode
from tests.plain import plain


class GoldenTest(AuthoringCase):
    def test_a_dag_in_taskflow_style(self):
        dags = SDK / 'tests' / 'dags'
        [content] = self.parse(dags / 'weather.py', dags)['dags']
        golden = json.loads((SDK / 'tests' / 'golden' / 'weather.json').read_text())
        self.assertEqual(plain(decode(content)), golden)

    def test_airflows_defaults_hold_where_nothing_is_said(self):
        spec = self.specs("""
            from dagmesh import DAG, task

            @task
            def only(): ...

            with DAG('plain'):
                only()
        """)['plain']
        expected = {
            'dag_id': 'plain',
            'active_runs_max': 16,
            'active_tasks_max': 16,
            'tasks': [
                {
                    'task_id': 'only',
                    'handler': 'file.py:only',
                    'queue': 'python',
                    'trigger_rule': 'TRIGGER_RULE_ALL_SUCCESS',
                    'pool': 'default_pool',
                    'pool_slots': 1,
                    'priority_weight': 1,
                    'weight_rule': 'WEIGHT_RULE_DOWNSTREAM',
                    'retry': {'delay': '300s'},
                    'source_line': 3,
                }
            ],
        }
        self.assertEqual(plain(spec), expected)


class AuthoringTest(AuthoringCase):
    def test_schedules(self):
        specs = self.specs("""
            from datetime import datetime, timedelta
            from zoneinfo import ZoneInfo
            from dagmesh import DAG, cron, every

            berlin = datetime(2024, 1, 1, tzinfo=ZoneInfo('Europe/Berlin'))
            DAG('preset', schedule='@daily')
            DAG('zoned', schedule='0 5 * * *', start_date=berlin)
            DAG('cron', schedule=cron('@hourly', timezone='Asia/Tokyo', data_interval=True))
            DAG('step', schedule=timedelta(minutes=5))
            DAG('steps', schedule=every(timedelta(minutes=5), data_interval=True))
            DAG('once', schedule='@once')
            DAG('manual', schedule=None)
        """)
        timetable = {dag_id: plain(spec.timetable) for dag_id, spec in specs.items()}
        self.assertEqual(timetable['preset'], {'cron': {'expression': '@daily'}})
        zoned = {'expression': '0 5 * * *', 'timezone': 'Europe/Berlin'}
        self.assertEqual(timetable['zoned'], {'cron': zoned})
        tokyo = {'expression': '@hourly', 'timezone': 'Asia/Tokyo', 'data_interval': True}
        self.assertEqual(timetable['cron'], {'cron': tokyo})
        self.assertEqual(timetable['step'], {'delta': {'delta': '300s'}})
        self.assertEqual(timetable['steps'], {'delta': {'delta': '300s', 'data_interval': True}})
        self.assertEqual(timetable['once'], {'once': {}})
        self.assertFalse(specs['manual'].HasField('timetable'))
        self.assertEqual(specs['zoned'].start_date.seconds, 1704063600)

    def test_arrows_lists_and_chain_make_the_same_edges(self):
        specs = self.specs("""
            from dagmesh import DAG, EmptyOperator, chain, cross_downstream, empty

            with DAG('arrows'):
                a, b, c, d = map(empty, 'abcd')
                a >> [b, c] >> d
            with DAG('backwards'):
                a, b, c, d = (EmptyOperator(task_id=name) for name in 'abcd')
                d << [b, c]
                a << []
                [b, c] << a
            with DAG('chained'):
                a, b, c, d = map(empty, 'abcd')
                chain(a, [b, c], d)
            with DAG('pairs'):
                a, b, c, d = map(empty, 'abcd')
                chain([a, b], [c, d])
            with DAG('crossed'):
                a, b, c, d = map(empty, 'abcd')
                cross_downstream([a, b], [c, d])
        """)
        edges = {
            dag_id: {task.task_id: list(task.upstream_task_ids) for task in spec.tasks}
            for dag_id, spec in specs.items()
        }
        diamond = {'a': [], 'b': ['a'], 'c': ['a'], 'd': ['b', 'c']}
        for dag_id in ('arrows', 'backwards', 'chained'):
            self.assertEqual(edges[dag_id], diamond, dag_id)
        self.assertEqual(edges['pairs'], {'a': [], 'b': [], 'c': ['a'], 'd': ['b']})
        self.assertEqual(edges['crossed'], {'a': [], 'b': [], 'c': ['a', 'b'], 'd': ['a', 'b']})
        self.assertTrue(all(task.is_empty for spec in specs.values() for task in spec.tasks))

    def test_calling_a_function_again_numbers_its_tasks(self):
        spec = self.specs("""
            from dagmesh import DAG, task

            @task
            def step(): ...

            with DAG('repeated'):
                step() >> step() >> step.override(task_id='last', retries=1)()
        """)['repeated']
        self.assertEqual([task.task_id for task in spec.tasks], ['step', 'step__1', 'last'])
        self.assertEqual([task.retry.retries for task in spec.tasks], [0, 0, 1])
        self.assertEqual({task.handler for task in spec.tasks}, {'file.py:step'})

    def test_inputs_are_literals_and_outputs_of_other_tasks(self):
        spec = self.specs("""
            from dagmesh import DAG, task

            @task(multiple_outputs=True)
            def split(): ...

            @task
            def join(ctx, left, right=None, *, factor, ds=None): ...

            with DAG('flow'):
                parts = split()
                join(parts['left'], right=parts, factor={'by': [2]})
        """)['flow']
        inputs = [plain(given) for given in spec.tasks[1].inputs]
        self.assertEqual(
            inputs,
            [
                {'name': 'left', 'xcom': {'task_id': 'split', 'key': 'left'}},
                {'name': 'right', 'xcom': {'task_id': 'split'}},
                {'name': 'factor', 'value_json': '{"by": [2]}'},
            ],
        )
        self.assertEqual(list(spec.tasks[1].upstream_task_ids), ['split'])

    def test_params_have_defaults_and_schemas(self):
        spec = self.specs("""
            from dagmesh import DAG, Param

            DAG('with_params', params={
                'day': Param('2024-01-01', type='string', format='date', description='the day'),
                'rows': 10,
                'table': Param(type='string'),
            })
        """)['with_params']
        self.assertEqual(
            [
                (param.name, param.default_json, param.schema_json, param.description)
                for param in spec.params
            ],
            [
                ('day', '"2024-01-01"', '{"type": "string", "format": "date"}', 'the day'),
                ('rows', '10', '', ''),
                ('table', '', '{"type": "string"}', ''),
            ],
        )

    def test_a_decorated_function_can_still_be_called_as_a_function(self):
        @task(retries=1)
        def double(n):
            return 2 * n

        self.assertEqual(double.function(4), 8)

    def test_a_context_can_be_made_by_hand_for_unit_tests(self):
        ctx = TaskContext(dag_id='d', run_id='r', task_id='t', params={'x': 1})
        ctx.xcom_push('key', [1])
        self.assertEqual((ctx['params']['x'], ctx.xcom_pull(key='key')), (1, [1]))

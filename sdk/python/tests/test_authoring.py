"""What a DAG file becomes, and what its author is told when it cannot be."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from google.protobuf.json_format import MessageToDict

from dagmesh import TaskContext, task
from dagmesh.gen.dag.v1.dag_pb2 import DagSpec

SDK = Path(__file__).parent.parent


class AuthoringCase(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix='dagmesh-test-')).resolve()
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip('\n'))
        return path

    def parse(self, path, folder=None):
        """The answer of the parser's program, on descriptor 3, as the dag-processor calls it."""
        read_end, write_end = os.pipe()
        command = 'exec 3>&%d %d>&-; exec "$0" -m dagmesh.parse "$1" --root "$2"'
        shell = [
            'bash',
            '-c',
            command % (write_end, write_end),
            sys.executable,
            path,
            folder or self.folder,
        ]
        environment = {**os.environ, 'PYTHONPATH': str(SDK)}
        done = subprocess.run(
            shell, env=environment, pass_fds=[write_end], capture_output=True, timeout=30
        )
        os.close(write_end)
        with os.fdopen(read_end, encoding='utf-8') as answer:
            self.printed = done.stdout.decode()
            result = json.loads(answer.read())
        self.assertEqual(done.returncode, 1 if 'error' in result else 0)
        return result

    def specs(self, text, name='file.py'):
        answer = self.parse(self.write(name, text))
        self.assertNotIn('error', answer)
        return {spec.dag_id: spec for spec in map(decode, answer['dags'])}

    def error(self, text):
        return self.parse(self.write('file.py', text))['error']


def decode(content):
    return DagSpec.FromString(base64.b64decode(content))


class GoldenTest(AuthoringCase):
    def test_a_dag_in_taskflow_style(self):
        dags = SDK / 'tests' / 'dags'
        [content] = self.parse(dags / 'weather.py', dags)['dags']
        golden = json.loads((SDK / 'tests' / 'golden' / 'weather.json').read_text())
        self.assertEqual(MessageToDict(decode(content), preserving_proto_field_name=True), golden)

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
        self.assertEqual(MessageToDict(spec, preserving_proto_field_name=True), expected)


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
        timetable = {dag_id: MessageToDict(spec.timetable) for dag_id, spec in specs.items()}
        self.assertEqual(timetable['preset'], {'cron': {'expression': '@daily'}})
        zoned = {'expression': '0 5 * * *', 'timezone': 'Europe/Berlin'}
        self.assertEqual(timetable['zoned'], {'cron': zoned})
        tokyo = {'expression': '@hourly', 'timezone': 'Asia/Tokyo', 'dataInterval': True}
        self.assertEqual(timetable['cron'], {'cron': tokyo})
        self.assertEqual(timetable['step'], {'delta': {'delta': '300s'}})
        self.assertEqual(timetable['steps'], {'delta': {'delta': '300s', 'dataInterval': True}})
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
        inputs = [
            MessageToDict(given, preserving_proto_field_name=True) for given in spec.tasks[1].inputs
        ]
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

    def test_a_dag_of_an_imported_file_belongs_to_that_file(self):
        self.write(
            'factory.py',
            """
            from dagmesh import DAG, empty

            DAG('of_the_factory_file')

            def make(dag_id):
                with DAG(dag_id) as dag:
                    empty('only')
                return dag
        """,
        )
        specs = self.specs("""
            from factory import make

            for name in ('one', 'two'):
                make(name)
        """)
        self.assertEqual(list(specs), ['one', 'two'])

    def test_a_file_in_a_subfolder_names_its_handlers_by_its_path(self):
        spec = self.specs(
            """
            from dagmesh import dag, task

            @dag
            def nested():
                @task
                def inner(): ...
                inner()

            nested()
            """,
            name='team/file.py',
        )['nested']
        self.assertEqual(spec.tasks[0].handler, 'team/file.py:nested.inner')

    def test_what_the_file_prints_does_not_spoil_the_answer(self):
        self.assertEqual(self.specs("import os; print('hello'); os.system('echo hi')"), {})
        self.assertEqual(self.printed, '')

    def test_without_descriptor_3_the_answer_is_on_stdout(self):
        path = self.write('file.py', "from dagmesh import DAG; print('hello'); DAG('one')")
        command = [sys.executable, '-m', 'dagmesh.parse', path, '--root', self.folder]
        environment = {**os.environ, 'PYTHONPATH': str(SDK)}
        done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=30)
        self.assertEqual(decode(json.loads(done.stdout)['dags'][0]).dag_id, 'one')

    def test_a_decorated_function_can_still_be_called_as_a_function(self):
        @task(retries=1)
        def double(n):
            return 2 * n

        self.assertEqual(double.function(4), 8)

    def test_a_context_can_be_made_by_hand_for_unit_tests(self):
        ctx = TaskContext(dag_id='d', run_id='r', task_id='t', params={'x': 1})
        ctx.xcom_push('key', [1])
        self.assertEqual((ctx['params']['x'], ctx.xcom_pull(key='key')), (1, [1]))


class MistakeTest(AuthoringCase):
    def test_each_mistake_is_told_with_its_line(self):
        imports = 'from dagmesh import DAG, chain, cron, dag, empty, task\n\n'
        head = imports + '@task\ndef one(x): return x\n\n'
        mistakes = [
            ('with DAG("d"):\n  empty("a")\n  empty("a")\n', 8, "already has a task 'a' (line 7)"),
            ('DAG("d")\nDAG("d")\n', 7, "already has a DAG 'd' (line 6)"),
            ('DAG("no spaces")\n', 6, "'no spaces' is no dag_id"),
            ('with DAG("d"):\n  empty("ä")\n', 7, "'ä' is no task_id"),
            ('DAG("d", schedule="* *")\n', 6, 'five fields'),
            ('DAG("d", schedule="@fortnightly")\n', 6, 'the presets are'),
            ('DAG("d", max_active_runs=0)\n', 6, 'max_active_runs=0 is not allowed'),
            ('with DAG("d"):\n  one()\n', 7, "one needs the argument 'x'"),
            ('with DAG("d"):\n  one(1, 2)\n', 7, 'too many positional arguments'),
            ('with DAG("d"):\n  one({1})\n', 7, "the input 'x' has no JSON form"),
            ('with DAG("d"):\n  one([one(1)])\n', 7, 'must be an argument of its own'),
            ('with DAG("d"):\n  empty("a", retries=-1)\n', 7, 'retries=-1 is not allowed'),
            ('with DAG("d"):\n  empty("a", retry=1)\n', 7, "a task has no option 'retry'"),
            ('with DAG("d"):\n  empty("a", trigger_rule="most")\n', 7, 'one of all_success'),
            (
                'with DAG("d"):\n  empty("a", execution_timeout="5m")\n',
                7,
                'a timedelta, or seconds',
            ),
            ('with DAG("d"):\n  empty("a") >> 5\n', 7, '5 is no task'),
            (
                'with DAG("d"):\n  a = empty("a")\nwith DAG("e"):\n  a >> empty("b")\n',
                9,
                'stay inside a DAG',
            ),
            ('with DAG("d"):\n  for x in empty("a"): pass\n', 7, 'not iterable'),
            ('with DAG("d"):\n  a, b = empty("a"), empty("b")\n  a >> b >> a\n', 7, 'a → b → a'),
            ('two = task(retires=2)(one.function)\n', 6, "a task has no option 'retires'"),
            ('empty("a")\n', 6, 'there is no DAG here'),
            ('@dag(schedule="@daily")\ndef flow(): ...\n', 6, 'never called: add `flow()`'),
            ('def broken(:\n  pass\n', 6, 'SyntaxError'),
            ('import no_such_module\n', 6, "ModuleNotFoundError: No module named 'no_such_module'"),
            ('def inner():\n  1 / 0\n\ninner()\n', 7, 'ZeroDivisionError: division by zero'),
            ('import sys\nsys.exit(4)\n', 7, 'sys.exit(4)'),
        ]
        for text, line, cause in mistakes:
            with self.subTest(text):
                error = self.error(head + text)
                self.assertTrue(error.startswith(f'file.py:{line}: '), error)
                self.assertIn(cause, error)

    def test_a_mistake_in_an_imported_module_is_told_with_the_line_that_imports_it(self):
        self.write('library.py', 'VALUE = 1\nraise RuntimeError("not today")\n')
        self.assertEqual(self.error('\nimport library\n'), 'file.py:1: RuntimeError: not today')

    def test_a_file_outside_of_the_folder_is_refused(self):
        outside = self.folder.parent / f'{self.folder.name}.py'
        outside.write_text('')
        self.addCleanup(outside.unlink)
        self.assertIn('there is no such file in', self.parse(outside)['error'])

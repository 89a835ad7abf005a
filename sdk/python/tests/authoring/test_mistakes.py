"""What the author of a DAG file is told when it cannot be."""

from __future__ import annotations

from tests.authoring.case import AuthoringCase


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
            (
                'DAG("d", schedul="@daily")\n',
                6,
                "a DAG has no option 'schedul'; it has allowed_run",
            ),
            ('DAG("d", owner_links={})\n', 6, 'one of Airflow that has no effect here'),
            ('with DAG("d"):\n  empty("a", run_as_user="x")\n', 7, 'leave it out'),
            ('task.run_if(True)\n', 6, 'it must be a function of the context'),
            ('task.skip_if(print)(print)\n', 6, 'stand above @task'),
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

    def test_rules_that_are_not_the_authors_to_choose_are_told(self):
        head = (
            'from dagmesh import DAG, KeyLimit, TaskGroup, empty, task, task_group\n'
            '@task\ndef rows(): ...\n@task(trigger_rule="always")\ndef use(x): ...\n'
            '@task_group\ndef group(x):\n  use(1)\n'
        )
        rows = [
            ('"d", fail_fast=True', 'empty("b", trigger_rule="all_done")', 'with fail_fast every'),
            ('"d"', 'empty("b", trigger_rule="all_done_setup_success")', 'only teardowns get'),
            (
                '"d"',
                'empty("a").as_setup() >> empty("b", trigger_rule="none_failed")',
                "downstream of the setup 'a' only all_success",
            ),
            ('"d"', 'use.expand(x=rows())', 'must wait for the result'),
            ('"d"', 'group.expand(x=rows())', 'must wait for the result'),
            ('"d", key_limits={"k": KeyLimit(1)}', 'empty("b", limit_keys=["l"])', "key 'l'"),
        ]
        for arguments, body, cause in rows:
            with self.subTest(body):
                error = self.error(f'{head}with DAG({arguments}):\n  {body}\n')
                self.assertIn(cause, error)
                self.assertRegex(error, r'file\.py:\d+: the task ')
        legal = 'use.expand(x=[1, 2])\n  empty("t", trigger_rule="all_done")'
        self.specs(f'{head}with DAG("d"):\n  {legal}\n')

    def test_a_mistake_in_an_imported_module_is_told_with_the_line_that_imports_it(self):
        self.write('library.py', 'VALUE = 1\nraise RuntimeError("not today")\n')
        self.assertEqual(self.error('\nimport library\n'), 'file.py:1: RuntimeError: not today')

    def test_a_file_outside_of_the_folder_is_refused(self):
        outside = self.folder.parent / f'{self.folder.name}.py'
        outside.write_text('')
        self.addCleanup(outside.unlink)
        self.assertIn('there is no such file in', self.parse(outside)['error'])

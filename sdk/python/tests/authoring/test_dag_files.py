"""Which DAGs a file has, and how the parser's program tells of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.authoring.case import SDK, AuthoringCase, decode


class DagFileTest(AuthoringCase):
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

"""What the README shows is true."""

from __future__ import annotations

import re

from dagmesh.gen.worker.v1 import attempt_pb2
from tests.authoring.case import SDK, AuthoringCase
from tests.worker.case import WorkerCase

README = (SDK / 'README.md').read_text()
EXAMPLE, TEST_OF_IT = re.findall(r'```python\n(.*?)```', README, re.DOTALL)


class ParsedExampleTest(AuthoringCase):
    def test_the_example_is_a_dag(self):
        spec = self.specs(EXAMPLE, name='sales.py')['sales']
        edges = {task.task_id: list(task.upstream_task_ids) for task in spec.tasks}
        self.assertEqual(edges, {'extract': [], 'total': ['extract'], 'report': ['total']})

    def test_a_mistake_is_told_as_shown(self):
        self.write('sales.py', EXAMPLE.replace("queue='python'", "queue='no spaces'"))
        told = self.parse(self.folder / 'sales.py')['error']
        self.assertIn(f'{{"error": "{told}"}}', README)


class RunningExampleTest(WorkerCase):
    def test_the_tasks_of_the_example_run(self):
        (self.dags_folder / 'sales.py').write_text(EXAMPLE)
        self.start_worker()
        total = self.mesh.lease('sales.py:sales.total', inputs={'rows': [{'price': 7.5}]})
        self.assertEqual(self.value_of(self.mesh.report_of(total)), 7.5)
        report = self.mesh.lease('sales.py:sales.report', inputs={'amount': 7.5})
        self.assertEqual(self.mesh.report_of(report).outcome, attempt_pb2.OUTCOME_SUCCESS)
        messages = [line['message'] for line in self.log_lines(report)]
        self.assertEqual(messages, ['sold for 7.5 in a_run'])


class TestedExampleTest(AuthoringCase):
    def test_the_example_passes_its_test(self):
        self.write('sales.py', EXAMPLE)
        exec(TEST_OF_IT.replace('dags/sales.py', str(self.folder / 'sales.py')), {})

"""The examples of the repository are DAGs, and none of them runs by itself."""

from __future__ import annotations

from pathlib import Path

from tests.authoring.case import AuthoringCase, decode

DAGS = Path(__file__).resolve().parents[4] / 'dags'


class ExampleTest(AuthoringCase):
    def test_each_example_is_read(self):
        files = sorted((DAGS / 'examples').glob('python_*.py'))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file.name):
                for spec in map(decode, self.parse(file, DAGS)['dags']):
                    self.assertTrue(spec.dag_id.startswith(file.stem))
                    self.assertTrue(
                        spec.is_paused_upon_creation or not spec.HasField('timetable'), spec.dag_id
                    )

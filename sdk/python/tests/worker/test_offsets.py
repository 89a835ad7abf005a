"""One element of a mapped task's values, row by row of the table that the SDKs share."""

from __future__ import annotations

import json
import unittest

from dagmesh import NotFoundError
from dagmesh.context import TaskContext
from tests.worker.case import SDK

TABLE = SDK.parents[1] / 'tests' / 'conformance' / 'cases' / 'xcom-slice.json'


class OffsetTest(unittest.TestCase):
    def setUp(self):
        self.table = json.loads(TABLE.read_text())
        self.ctx = TaskContext('a_dag', 'a_run', 'a_task', call=self.answer)

    def answer(self, method, *, slice, **place):
        values = self.table['values'] if place['task_id'] else []
        part = values[slice['start'] : slice['stop'] : slice.get('step')]
        return {'value_json': json.dumps(part), 'mapped_count': len(values)}

    def test_an_offset_is_an_element_and_outside_of_the_values_an_error(self):
        for row in self.table['offsets']:
            with self.subTest(row):
                if not row.get('is_outside'):
                    pulled = self.ctx.xcom_pull('up', offset=row['offset'])
                    self.assertEqual(pulled, row['expected'])
                    continue
                with self.assertRaises(NotFoundError) as refused:
                    self.ctx.xcom_pull('up', offset=row['offset'], default='nothing')
                told = f"offset {row['offset']} is outside of the 4 values of instances of 'up'"
                self.assertEqual(str(refused.exception), f"{told} under 'return_value'")

    def test_a_slice_outside_of_the_values_is_empty(self):
        for row in self.table['rows']:
            with self.subTest(row['slice']):
                wanted = slice(*map(row.get, ('start', 'stop', 'step')))
                self.assertEqual(self.ctx.xcom_pull('up', slice=wanted), row['expected'])

    def test_several_tasks_answer_an_element_each(self):
        self.assertEqual(self.ctx.xcom_pull(['up', 'up'], offset=-1), ['b', 'b'])

    def test_an_offset_goes_with_neither_slice_nor_indexes(self):
        for other in ({'slice': slice(1)}, {'map_indexes': 1}, {'map_indexes': [1]}):
            with self.assertRaisesRegex(ValueError, 'exclude each other'):
                self.ctx.xcom_pull('up', offset=0, **other)

    def test_what_this_task_just_pushed_is_no_list_of_instances(self):
        self.ctx.xcom_push('return_value', ['own'])
        with self.assertRaisesRegex(NotFoundError, "the 0 values of instances of 'a_task'"):
            self.ctx.xcom_pull(offset=0)

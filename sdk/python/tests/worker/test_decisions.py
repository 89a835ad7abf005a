"""What tasks decide, update, ask and keep, and how the arguments of mapped ones are changed."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from dagmesh.gen.dag.v1 import asset_pb2
from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from tests.plain import plain
from tests.worker.case import SharedWorkerCase

DAY = Timestamp(seconds=1704067200)
ROWS = asset_pb2.AssetRef(name='rows', uri='s3://rows')
OUTLETS = [asset_pb2.AssetPort(asset=ROWS), asset_pb2.AssetPort(alias='reports')]


class DecisionCase(SharedWorkerCase):
    def run_one(self, name, **fields):
        return self.mesh.report_of(self.mesh.lease(f'decisions.py:{name}', **fields))


class DirectionTest(DecisionCase):
    def test_a_branch_names_what_is_followed(self):
        rows = [('one', ['left'], 'left'), ('two', ['left', 'right'], ['left', 'right', 'left'])]
        for way, followed, value in rows:
            report = self.run_one('branches', inputs={'way': way})
            self.assertEqual(list(report.direction.branch.follow_ids), followed)
            self.assertEqual(self.value_of(report), value)

    def test_a_branch_that_names_nothing_follows_nothing(self):
        report = self.run_one('branches', inputs={'way': 'none'})
        self.assertEqual(report.direction.WhichOneof('kind'), 'branch')
        self.assertEqual((len(report.direction.branch.follow_ids), len(report.xcoms)), (0, 0))

    def test_a_branch_that_names_no_text_fails(self):
        report = self.run_one('branches', inputs={'way': 'bad'})
        self.assertIn('ids of tasks or groups as text, not 5', report.error.message)

    def test_a_decision_that_cannot_be_told_fails_its_task_alone(self):
        report = self.run_one('branches', inputs={'way': 'unsayable'})
        self.assertEqual(report.error.reason, pb.FAILURE_REASON_LIMIT)
        self.assertEqual(self.run_task('noop').outcome, pb.OUTCOME_SUCCESS)

    def test_a_short_circuit_decides_when_it_is_false(self):
        for value in (False, [], 0, '', {}):
            report = self.run_one('is_true', inputs={'value': value})
            self.assertFalse(report.direction.short_circuit.respects_trigger_rules)
            self.assertEqual(report.direction.WhichOneof('kind'), 'short_circuit')
            self.assertEqual(self.value_of(report), value)
        report = self.run_one('is_true_for_next', inputs={'value': None})
        self.assertTrue(report.direction.short_circuit.respects_trigger_rules)

    def test_a_short_circuit_that_is_true_decides_nothing(self):
        for value in (True, [1], [0], 1, 'no', {'a': 0}):
            report = self.run_one('is_true', inputs={'value': value})
            self.assertFalse(report.HasField('direction'))
            self.assertEqual(self.value_of(report), value)


class ResultTest(DecisionCase):
    def test_a_result_that_is_not_wanted_is_dropped(self):
        self.assertEqual([each.key for each in self.run_one('drops').xcoms], ['kept'])

    def test_keys_of_multiple_outputs_are_texts(self):
        self.assertIn('1 is no XCom key', self.run_one('bad_keys').error.message)

    def test_errors_of_airflow_mean_what_they_mean_there(self):
        self.assertEqual(self.run_one('skips_as_in_airflow').outcome, pb.OUTCOME_SKIPPED)
        self.assertTrue(self.run_one('fails_as_in_airflow').error.is_final)

    def test_a_function_with_kwargs_gets_the_context(self):
        report = self.run_one('takes_all', logical_date=DAY, params={'x': 1})
        self.assertEqual(self.value_of(report), ['a_task', '20240101', {'x': 1}, False])

    def test_a_run_without_a_date_has_none_of_its_names(self):
        self.assertEqual(self.value_of(self.run_one('tells_names')), ['run_id', 'ti'])
        dated = self.value_of(self.run_one('tells_names', logical_date=DAY))
        self.assertEqual(dated, ['data_interval_start', 'ds', 'logical_date', 'run_id', 'ti'])


class AssetTest(DecisionCase):
    def test_what_a_task_says_about_its_outlets_is_told(self):
        report = self.run_one('updates', outlets=OUTLETS)
        rows = {'name': 'rows', 'uri': 's3://rows'}
        daily = {'asset': {'name': 'daily', 'uri': 'daily'}, 'extra_json': '{"x":1}'}
        self.assertEqual(
            [plain(each) for each in report.asset_updates],
            [
                {'asset': rows, 'extra_json': '{"of":"b"}', 'partition_key': 'b'},
                {'asset': rows, 'extra_json': '{"count":3}'},
                {**daily, 'alias': 'reports'},
            ],
        )

    def test_an_outlet_that_is_not_declared_cannot_be_updated(self):
        report = self.run_one('updates')
        self.assertIn('is not among the outlets', report.error.message)

    def test_metadata_can_be_yielded(self):
        report = self.run_one('yields_metadata', outlets=OUTLETS)
        self.assertEqual(self.value_of(report), 'done')
        self.assertEqual(report.asset_updates[0].extra_json, '{"count":4}')

    def test_a_task_sees_what_started_its_run_and_what_came_before(self):
        event = asset_pb2.AssetEvent(
            asset_name='rows',
            asset_uri='s3://rows',
            extra_json='{"n": 1}',
            timestamp=DAY,
            source_task_id='write',
        )
        self.mesh.asset_events = [event, event]
        report = self.run_one('reads_events', triggering_asset_events=[event], partition_key='p')
        self.assertEqual(self.value_of(report), [{'n': 1}, 'write', 2, 'rows', 'p'])
        asked = plain(self.mesh.calls[-1])
        self.assertEqual((asked['asset_name'], asked['limit']), ('rows', 5))
        self.assertEqual((asked['after'], asked['is_descending']), ('2024-01-01T00:00:00Z', True))


class CallTest(DecisionCase):
    def test_xcoms_are_pulled_from_where_they_are_asked_for(self):
        self.mesh.xcoms = {'return_value': '[1]', 'k': '2'}
        self.mesh.calls.clear()
        self.assertEqual(self.value_of(self.run_one('pulls')), 'nothing')
        asked = [plain(each) for each in self.mesh.calls]
        for each in asked:
            del each['attempt_token']
        key = {'key': 'return_value'}
        far = {'task_id': 't', **key, 'map_indexes': [1, 2], 'dag_id': 'd', 'run_id': 'r'}
        self.assertEqual(
            asked,
            [
                {**far, 'include_prior_dates': True},
                {'task_id': 't', **key, 'map_index': -1},
                {'task_id': 'a', 'key': 'k'},
                {'task_id': 'b', 'key': 'k'},
                {'task_id': 't', **key, 'slice': {'start': -2, 'step': 1}},
                {'task_id': 't', **key, 'slice': {'start': -1}},
                {'task_id': 't', 'key': 'absent'},
            ],
        )

    def test_state_outlives_a_try(self):
        self.assertEqual(self.value_of(self.run_one('keeps_state')), [0, 1, True])
        self.assertEqual(self.value_of(self.run_one('keeps_state')), [1, 2, True])

    def test_a_triggered_run_can_be_named(self):
        self.assertEqual(self.value_of(self.run_one('triggers')), 'mine')
        self.assertEqual(self.mesh.calls[-1].conf_json, '{"a":1}')


class MappedTest(DecisionCase):
    def run_mapped(self, task_id, inputs, *transforms):
        return self.run_one(
            f'decisions.{task_id}',
            inputs=inputs,
            input_transforms=[pb.InputTransform(**each) for each in transforms],
            dag_id='decisions',
            task_id=task_id,
        )

    def test_functions_change_an_element_inside_a_zip_and_then_the_zip(self):
        first = 'decisions.py:decisions.mapped#map.0'
        last = 'decisions.py:decisions.mapped#map.2'
        inner = {'name': 'a', 'path': [0], 'handlers': [first, 'decisions.py:no_odd']}
        report = self.run_mapped('mapped', {'a': [3, 5]}, inner, {'name': 'a', 'handlers': [last]})
        self.assertEqual(self.value_of(report), [[5, 4], 0, 0])

    def test_a_function_may_skip_its_instance(self):
        inner = {'name': 'a', 'path': [0], 'handlers': ['decisions.py:no_odd']}
        report = self.run_mapped('mapped', {'a': [3, 5]}, inner)
        self.assertEqual((report.outcome, report.reason), (pb.OUTCOME_SKIPPED, '3 is odd'))

    def test_functions_make_the_keyword_arguments_of_an_instance(self):
        transform = {'handlers': ['decisions.py:decisions.by_kwargs#map.0']}
        spread = self.run_mapped('by_kwargs', {'shared': 9, 'n': 4}, transform)
        self.assertEqual(self.value_of(spread), [4, 2, 9])
        whole = self.run_mapped('by_kwargs', {'shared': 9, '': {'n': 4}}, transform)
        self.assertEqual(self.value_of(whole), [4, 2, 9])

    def test_keyword_arguments_that_are_no_dict_fail(self):
        report = self.run_mapped('by_kwargs', {'': 4}, {'handlers': ['decisions.py:no_odd']})
        self.assertIn('must be a dict of arguments, not a int', report.error.message)

    def test_an_instance_is_named_by_its_template_or_by_itself(self):
        item = {'name': 'Berlin'}
        named = self.run_one('shows', inputs={'item': item}, map_index_template='{{ item.name }}')
        self.assertEqual(named.map_label, 'Berlin')
        own = self.run_one('shows', inputs={'item': item, 'label': 'x' * 300})
        self.assertEqual(own.map_label, 'x' * 250)

"""Schedules, assets, variables, connections and callbacks in the test kit."""

from __future__ import annotations

from dagmesh import DAG, Asset, MonthlyMapper, PartitionedAssetTimetable, task
from dagmesh.testing import fails
from tests.testing.case import DagTestCase, an_etl, instant


class ScheduleTest(DagTestCase):
    def test_a_year_of_a_daily_dag_has_365_runs(self):
        test = self.a_test_of(an_etl())
        runs = test.advance(until='2026-12-31')
        self.assertEqual(len(runs), 365)
        self.assertEqual({run.state for run in runs}, {'success'})
        self.assertEqual(sum(len(run.tasks) for run in runs), 3 * 365)
        self.assertEqual(runs[0].logical_date, instant('2026-01-01'))
        self.assertEqual(test.now, instant('2026-12-31'))

    def test_an_update_of_an_asset_starts_the_dag_that_awaits_it(self):
        table = Asset('table')
        with DAG('producer') as producer:
            task(task_id='write', outlets=[table])(lambda: 1)()
        with DAG('consumer', schedule=[table]) as consumer:

            @task
            def read(triggering_asset_events):
                events = sum(triggering_asset_events.values(), [])
                return [event.extra for event in events]

            read()
        test = self.a_test_of([producer, consumer])
        test.run(dag_id='producer')
        run = test.play(dag_id='consumer')
        self.assertEqual((run.run_type, run.state), ('asset_triggered', 'success'))
        test.update_asset(table, {'rows': 7})
        run = test.play(dag_id='consumer')
        self.assertEqual(run.xcoms['read'], {'return_value': [{'rows': 7}]})
        self.assertEqual(len(test.runs('consumer')), 2)

    def test_an_update_of_a_partition_starts_a_run_of_its_key(self):
        table = Asset('table')
        months = PartitionedAssetTimetable(assets=table, default_partition_mapper=MonthlyMapper())
        with DAG('monthly', schedule=months) as monthly:
            task(task_id='read')(lambda partition_key: partition_key)()
        test = self.a_test_of(monthly)
        test.update_asset(table, partition_key='2026-02-10T00:00:00')
        run = test.play()
        self.assertEqual((run.partition_key, run.state), ('2026-02', 'success'))


class WorldTest(DagTestCase):
    def test_has_the_variables_and_connections_that_the_test_gives_it(self):
        with DAG('world') as world:

            @task(connections=['db'])
            def use(ctx=None):
                ctx.state.set('seen', 1)
                ctx.xcom_push('extra', 'x')
                db = ctx.conn('db')
                return [db.host, db.port, db.extra_dejson, ctx.state.get('seen')]

            @task
            def pull(ctx=None):
                return ctx.xcom_pull('use', key='extra')

            @task
            def other(ctx=None):
                return ctx.conn('db').host

            use() >> [pull(), other()]
        db = {'host': 'h', 'port': 5432, 'extra': {'ssl': True}}
        run = self.a_test_of(world, connections={'db': db}).run()
        self.assertEqual(run.xcoms['use']['return_value'], ['h', 5432, {'ssl': True}, 1])
        self.assertEqual(run.xcoms['pull'], {'return_value': 'x'})
        self.assertIn('does not declare connection db', run.tries['other'][0].error)

    def test_an_offset_outside_of_the_values_of_a_mapped_task_fails_whoever_pulls_it(self):
        with DAG('offsets') as offsets:

            @task
            def size(n):
                return n

            @task
            def pull(offset, ctx=None):
                return ctx.xcom_pull('size', offset=offset, default='nothing')

            pulls = [pull.override(task_id='last')(-1), pull.override(task_id='beyond')(2)]
            size.expand(n=[10, 20]) >> pulls
        run = self.a_test_of(offsets).run()
        self.assertEqual(run.xcoms['last'], {'return_value': 20})
        self.assertIn('offset 2 is outside of the 2 values', run.tries['beyond'][0].error)

    def test_calls_back_when_a_run_failed(self):
        told = []
        with DAG('told', on_failure_callback=lambda context: told.append(context['dag_id'])) as dag:
            task(task_id='fail')(lambda: 1)()
        test = self.a_test_of(dag, bodies={'fail': fails('broken')})
        self.assertEqual(test.run().state, 'failed')
        test.advance(until='2026-01-01T01:00')
        self.assertEqual(told, ['told'])

"""The test kit, with DAGs as authors write them."""

from __future__ import annotations

import os
import shutil
import unittest
from datetime import datetime, timedelta, timezone
from unittest import mock

from dagmesh import (
    DAG,
    Asset,
    HttpTrigger,
    RetryTask,
    TimeDeltaTrigger,
    await_input,
    defer,
    get_current_context,
    task,
)
from dagmesh.testing import DagTest, DagTestError, fails, returns, skips, takes

NODE_MISSING = shutil.which(os.environ.get('DAGMESH_NODE', 'node')) is None


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def an_etl(**arguments) -> DAG:
    """Extract, transform, load: one after the other."""
    with DAG('etl', **{'schedule': '@daily', **arguments}) as made:

        @task
        def extract():
            return [1, 2, 3]

        @task
        def transform(rows):
            return [row * 10 for row in rows]

        @task
        def load(rows, ctx=None):
            ctx.log.info('loaded %d rows', len(rows))
            return sum(rows)

        load(transform(extract()))
    return made


def goes_on(event, response=None):
    """At the top of the file, as what goes on after a wait has to be."""
    return event


@unittest.skipIf(NODE_MISSING, 'the simulator runs on Node')
class DagTestCase(unittest.TestCase):
    def a_test_of(self, dags, **arguments) -> DagTest:
        made = DagTest(dags, **{'start_date': '2026-01-01', **arguments})
        self.addCleanup(made.close)
        return made


class RunTest(DagTestCase):
    def test_runs_the_functions_of_the_dag_and_hands_their_values_on(self):
        run = self.a_test_of(an_etl()).run(params={'who': 'me'})
        self.assertEqual(run.state, 'success')
        self.assertEqual(
            run.tasks, {'extract': 'success', 'transform': 'success', 'load': 'success'}
        )
        self.assertEqual(run.xcoms['load'], {'return_value': 60})
        self.assertEqual(run.params, {'who': 'me'})
        lines = [(line.task, line.message) for line in run.log]
        self.assertEqual(lines, [('load', 'loaded 3 rows')])

    def test_fails_with_what_the_test_puts_in_the_place_of_a_function(self):
        run = self.a_test_of(an_etl(), bodies={'transform': fails('no such column')}).run()
        self.assertEqual(run.state, 'failed')
        self.assertEqual(run.tasks['load'], 'upstream_failed')
        self.assertEqual([each.error for each in run.tries['transform']], ['no such column'])
        self.assertIn('RuntimeError: no such column', [line.message for line in run.log])

    def test_a_fake_gets_those_of_the_arguments_that_it_takes(self):
        bodies = {'transform': lambda rows, ctx: [ctx.run_type, len(rows)], 'load': lambda: 'ok'}
        run = self.a_test_of(an_etl(), bodies=bodies).run()
        self.assertEqual(run.xcoms['transform'], {'return_value': ['manual', 3]})
        self.assertEqual(run.xcoms['load'], {'return_value': 'ok'})

    def test_tasks_overlap_in_virtual_time(self):
        with DAG('both') as both:
            [task(task_id=name)(lambda: 1)() for name in ('slow', 'fast')]
        hour = timedelta(hours=1)
        bodies = {'slow': takes(hour, returns(1)), 'fast': takes(600, returns(2))}
        run = self.a_test_of(both, bodies=bodies).run()
        self.assertEqual(run.end - run.start, hour)
        self.assertEqual(run.tries['fast'][0].end, instant('2026-01-01T00:10'))
        narrow = self.a_test_of(both, bodies=bodies, slots=1).run()
        self.assertEqual(narrow.end - narrow.start, hour + timedelta(minutes=10))

    def test_an_attempt_ends_with_its_execution_timeout(self):
        with DAG('slow') as slow:
            task(task_id='slow', execution_timeout=timedelta(minutes=10))(lambda: 1)()
        test = self.a_test_of(slow, bodies={'slow': takes(3600, returns(1))})
        self.assertIn('600 s', test.run().tries['slow'][0].error)
        self.assertEqual(test.now, instant('2026-01-01T00:10'))


class RetriesTest(DagTestCase):
    def flaky(self, **bodies) -> DagTest:
        with DAG('flaky') as made:
            delay, most = timedelta(minutes=5), timedelta(minutes=15)
            backoff = {'retry_exponential_backoff': True, 'max_retry_delay': most}
            task(task_id='fetch', retries=3, retry_delay=delay, **backoff)(lambda: 1)()
        return self.a_test_of(made, bodies=bodies)

    def test_wait_on_the_virtual_clock_to_the_instant_that_was_asked_for(self):
        def wait():
            raise RetryTask('busy', delay=90)

        run = self.flaky(fetch=[wait, wait, returns('ok')]).run()
        self.assertEqual(run.state, 'success')
        starts = [each.start for each in run.tries['fetch']]
        minutes = ('00:00:00', '00:01:30', '00:03:00')
        self.assertEqual(starts, [instant(f'2026-01-01T{each}') for each in minutes])

    def test_back_off_within_their_bounds_and_end(self):
        run = self.flaky(fetch=fails('down')).run()
        tries = run.tries['fetch']
        self.assertEqual([each.number for each in tries], [1, 2, 3, 4])
        self.assertEqual(tries[3].start - tries[2].end, timedelta(minutes=15))
        self.assertEqual(run.end, self.flaky(fetch=fails('down')).run().end)


class GraphTest(DagTestCase):
    def test_mapping_goes_by_the_values_that_tasks_really_return(self):
        with DAG('files') as files:

            @task(task_id='list')
            def list_files():
                return ['a', 'bb', 'ccc']

            @task
            def size(file):
                return len(file)

            @task
            def add(sizes):
                return sum(sizes)

            add(size.expand(file=list_files()))
        run = self.a_test_of(files).run()
        self.assertEqual([run.tasks[f'size[{index}]'] for index in range(3)], ['success'] * 3)
        self.assertEqual(run.xcoms['add'], {'return_value': 6})
        none = self.a_test_of(files, bodies={'list': returns([])}).run()
        self.assertEqual(none.tasks['size'], 'skipped')

    def test_what_was_not_chosen_is_skipped(self):
        with DAG('choice') as choice:

            @task.branch
            def choose(params):
                return params['way']

            [task(task_id=name)(lambda: 1)() for name in ('left', 'right')]
            choose() >> [choice.tasks['left'], choice.tasks['right']]
        run = self.a_test_of(choice).run(params={'way': 'right'})
        self.assertEqual((run.tasks['left'], run.tasks['right']), ('skipped', 'success'))
        faked = self.a_test_of(choice, bodies={'choose': returns('left'), 'left': skips()}).run()
        self.assertEqual((faked.tasks['left'], faked.tasks['right']), ('skipped', 'skipped'))


class WaitingTest(DagTestCase):
    def test_a_rescheduled_sensor_looks_again_on_the_virtual_clock(self):
        pokes = []
        with DAG('watch') as watch:

            @task.sensor(mode='reschedule', poke_interval=600)
            def file():
                pokes.append(1)
                return len(pokes) == 4

            file()
        run = self.a_test_of(watch).run()
        self.assertEqual(run.tasks, {'file': 'success'})
        self.assertEqual(run.end - run.start, timedelta(minutes=30))
        self.assertEqual(len(pokes), 4)

    def test_a_poking_sensor_sleeps_on_the_virtual_clock_while_others_go_on(self):
        seen = []
        with DAG('poke') as poke:

            @task.sensor(poke_interval=60)
            def wait(ctx=None):
                seen.append(get_current_context().task_id)
                return ctx.task_states()['work'] == 'success'

            wait()
            task(task_id='work')(lambda: 'done')()
        run = self.a_test_of(poke, bodies={'work': takes(90, returns('done'))}).run()
        self.assertEqual(run.tasks, {'wait': 'success', 'work': 'success'})
        self.assertEqual(run.end - run.start, timedelta(seconds=120))
        self.assertEqual(seen, ['wait'] * 3)

    def test_sensors_that_find_nothing_time_out_and_those_that_are_stopped_end(self):
        with DAG('never') as never:
            hours = timedelta(hours=6)
            task.sensor(task_id='poking', poke_interval=hours)(lambda: False)()
            task.sensor(task_id='away', poke_interval=hours, mode='reschedule')(lambda: False)()
            stopped = {'execution_timeout': timedelta(hours=1)}
            task.sensor(task_id='stopped', poke_interval=hours, **stopped)(lambda: False)()
        run = self.a_test_of(never).run()
        self.assertEqual(set(run.tasks.values()), {'failed'})
        self.assertEqual(run.end - run.start, timedelta(days=7, hours=6))
        self.assertEqual(run.tries['stopped'][0].end, instant('2026-01-01T01:00'))

    def test_a_timer_wakes_a_deferred_task_at_its_instant(self):
        with DAG('later') as later:

            @task
            def wait():
                defer(trigger=TimeDeltaTrigger(timedelta(hours=3)), method_name=goes_on)

            wait()
        test = self.a_test_of(later)
        run = test.run()
        self.assertEqual(
            run.xcoms['wait'], {'return_value': {'moment': '2026-01-01T03:00:00.000Z'}}
        )
        self.assertEqual(test.now, instant('2026-01-01T03:00'))

    def test_other_triggers_are_fired_and_questions_answered_by_the_test(self):
        with DAG('ask') as ask:

            @task
            def hook():
                defer(trigger=HttpTrigger('https://example.com'), method_name=goes_on)

            @task
            def where(ctx=None):
                if ctx.resume:
                    return list(ctx.resume.response.chosen_options)
                await_input(subject='where to?', options=['here', 'there'])

            hook() >> where()
        test = self.a_test_of(ask)
        run = test.run()
        self.assertEqual(run.tasks['hook'], 'deferred')
        self.assertIn('trigger (http)', run.waits['hook'])
        self.assertEqual(test.explain('hook'), run.waits['hook'])
        test.fire('hook', event={'status': 200})
        self.assertEqual(test.play().tasks, {'hook': 'success', 'where': 'awaiting_input'})
        with self.assertRaisesRegex(DagTestError, 'not among the options'):
            test.respond('where', choose='nowhere')
        test.respond('where', choose='there', by='ann')
        done = test.play()
        self.assertEqual(done.state, 'success')
        self.assertEqual(done.xcoms['hook'], {'return_value': {'status': 200}})
        self.assertEqual(done.xcoms['where'], {'return_value': ['there']})


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

    def test_calls_back_when_a_run_failed(self):
        told = []
        with DAG('told', on_failure_callback=lambda context: told.append(context['dag_id'])) as dag:
            task(task_id='fail')(lambda: 1)()
        test = self.a_test_of(dag, bodies={'fail': fails('broken')})
        self.assertEqual(test.run().state, 'failed')
        test.advance(until='2026-01-01T01:00')
        self.assertEqual(told, ['told'])


class BadUseTest(DagTestCase):
    def test_is_told(self):
        with self.assertRaisesRegex(DagTestError, 'takes a DAG or a list of them'):
            DagTest([])
        with self.assertRaisesRegex(DagTestError, "no task 'lod', but extract, transform, load"):
            DagTest(an_etl(), bodies={'lod': returns(1)})
        with self.assertRaisesRegex(DagTestError, 'returns\\(…\\)'):
            DagTest(an_etl(), bodies={'load': 7})
        test = self.a_test_of(an_etl())
        with self.assertRaisesRegex(DagTestError, 'has no run yet'):
            test.explain('load')
        with self.assertRaisesRegex(DagTestError, "logical_date='soon' is no date"):
            test.run(logical_date='soon')
        with self.assertRaisesRegex(DagTestError, 'never goes back'):
            test.advance(until='2025-01-01')
        test.close()
        with self.assertRaisesRegex(DagTestError, 'the test is closed'):
            test.run()

    def test_a_task_for_other_workers_needs_a_body(self):
        with DAG('remote') as remote:
            task.external('count.ts:count')()
        self.assertIn("bodies={'count': …}", self.a_test_of(remote).run().tries['count'][0].error)
        run = self.a_test_of(remote, bodies={'count': returns(3)}).run()
        self.assertEqual(run.xcoms['count'], {'return_value': 3})

    def test_without_node_it_says_what_to_do(self):
        with mock.patch.dict(os.environ, {'DAGMESH_NODE': 'nowhere/node'}):
            with self.assertRaisesRegex(DagTestError, 'DAGMESH_NODE names nowhere/node'):
                DagTest(an_etl())


if __name__ == '__main__':
    unittest.main()

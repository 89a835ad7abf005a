"""Sensors, timers, triggers and questions in the test kit."""

from __future__ import annotations

from datetime import timedelta

from dagmesh import (
    DAG,
    HttpTrigger,
    TimeDeltaTrigger,
    await_input,
    defer,
    get_current_context,
    task,
)
from dagmesh.testing import DagTestError, returns, takes
from tests.testing.case import DagTestCase, instant


def goes_on(event, response=None):
    """At the top of the file, as what goes on after a wait has to be."""
    return event


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

    def test_an_execution_timeout_skips_sensors_that_fail_softly(self):
        with DAG('soft') as soft:
            stopped = {'poke_interval': timedelta(hours=6), 'execution_timeout': 3600}
            task.sensor(task_id='soft', soft_fail=True, **stopped)(lambda: False)()
            task.sensor(task_id='never', never_fail=True, **stopped)(lambda: False)()
            task.sensor(task_id='hard', **stopped)(lambda: False)()
        run = self.a_test_of(soft).run()
        self.assertEqual(run.tasks, {'soft': 'skipped', 'never': 'skipped', 'hard': 'failed'})

    def test_what_a_fake_of_a_sensor_returns_is_what_it_found(self):
        with DAG('find') as find:

            @task.sensor
            def find_files():
                return False

            @task
            def count(files):
                return len(files)

            count(find_files())
        run = self.a_test_of(find, bodies={'find_files': returns(['a', 'b'])}).run()
        self.assertEqual(run.xcoms['count'], {'return_value': 2})

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

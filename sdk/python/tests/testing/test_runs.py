"""Runs of the test kit: functions, fakes, retries, mapping, branches."""

from __future__ import annotations

from datetime import timedelta

from dagmesh import DAG, RetryRule, RetryTask, task
from dagmesh.testing import DagTest, fails, returns, skips, takes
from tests.testing.case import DagTestCase, an_etl, instant


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

    def test_a_run_tells_itself_in_a_few_lines(self):
        run = self.a_test_of(an_etl(), bodies={'extract': fails('no rows')}).run(run_id='one')
        self.assertEqual(
            str(run),
            'etl one: failed task_failure\n  extract: failed no rows\n'
            '  transform: upstream_failed\n  load: upstream_failed',
        )


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

    def test_a_rule_for_a_class_of_errors_is_one_for_its_subclasses(self):
        def refuse():
            raise ConnectionRefusedError('down')

        with DAG('ruled') as ruled:
            policy = [RetryRule(OSError, action='fail'), RetryRule(ValueError, retry_delay=1)]
            task(task_id='fetch', retries=3, retry_policy=policy)(lambda: 1)()
        run = self.a_test_of(ruled, bodies={'fetch': refuse}).run()
        self.assertEqual(len(run.tries['fetch']), 1)


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

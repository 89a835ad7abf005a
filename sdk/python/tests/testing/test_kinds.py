"""What decorators make of a task, told by runs of the test kit."""

from __future__ import annotations

from dagmesh import DAG, EmptyOperator, ShortCircuitOperator, task
from tests.testing.case import DagTestCase


class ConditionTest(DagTestCase):
    def test_a_condition_that_does_not_hold_skips_with_its_message(self):
        with DAG('conditions') as dag:

            @task.run_if(lambda context: context['params'].get('go'), skip_message='not today')
            @task(retries=1)
            def go(n=2):
                return 2 * n

            @task.skip_if(lambda context: context['params'].get('go'))
            @task
            def stay():
                return 'stayed'

            go(n=4)
            stay()
        test = self.a_test_of(dag)
        run = test.run(params={'go': True})
        self.assertEqual(run.tasks, {'go': 'success', 'stay': 'skipped'})
        self.assertEqual(run.xcoms['go'], {'return_value': 8})
        held_back = test.run()
        self.assertEqual(held_back.tasks, {'go': 'skipped', 'stay': 'success'})
        self.assertIn('skipped: not today', [line.message for line in held_back.log])


class ShortCircuitTest(DagTestCase):
    """Rows: the condition, whether all downstream is skipped, the rule of op2; op1, op2."""

    def test_a_condition_is_judged_as_python_does_and_kept(self):
        rows = [
            (False, True, 'all_done', ['skipped', 'skipped']),
            ([], True, 'all_success', ['skipped', 'skipped']),
            (False, False, 'all_done', ['skipped', 'success']),
            ([], False, 'all_success', ['skipped', 'skipped']),
            (True, True, 'all_success', ['success', 'success']),
            (['x'], False, 'all_done', ['success', 'success']),
        ]
        for condition, skips_all, rule, ends in rows:
            with self.subTest(condition=condition, skips_all=skips_all, rule=rule):
                with DAG('short') as dag:
                    check = ShortCircuitOperator(
                        'check',
                        python_callable=lambda condition: condition,
                        op_args=[condition],
                        ignore_downstream_trigger_rules=skips_all,
                    )
                    check >> EmptyOperator('op1') >> EmptyOperator('op2', trigger_rule=rule)
                run = self.a_test_of(dag).run()
                self.assertEqual([run.tasks['op1'], run.tasks['op2']], ends)
                self.assertEqual(run.xcoms['check'], {'return_value': condition})


class BashTest(DagTestCase):
    def test_the_command_that_a_function_answers_is_run(self):
        with DAG('bash') as dag:

            @task.bash(env={'WHO': 'you'}, append_env=True)
            def greet(word):
                return f'echo "{word} $WHO on {{{{ ds }}}}"'

            @task.bash
            def skip():
                return 'exit 99'

            greet('hello')
            skip()
        run = self.a_test_of(dag).run(logical_date='2026-02-03')
        self.assertEqual(run.xcoms['greet'], {'return_value': 'hello you on 2026-02-03'})
        self.assertEqual(run.tasks['skip'], 'skipped')


class ContextTest(DagTestCase):
    def test_macros_and_names_of_airflow_are_there(self):
        with DAG('context') as dag:

            @task(retries=3)
            def tell(macros, ds, ti, test_mode):
                week = macros.ds_add(ds, 7)
                return [
                    week,
                    macros.ds_format(week, '%Y-%m-%d', '%d.%m.%y'),
                    ti.max_tries,
                    test_mode,
                ]

            tell()
        run = self.a_test_of(dag).run(logical_date='2026-02-26')
        told = ['2026-03-05', '05.03.26', 3, False]
        self.assertEqual(run.xcoms['tell'], {'return_value': told})

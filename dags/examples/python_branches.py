"""Branches: a function chooses the way, a short circuit ends it, and both ways meet again."""

from dagmesh import DAG, empty, task


@task.branch
def choose(params):
    return 'large' if params['rows'] > 1000 else ['small', 'small_too']


@task.short_circuit(ignore_downstream_trigger_rules=False)
def is_worth_it(params):
    return params['rows'] > 0


with DAG('python_branches', schedule=None, params={'rows': 10}, tags=['example']):
    join = empty('join', trigger_rule='none_failed_min_one_success')
    is_worth_it() >> choose() >> [empty('large'), empty('small'), empty('small_too')] >> join

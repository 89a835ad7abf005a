"""Callbacks, as authors write them."""

from dagmesh import DAG, AsyncCallback, DeadlineAlert, DeadlineReference, task


def as_in_airflow(context):
    ti = context['ti']
    print(f'{ti.task_id} of {context["run_id"]}: {context["exception"]}')


def by_name(run_id, exception, ctx):
    print(f'{run_id}: {exception}, told by {ctx.run_id}')


def with_all(**context):
    print(sorted(name for name in context if name in ('run_id', 'ti', 'ctx')))


def with_more(context, how):
    print(how, context['run_id'])


@task
def work():
    return None


with DAG(
    'notices',
    deadline=DeadlineAlert(
        DeadlineReference.DAGRUN_QUEUED_AT, 60, AsyncCallback(with_more, {'how': 'late'})
    ),
):
    work.override(on_failure_callback=lambda context: print('lambda', context['task_id']))()

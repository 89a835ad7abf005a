"""Alerts and retries: who is told, by when a run should be done, and what is worth another try."""

from datetime import timedelta

from dagmesh import (
    DAG,
    AsyncCallback,
    DeadlineAlert,
    DeadlineReference,
    RetryAction,
    RetryRule,
    task,
)


def tell(context):
    print(f'{context["dag_id"]} needs a look')


def shout(context, how):
    print(how, context['run_id'])


with DAG(
    'python_alerts',
    schedule=None,
    on_failure_callback=tell,
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=5),
        callback=AsyncCallback(shout, kwargs={'how': 'too late:'}),
    ),
    tags=['example'],
):

    @task(
        retries=3,
        retry_delay=timedelta(seconds=10),
        retry_policy=[
            RetryRule(ValueError, RetryAction.FAIL, reason='bad data stays bad'),
            RetryRule(failure='out_of_memory', retry_delay=timedelta(minutes=1)),
        ],
        on_retry_callback=lambda context: print('again:', context['task_id']),
        sla=timedelta(minutes=2),
    )
    def divide(params):
        return 10 / params.get('by', 2)

    divide()

"""Deferral: a task gives its slot back while a job runs elsewhere, and then goes on."""

from dagmesh import DAG, TimeDeltaTrigger, defer, task


@task
def submit(ctx, seconds=2):
    job_id = f'job-{ctx.run_id}'
    ctx.state.set('job_id', job_id)
    defer(trigger=TimeDeltaTrigger(seconds), method_name=collect, kwargs={'job_id': job_id})


def collect(job_id, event):
    print(f'{job_id} is done: {event}')
    return job_id


with DAG('python_deferral', schedule=None, tags=['example']):
    submit()

"""Sensors: one asks again and again without holding a slot, others wait without any code."""

from datetime import timedelta

from dagmesh import DAG, FileSensor, PokeReturnValue, TimeDeltaSensor, empty, task


@task.sensor(poke_interval=5, timeout=600, mode='reschedule', exponential_backoff=True)
def third_look(task_reschedule_count):
    return PokeReturnValue(task_reschedule_count >= 2, xcom_value=task_reschedule_count)


with DAG('python_sensors', schedule=None, tags=['example']):
    a_moment = TimeDeltaSensor('a_moment', delta=timedelta(seconds=3))
    no_lock = FileSensor('no_lock', filepath='/tmp/dagmesh-example.lock', is_gone=True, timeout=60)
    [third_look(), a_moment, no_lock] >> empty('go')

"""Handlers that wait, and go on."""

from datetime import datetime, timedelta, timezone

from dagmesh import (
    FileTrigger,
    HttpTrigger,
    PokeReturnValue,
    RescheduleTask,
    TimeDeltaTrigger,
    await_input,
    defer,
    task,
)


def defers(ctx):
    ctx.xcom_push('before', 1)
    defer(
        trigger=HttpTrigger('http://x', poke_interval=2),
        method_name=goes_on,
        kwargs={'job': 'j1'},
        timeout=timedelta(minutes=5),
    )


def goes_on(job, event, run_id):
    return [job, event, run_id]


def defers_to_itself(ctx):
    if ctx.resume is None:
        defer(trigger=TimeDeltaTrigger(1.5), kwargs={'n': 2})
    return [ctx.resume.kwargs['n'], ctx.resume.event]


def defers_to_nowhere():
    defer(trigger=TimeDeltaTrigger(1), method_name='absent')


def defers_to_inside():
    def goes_on():
        return None

    defer(trigger=TimeDeltaTrigger(1), method_name=goes_on)


def defers_for_nothing():
    defer(trigger=5)


def asks_people():
    await_input(subject='Really?', options=['yes', 'no'], timeout=60, method_name='hears')


def hears(response):
    return [list(response.chosen_options), response.params_input, response.responded_by]


def comes_back_later():
    raise RescheduleTask(datetime(2030, 1, 1, tzinfo=timezone.utc))


@task.sensor(poke_interval=0.01)
def third_poke(state={'pokes': 0}):  # noqa: B006
    state['pokes'] += 1
    return PokeReturnValue(state['pokes'] % 3 == 0, xcom_value=state['pokes'] % 3)


@task.sensor(poke_interval=90, mode='reschedule')
def never_there():
    return False


@task.sensor(poke_interval=90, timeout=30, soft_fail=True)
def soft_never():
    return False


@task.sensor(poke_interval=0.01, timeout=30, silent_fail=True)
def breaks_then_gives_up():
    raise ValueError('not readable yet')


@task.sensor(soft_fail=True)
def defers_as_a_sensor():
    defer(trigger=FileTrigger('/x'), method_name='hears')

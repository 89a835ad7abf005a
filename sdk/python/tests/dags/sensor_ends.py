"""A sensor for each mode and set of flags, whose poke breaks as its input says."""

from itertools import product

from dagmesh import DAG, FailTask, SensorTimeout, SkipTask, task

FLAGS = ['soft_fail', 'never_fail', 'silent_fail']
ERRORS = {'skip': SkipTask, 'sensor_timeout': SensorTimeout, 'fail': FailTask, 'other': ValueError}


def breaks(event):
    if event in ERRORS:
        raise ERRORS[event]('as planned')


@task.sensor(poke_interval=0.01, timeout=3600)
def pokes(event, ctx):
    if event == 'own_timeout':
        return False
    if 'poked' not in ctx.xcoms_pushed:
        ctx.xcom_push('poked', True)
        breaks(event)
    return True


with DAG('sensor_ends'):
    for mode, *chosen in product(['poke', 'reschedule'], *[[False, True]] * len(FLAGS)):
        flags = dict(zip(FLAGS, chosen))
        if not (flags['soft_fail'] and flags['never_fail']):
            names = [mode, *(flag for flag in FLAGS if flags[flag])]
            pokes.override(task_id='.'.join(names), mode=mode, **flags)('')

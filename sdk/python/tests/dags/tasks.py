"""Handlers for the worker's tests: each behaves in one way."""

import ctypes
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from dagmesh import FailTask, RetryTask, SkipTask, Variable, get_current_context, task


def noop():
    return None


def add(a, b=1):
    print('adding', a, 'and', b)
    return a + b


async def add_async(a, b):
    return a + b


def tell_context(ctx, ds, params):
    assert get_current_context() is ctx
    return {
        'ids': [ctx.dag_id, ctx.run_id, ctx.task_id, ctx.map_index, ctx.try_number, ctx.epoch],
        'ds': ds,
        'start': ctx.data_interval_start.isoformat(),
        'params': params,
        'same': ctx['ti'] is ctx,
        'connection': ctx.conn('db').host,
    }


def takes_ds(ds):
    return ds


def takes_ds_or_not(ds='none'):
    return ds


@task(multiple_outputs=True)
def split():
    return {'left': 1, 'right': [2]}


def push(ctx):
    ctx.xcom_push('small', 1)
    ctx.xcom_push('large', 'x' * 600_000)
    return ctx.xcom_pull(key='small')


def breaks():
    raise ValueError('no such day')


class NoSuchDay(KeyError):
    pass


def breaks_with_its_own():
    raise NoSuchDay('friday')


def skips():
    raise SkipTask('nothing to do')


def fails_for_good():
    raise FailTask('never again')


def asks_for_a_retry():
    raise RetryTask('later', delay=1.5)


def exits():
    sys.exit(3)


def exits_at_once():
    os._exit(7)


def crashes():
    ctypes.string_at(0)


def eats_memory():
    blocks = []
    while True:
        blocks.append(bytearray(16 * 1024 * 1024))


def returns_too_much():
    return 'x' * 300_000


def returns_a_set():
    return {1, 2}


def returns_nan():
    return float('nan')


def sleeps(path=None):
    if path:
        Path(path).write_text(str(os.getpid()))
    time.sleep(60)


def cleans_up(path):
    try:
        Path(path).write_text('begun')
        time.sleep(60)
    except Exception:
        Path(path).write_text('swallowed')
    finally:
        Path(path).write_text('cleaned up')


def cooperates(ctx, path):
    ctx.cancelled()
    Path(path).write_text('begun')
    while not ctx.cancelled():
        time.sleep(0.01)
    Path(path).write_text('stopped by itself')


def resists(folder):
    """Ignores TERM, has a child in its group that does too, and one that has left the group and its
    parent.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path(folder, 'task').write_text(str(os.getpid()))
    if os.fork() == 0:
        Path(folder, 'child').write_text(str(os.getpid()))
        time.sleep(60)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            Path(folder, 'daemon').write_text(str(os.getpid()))
            time.sleep(60)
        os._exit(0)
    time.sleep(60)


def prints_a_lot():
    line = 'y' * 1023
    for _ in range(5 * 1024):
        print(line)
    print('z' * (3 * 1024 * 1024))
    return 'printed'


def writes_everywhere():
    print('one')
    print('half', end='')
    logging.getLogger('somewhere').warning('two')
    print(' and half', file=sys.stdout)
    print('three', file=sys.stderr)
    subprocess.run(['sh', '-c', 'echo four; echo five >&2'], check=True)
    logging.debug('not told')


def prints_in_a_fork():
    multiprocessing.get_context('fork').Process(target=print, args=('from a fork',)).start()
    if os.fork() == 0:
        return 'from a fork'
    time.sleep(0.2)
    return 'from the task'


def tells_secrets(ctx):
    password = ctx.conn('db').password
    print('the password is', password)
    print('x' * (16 * 1024 - 3) + password, flush=True)
    raise ValueError(f'cannot sign in with {password}')


def uses_variables():
    Variable.set('colour', {'is': 'green'}, serialize_json=True)
    colour = Variable.get('colour', deserialize_json=True)
    Variable.delete('colour')
    return [colour, Variable.get('colour', default='gone')]


def reads_environment():
    return [name for name in os.environ if name.endswith('TOKEN')]


def tells_pid():
    return os.getpid()


def changes_surroundings():
    os.environ['LEFT_BEHIND'] = '1'
    os.chdir('/')
    return os.getpid()


def tells_surroundings():
    return [os.environ.get('LEFT_BEHIND'), os.getcwd() == '/', os.getpid()]


def leaves_a_thread():
    threading.Thread(target=time.sleep, args=(60,)).start()
    return os.getpid()


def waits_for(path):
    while not os.path.exists(path):
        time.sleep(0.005)
    return os.getpid()

"""Handlers that decide, update, ask and are mapped."""

from dagmesh import DAG, Asset, AssetAlias, Metadata, SkipTask, task
from dagmesh.exceptions import AirflowFailException, AirflowSkipException

rows, reports = Asset('rows', 's3://rows'), AssetAlias('reports')


@task.branch
def branches(way):
    return {
        'one': 'left',
        'two': ['left', 'right', 'left'],
        'none': None,
        'bad': [5],
        'unsayable': '\ud800',
    }[way]


@task.short_circuit
def is_true(value):
    return value


@task.short_circuit(ignore_downstream_trigger_rules=False)
def is_true_for_next(value):
    return value


@task(do_xcom_push=False)
def drops(ctx):
    ctx.xcom_push('kept', 1)
    return 2


@task(multiple_outputs=True)
def bad_keys():
    return {1: 'one'}


def skips_as_in_airflow():
    raise AirflowSkipException('not today')


def fails_as_in_airflow():
    raise AirflowFailException('never')


def updates(outlet_events):
    outlet_events[rows].extra = {'count': 3}
    outlet_events[rows].add(extra={'of': 'b'}, partition_key='b')
    outlet_events[reports].add(Asset('daily'), extra={'x': 1})


def yields_metadata():
    yield Metadata(rows, {'count': 4})
    return 'done'


def reads_events(triggering_asset_events, inlet_events, partition_key):
    [event] = triggering_asset_events[Asset('rows', 's3://rows')]
    seen = inlet_events[rows].after(event.timestamp).ascending(False).limit(5)
    return [event.extra, event.source_task_id, len(seen), seen[0].asset.name, partition_key]


def pulls(ctx):
    ctx.xcom_pull('t', map_indexes=[1, 2], dag_id='d', run_id='r', include_prior_dates=True)
    ctx.xcom_pull('t', map_indexes=None)
    ctx.xcom_pull(task_ids=['a', 'b'], key='k', default=0)
    ctx.xcom_pull('t', slice=slice(-2, None, 1))
    ctx.xcom_pull('t', offset=-1)
    return ctx.xcom_pull('t', 'absent', default='nothing')


def keeps_state(ctx):
    before = ctx.state.get('n', 0)
    ctx.state.set('n', before + 1)
    ctx.asset_state(rows).set('seen', True)
    ctx.asset_state('rows').delete('absent')
    return [before, ctx.state.get('n'), ctx.asset_state(rows).get('seen')]


def triggers(ctx):
    return ctx.trigger_dag_run('other', conf={'a': 1}, run_id='mine')


def takes_all(**context):
    ti = context['ti']
    return [ti.task_id, context['ds_nodash'], context['dag_run'].conf, 'ctx' in context]


def tells_names(ctx):
    return sorted(set(ctx.keys()) & {'ds', 'logical_date', 'data_interval_start', 'run_id', 'ti'})


@task(map_index_template='{{ item.name }}')
def shows(item, ctx, label=''):
    if label:
        ctx.map_label = label
    return item


@task
def numbers(a, b=0, shared=0):
    return [a, b, shared]


def no_odd(value):
    if value % 2:
        raise SkipTask(f'{value} is odd')
    return value


with DAG('decisions'):
    source = numbers(0)
    numbers.override(task_id='mapped').expand(
        a=source.map(lambda x: x + 1).map(no_odd).zip([5]).map(lambda pair: pair[::-1])
    )
    numbers.override(task_id='by_kwargs').partial(shared=9).expand_kwargs(
        source.map(lambda x: {'a': x['n'], 'b': 2})
    )

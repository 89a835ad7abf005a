"""Dynamic mapping: a task for each file, however many there are today."""

from dagmesh import DAG, SkipTask, task


@task
def list_files():
    return ['a.csv', 'b.csv', 'notes.txt']


def only_csv(name):
    if not name.endswith('.csv'):
        raise SkipTask(f'{name} has no rows')
    return name


@task(map_index_template='{{ name }} by {{ factor }}', max_active_tis_per_dagrun=2)
def scale(name, factor, unit='rows'):
    return {'name': name, 'size': len(name) * factor, 'unit': unit}


@task(trigger_rule='none_failed')
def total(sizes):
    return sum(each['size'] for each in sizes)


with DAG('python_mapping', schedule=None, tags=['example']):
    total(scale.partial(unit='bytes').expand(name=list_files().map(only_csv), factor=[1, 10]))

"""Setup and teardown: the cluster is deleted also when the work on it fails."""

from dagmesh import DAG, setup, task, teardown


@setup
def create_cluster():
    return 'cluster-1'


@teardown(on_failure_fail_dagrun=True)
def delete_cluster(name):
    print(f'{name} is gone')


@task
def work(name):
    print(f'working on {name}')


with DAG('python_setup_teardown', schedule=None, tags=['example']):
    cluster = create_cluster()
    with delete_cluster(cluster).as_teardown(setups=cluster):
        work(cluster) >> work.override(task_id='more_work')(cluster)

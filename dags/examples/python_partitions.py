"""Partitions: hours of data make one run for each day."""

from dagmesh import DAG, Asset, CronPartitionTimetable, DailyMapper, PartitionedAssetTimetable, task

hours = Asset('python_example_hours')


@task(outlets=[hours])
def measure(partition_key):
    print(f'measured the hour {partition_key}')


@task
def summarize(partition_key):
    print(f'summing up the day {partition_key}')


with DAG(
    'python_partitions_hours',
    schedule=CronPartitionTimetable('@hourly', timezone='UTC', run_offset=-1),
    is_paused_upon_creation=True,
    tags=['example'],
):
    measure()

with DAG(
    'python_partitions_days',
    schedule=PartitionedAssetTimetable(assets=hours, default_partition_mapper=DailyMapper()),
    is_paused_upon_creation=True,
    tags=['example'],
):
    summarize()

"""Runs that depend on the past: one day after the other, and at most two calls of the API."""

from datetime import datetime

from dagmesh import DAG, KeyLimit, WorkdayTimetable, latest_only, task


@task(depends_on_past=True, wait_for_downstream=True, limit_keys=['api'])
def book(ds):
    print(f'booking {ds}')


@task
def publish():
    print('only for the latest day')


with DAG(
    'python_past',
    schedule=WorkdayTimetable(holidays=['2026-12-25']),
    start_date=datetime(2026, 11, 1),
    catchup=True,
    is_paused_upon_creation=True,
    max_consecutive_failed_dag_runs=3,
    key_limits={'api': KeyLimit(max_active=2, rate=10, per=60)},
    tags=['example'],
):
    book() >> latest_only('latest') >> publish()

"""A DAG in TaskFlow style."""

from datetime import datetime, timedelta

from dagmesh import cron, dag, task


@dag(
    schedule=cron('0 6 * * *', timezone='Europe/Berlin', data_interval=True),
    start_date=datetime(2024, 1, 1),
    catchup=True,
    tags=['weather'],
    default_args={'retries': 2, 'retry_delay': timedelta(seconds=10), 'owner': 'meteo'},
)
def weather():
    """Rain, every morning."""

    @task
    def extract():
        return {'rain': 3}

    @task(retries=0, pool='checks')
    def validate(day, limit=100):
        if day['rain'] > limit:
            raise ValueError('too much rain')
        return day

    @task(trigger_rule='all_done')
    def load(day):
        print(day)

    plot = task.external('weather.ts:plot', queue='default')
    day = validate(extract(), limit=50)
    load(day) >> plot(day=day)


weather()

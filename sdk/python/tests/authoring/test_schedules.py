"""Every schedule, and the assets that DAGs and tasks name."""

from __future__ import annotations

from tests.authoring.case import AuthoringCase
from tests.plain import plain


class ScheduleTest(AuthoringCase):
    def timetables(self, schedules, imports='*', start=''):
        """The timetables of schedules by name, in one file."""
        lines = ['from datetime import date, datetime, timedelta', 'from zoneinfo import ZoneInfo']
        lines.append('from dagmesh import *')
        for name, schedule in schedules.items():
            lines.append(f'DAG({name!r}, schedule={schedule}{start})')
        return {
            dag_id: plain(spec.timetable) for dag_id, spec in self.specs('\n'.join(lines)).items()
        }

    def assert_timetables(self, rows, **given):
        found = self.timetables({name: schedule for name, (schedule, _) in rows.items()}, **given)
        self.assertEqual(found, {name: expected for name, (_, expected) in rows.items()})

    def test_cron(self):
        tokyo = {'timezone': 'Asia/Tokyo'}
        self.assert_timetables(
            {
                'six': ("'0 0 * * * 30'", {'cron': {'expression': '0 0 * * * 30'}}),
                'seven': ("'0 0 * * * 0 2030'", {'cron': {'expression': '0 0 * * * 0 2030'}}),
                'interval': (
                    "CronDataIntervalTimetable('@daily', timezone='Asia/Tokyo')",
                    {'cron': {'expression': '@daily', **tokyo, 'data_interval': True}},
                ),
                'look_back': (
                    "CronTriggerTimetable('0 3 * * *', timezone=ZoneInfo('Asia/Tokyo'), "
                    'interval=timedelta(hours=1), run_immediately=timedelta(minutes=9))',
                    {
                        'cron': {
                            'expression': '0 3 * * *',
                            **tokyo,
                            'look_back': '3600s',
                            'run_immediately': 'RUN_IMMEDIATELY_WITHIN',
                            'run_immediately_within': '540s',
                        }
                    },
                ),
                'always': (
                    "CronTriggerTimetable('@hourly', run_immediately=True)",
                    {
                        'cron': {
                            'expression': '@hourly',
                            'run_immediately': 'RUN_IMMEDIATELY_ALWAYS',
                        }
                    },
                ),
                'never': (
                    "CronTriggerTimetable('@hourly', run_immediately=False)",
                    {'cron': {'expression': '@hourly', 'run_immediately': 'RUN_IMMEDIATELY_NEVER'}},
                ),
                'several': (
                    "MultipleCronTriggerTimetable('@hourly', '30 * * * *', timezone='Asia/Tokyo')",
                    {'multiple_cron': {'expressions': ['@hourly', '30 * * * *'], **tokyo}},
                ),
            }
        )

    def test_the_zone_of_the_start_date_holds_where_there_is_no_other(self):
        self.assert_timetables(
            {
                'own': (
                    "cron('@daily', timezone='UTC')",
                    {'cron': {'expression': '@daily', 'timezone': 'UTC'}},
                ),
                'offset': ("'@daily'", {'cron': {'expression': '@daily', 'timezone': '+05:30'}}),
            },
            start=", start_date='2026-01-01T00:00:00+05:30'",
        )

    def test_steps(self):
        self.assert_timetables(
            {
                'delta': (
                    'DeltaTriggerTimetable(timedelta(hours=2), interval=timedelta(minutes=1))',
                    {'delta': {'delta': '7200s', 'look_back': '60s'}},
                ),
                'interval': (
                    'DeltaDataIntervalTimetable(timedelta(seconds=1.5))',
                    {'delta': {'delta': '1.500s', 'data_interval': True}},
                ),
                'continuous': ("'@continuous'", {'continuous': {}}),
                'once': ("'@once'", {'once': {}}),
            }
        )

    # As dateutil's, as far as a schedule looks at it.
    RELATIVEDELTA = """
            from dagmesh import DAG

            class relativedelta:
                years = months = days = hours = minutes = seconds = microseconds = 0
                day = weekday = None
                def __init__(self, **fields): self.__dict__.update(fields)
    """

    def test_a_relativedelta_is_a_step_of_months_and_of_absolute_time(self):
        text = f"""{self.RELATIVEDELTA}
            DAG('year', schedule=relativedelta(years=1, months=1))
            DAG('days', schedule=relativedelta(days=2))
            DAG('both', schedule=relativedelta(months=1, days=2))
        """
        found = {dag_id: plain(spec.timetable) for dag_id, spec in self.specs(text).items()}
        self.assertEqual(found['year'], {'delta': {'months': 13}})
        self.assertEqual(found['days'], {'delta': {'delta': '172800s'}})
        self.assertEqual(found['both'], {'delta': {'months': 1, 'delta': '172800s'}})

    def test_a_relativedelta_that_replaces_a_part_of_the_date_is_no_step(self):
        text = f"{self.RELATIVEDELTA}\n            DAG('d', schedule=relativedelta(months=1, day=1))"
        self.assertIn('day is not a distance', self.error(text))

    def test_events_and_workdays(self):
        self.assert_timetables(
            {
                'events': (
                    'EventsTimetable(event_dates=[datetime(2026, 2, 1), '
                    "'2026-01-01T01:00:00+01:00'], restrict_to_events=True, description='x')",
                    {
                        'events': {
                            'instants': ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
                            'restrict_to_events': True,
                            'description': 'x',
                        }
                    },
                ),
                'workday': (
                    "WorkdayTimetable(holidays=['2026-12-25', date(2026, 12, 26)], "
                    "timezone='Asia/Tokyo')",
                    {
                        'workday': {
                            'timezone': 'Asia/Tokyo',
                            'holidays': ['2026-12-25', '2026-12-26'],
                        }
                    },
                ),
            }
        )

    def test_conditions_over_assets(self):
        a, b = ({'asset': {'name': name, 'uri': name}} for name in 'ab')
        alias = {'alias': 'x'}

        def condition(expression):
            return {'asset': {'condition': expression}}

        def all_of(*expressions):
            return {'all': {'expressions': list(expressions)}}

        def any_of(*expressions):
            return {'any': {'expressions': list(expressions)}}

        self.assert_timetables(
            {
                'one': ("Asset('a')", condition(a)),
                'list': ("[Asset('a'), Asset('b')]", condition(all_of(a, b))),
                'or': ("Asset('a') | Asset('b') | AssetAlias('x')", condition(any_of(a, b, alias))),
                'nested': (
                    "Asset('a') & (Asset('b') | AssetAlias('x'))",
                    condition(all_of(a, any_of(b, alias))),
                ),
                'classes': (
                    "AssetAny(Asset('a'), AssetAll(Asset('b')))",
                    condition(any_of(a, all_of(b))),
                ),
                'ref': ("Asset.ref(uri='s3://b')", condition({'asset': {'uri': 's3://b'}})),
                'or_time': (
                    "AssetOrTimeSchedule(timetable='@daily', assets=[Asset('a')])",
                    {
                        'asset_or_time': {
                            'condition': all_of(a),
                            'time': {'cron': {'expression': '@daily'}},
                        }
                    },
                ),
            }
        )

    def test_partitions(self):
        a = {'asset': {'name': 'a', 'uri': 'a'}}
        daily = {'kind': 'PARTITION_MAPPER_KIND_DAILY', 'timezone': 'Asia/Tokyo'}
        chained = [
            {'kind': 'PARTITION_MAPPER_KIND_ALLOWED', 'allowed_keys': ['x']},
            {'kind': 'PARTITION_MAPPER_KIND_CONSTANT', 'constant_key': 'y'},
        ]
        self.assert_timetables(
            {
                'cron': (
                    "CronPartitionTimetable('@daily', run_offset=-1, key_format='%Y')",
                    {
                        'cron_partition': {
                            'expression': '@daily',
                            'run_offset': -1,
                            'key_format': '%Y',
                        }
                    },
                ),
                'mapped': (
                    "PartitionedAssetTimetable(assets=Asset('a'), partition_mapper_config={"
                    "Asset('a'): DailyMapper(timezone='Asia/Tokyo')}, "
                    'default_partition_mapper=ChainMapper('
                    "AllowedKeyMapper(['x']), ConstantMapper('y')))",
                    {
                        'partitioned_asset': {
                            'condition': a,
                            'mappers': {'a': daily},
                            'default_mapper': {
                                'kind': 'PARTITION_MAPPER_KIND_CHAIN',
                                'chain': chained,
                            },
                        }
                    },
                ),
            }
        )

    def test_each_mistake_is_told(self):
        mistakes = [
            ("DAG('d', schedule='* * * * * * * *')", 'a seventh the years'),
            ("DAG('d', schedule=timedelta(0))", 'at least one second'),
            ("DAG('d', schedule=[1])", '1 is no asset'),
            ("DAG('d', schedule=EventsTimetable([]))", '1–10,000 instants'),
            ("AssetOrTimeSchedule(timetable='@once', assets=Asset('a'))", 'a cron, delta, events'),
            ("Asset('a', 'airflow://x')", 'of another scheme'),
            ('Asset()', 'a text of 1–1500'),
            ("Asset.ref(name='a', uri='b')", 'give one of them'),
            ("DAG('d', schedule=[Asset('a', 'x://1'), Asset('a', 'x://2')])", "are named 'a'"),
        ]
        for text, cause in mistakes:
            with self.subTest(text):
                self.assertIn(
                    cause, self.error(f'from datetime import *\nfrom dagmesh import *\n{text}')
                )


class AssetTest(AuthoringCase):
    def test_the_assets_of_a_dag_are_listed_once_with_all_that_is_known(self):
        spec = self.specs("""
            from dagmesh import Asset, AssetAlias, AssetWatcher, DAG, FileTrigger, task

            rows = Asset('rows', uri='s3://rows', group='g', extra={'a': 1}, watchers=[
                AssetWatcher('file', FileTrigger('/tmp/x'))])

            @task(inlets=[Asset('rows', 's3://rows')],
                  outlets=[AssetAlias('x'), rows, Asset.ref('y')])
            def work(): ...

            with DAG('d', schedule=[rows]):
                work()
        """)['d']
        [asset] = spec.assets
        self.assertEqual(
            plain(asset),
            {
                'name': 'rows',
                'uri': 's3://rows',
                'group': 'g',
                'extra_json': '{"a": 1}',
                'watchers': [{'name': 'file', 'trigger': {'file': {'path': '/tmp/x'}}}],
            },
        )
        ports = [plain(each) for each in spec.tasks[0].outlets]
        rows = {'asset': {'name': 'rows', 'uri': 's3://rows'}}
        self.assertEqual(ports, [{'alias': 'x'}, rows, {'asset': {'name': 'y'}}])

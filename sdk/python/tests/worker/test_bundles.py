"""Leases that name a bundle find its files, each version its own; others are handed back."""

from __future__ import annotations

from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from tests.worker.case import WorkerCase


class BundleTest(WorkerCase):
    def write(self, folder, number):
        path = self.scratch / 'bundles' / folder
        path.mkdir(parents=True, exist_ok=True)
        (path / 'rates.py').write_text(f'RATE = {number}\n')
        (path / 'prices.py').write_text('import rates\n\ndef price(): return rates.RATE\n')

    def price(self, **bundle):
        return self.value_of(self.mesh.report_of(self.mesh.lease('prices.py:price', **bundle)))

    def test_each_version_of_a_bundle_has_its_own_modules(self):
        for number, folder in enumerate(('sales/v1', 'sales/v2', 'sales')):
            self.write(folder, number)
        bundles = str(self.scratch / 'bundles')
        self.start_worker('--slots', '1', DAGMESH_BUNDLES_FOLDER=bundles)
        versions = ['v1', 'v2', 'v1', '']
        prices = [self.price(bundle_name='sales', bundle_version=each) for each in versions]
        self.assertEqual(prices, [0, 1, 0, 2])
        self.assertEqual(self.run_task('noop').outcome, pb.OUTCOME_SUCCESS)

    def test_a_bundle_that_is_not_here_is_handed_back(self):
        (self.scratch / 'bundles').mkdir()
        self.start_worker('--bundles', str(self.scratch / 'bundles'))
        rows = [
            ({'bundle_name': 'x', 'bundle_version': 'v'}, 'there is no folder'),
            ({'bundle_name': '..', 'bundle_version': 'dags'}, 'cannot be a folder'),
            ({'bundle_name': 'x', 'bundle_version': 'a/b'}, 'cannot be a folder'),
        ]
        for bundle, reason in rows:
            report = self.mesh.report_of(self.mesh.lease('prices.py:price', **bundle))
            self.assertEqual(report.outcome, pb.OUTCOME_REJECTED)
            self.assertIn(reason, report.reason)

    def test_a_worker_without_bundles_says_so(self):
        self.start_worker()
        lease = self.mesh.lease('prices.py:price', bundle_name='sales', bundle_version='v1')
        self.assertIn('DAGMESH_BUNDLES_FOLDER is not set', self.mesh.report_of(lease).reason)

// DAGs out of bundles: when a commit is another version of them, and which commits are in use.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { aDag, aRun, aScheduler, ledgerOf, type TestScheduler } from '../testing/builders.ts';
import { startMetadata, type TestMetadata } from '../testing/metadata.ts';

let postgres: TestPostgres;
let metadata: TestMetadata;
let scheduler: TestScheduler;
/** A DAG of its own for each test. */
let dagId: string;
let testsCount = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  metadata = await startMetadata(await postgres.createDatabase());
  scheduler = await aScheduler(metadata);
});
beforeEach(() => {
  testsCount += 1;
  dagId = `dag_${testsCount}`;
});
afterAll(async () => {
  await metadata.stop();
  await postgres.stop();
});

const catalog = () => metadata.as('dag-processor', CatalogService);

/** Stores the DAG as it is in a commit; answers the DAGs that got a new version. */
async function put(bundleVersion: string, filesDigest = '', description = '') {
  const { changedDagIds } = await catalog().putDagFile({
    ...{ path: `main://${dagId}.ts`, digest: '1', dags: [aDag({ dagId, description })] },
    ...{ bundleName: 'main', bundleVersion, filesDigest },
  });
  return changedDagIds;
}

async function newestVersion() {
  return (await ledgerOf(metadata).loadDag({ dagId })).version;
}

async function inUse() {
  const { bundleVersions } = await catalog().listBundleVersions({});
  return bundleVersions.map((each) => `${each.bundleName} ${each.bundleVersion}`);
}

test('another commit is another version when nothing is known of its files', async () => {
  expect(await put('c0ffee')).toEqual([dagId]);
  expect(await put('c0ffee')).toEqual([]);
  expect(await put('decade')).toEqual([dagId]);
  const newest = { versionNumber: 2, bundleName: 'main', bundleVersion: 'decade' };
  expect(await newestVersion()).toMatchObject(newest);
});

test('a commit that leaves the files as they were leaves the version as it was', async () => {
  await put('c0ffee', 'f1');
  expect(await put('decade', 'f1')).toEqual([]);
  expect(await newestVersion()).toMatchObject({ versionNumber: 1, bundleVersion: 'c0ffee' });
  expect(await put('facade', 'f2')).toEqual([dagId]);
  expect(await newestVersion()).toMatchObject({ versionNumber: 2, bundleVersion: 'facade' });
});

test('files that are as they were make a new version when the DAG they declare is not', async () => {
  await put('c0ffee', 'f1');
  expect(await put('decade', 'f1', 'made out of the weather')).toEqual([dagId]);
});

test('in use are the versions of active DAGs and those of runs that have not ended', async () => {
  await put('old', 'f1');
  expect(await inUse()).toContain('main old');
  const { dagVersionId } = (await newestVersion()) ?? {};
  const run = aRun({ dagId, state: DagRunState.RUNNING, dagVersionId: dagVersionId ?? 0n });
  await scheduler.commit({ newRuns: [run] }, dagId);
  await put('new', 'f2');
  expect(await inUse()).toEqual(expect.arrayContaining(['main old', 'main new']));
  await scheduler.commit({ changedRuns: [{ ...run, state: DagRunState.SUCCESS }] }, dagId);
  expect(await inUse()).not.toContain('main old');
  await catalog().removeDagFiles({ paths: [`main://${dagId}.ts`] });
  expect(await inUse()).not.toContain('main new');
});

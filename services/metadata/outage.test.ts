// PostgreSQL restarted or busy under a running service: a bounded stall, no lost commit, nothing to
// do for an operator.
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { isRetryable, reasonOf } from '#kernel/errors/errors.ts';
import { startPostgres, type TestPostgres } from '../../tests/kit/postgres.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { aDag, aRun, aScheduler, ledgerOf } from './testing/builders.ts';
import { startMetadata, type TestMetadata } from './testing/metadata.ts';

let postgres: TestPostgres;
let databaseUrl: string;
let metadata: TestMetadata;

beforeEach(async () => {
  postgres = await startPostgres();
  databaseUrl = await postgres.createDatabase();
  metadata = await startMetadata(databaseUrl);
});
afterEach(async () => {
  await metadata.stop();
  await postgres.stop();
});

const query = () => metadata.as('api', QueryService);
const works = (call: () => Promise<unknown>) =>
  call().then(
    () => true,
    () => false,
  );

test('calls fail as retryable while it is away, and work again by themselves', async () => {
  const scheduler = await aScheduler(metadata);
  await scheduler.commit({ newRuns: [aRun()] });
  const failures: unknown[] = [];
  const restarting = postgres.restart();
  let restarted = false;
  void restarting.then(() => {
    restarted = true;
  });
  while (!restarted) {
    const calls = [
      query().listPools({ query: {} }),
      metadata.as('api', CatalogService).listDagFiles({}),
      scheduler.commit({}),
    ];
    await Promise.all(calls.map((call) => call.catch((error: unknown) => failures.push(error))));
  }
  await restarting;
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.filter((error) => !isRetryable(error)).map(String)).toEqual([]);
  await eventually(() => works(() => query().listPools({ query: {} })), {
    deadlineMs: 60_000,
    what: 'reads work again',
  });
  await eventually(
    () => works(() => metadata.as('dag-processor', CatalogService).listDagFiles({})),
    {
      deadlineMs: 60_000,
      what: 'the catalog works again',
    },
  );
  await eventually(() => works(() => scheduler.commit({ newRuns: [aRun()] })), {
    deadlineMs: 60_000,
    what: 'commits work again',
  });
});

test('a commit whose answer was lost in a crash is answered as before', async () => {
  const scheduler = await aScheduler(metadata);
  const taken = aRun();
  await scheduler.commit({ newRuns: [taken] });
  const request = scheduler.request({ newRuns: [aRun(), aRun({ runId: taken.runId })] });
  const first = await ledgerOf(metadata).commit(request);
  await postgres.crash();
  const repeats: unknown[] = [];
  await eventually(
    async () => works(async () => repeats.push(await ledgerOf(metadata).commit(request))),
    { deadlineMs: 60_000, what: 'the commit is repeated' },
  );
  expect(repeats).toEqual([first]);
});

test('watchers of the catalog are sent away, watchers of the map get it again', async () => {
  const ended = new AbortController();
  const { signal } = ended;
  const catalogEnd = (async () => {
    for await (const _change of metadata
      .as('scheduler', CatalogService)
      .watchCatalog({}, { signal }));
  })().catch((error: unknown) => reasonOf(error));
  let mapsCount = 0;
  const mapsEnd = (async () => {
    const watch = metadata.as('api', PartitionService).watchPartitions({}, { signal });
    for await (const map of watch) mapsCount += map.schedulers.length;
  })().catch(() => undefined);

  await aScheduler(metadata);
  await eventually(() => mapsCount > 0, {
    deadlineMs: 60_000,
    what: 'the map names the scheduler',
  });
  await postgres.restart();
  expect(await catalogEnd).toBe('database_unavailable');
  const before = mapsCount;
  await eventually(() => mapsCount > before, { deadlineMs: 60_000, what: 'the map came again' });

  const heard: string[] = [];
  const again = (async () => {
    const watch = metadata.as('scheduler', CatalogService).watchCatalog({}, { signal });
    for await (const { dagIds } of watch) heard.push(...dagIds);
  })().catch(() => undefined);
  const processor = metadata.as('dag-processor', CatalogService);
  let puts = 0;
  await eventually(
    async () => {
      puts += 1;
      const dags = [aDag({ owner: `owner ${puts}` })];
      await works(() => processor.putDagFile({ path: 'a.ts', digest: '1', dags }));
      return heard.includes('etl');
    },
    { deadlineMs: 60_000, what: 'changes are heard again' },
  );
  ended.abort();
  await Promise.all([mapsEnd, again]);
});

test('slow reads of people do not keep schedulers from renewing and committing', async () => {
  const scheduler = await aScheduler(metadata);
  const busy = await holdTable();
  const reads = Array.from({ length: 20 }, () =>
    query()
      .listConnections({ query: {} })
      .catch(() => undefined),
  );
  await scheduler.renew();
  await scheduler.commit({ newRuns: [aRun()] });
  await busy.release();
  expect((await Promise.all(reads)).every((answer) => answer !== undefined)).toBe(true);
});

/** Makes every read of connections wait. */
async function holdTable() {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query('lock table connection in access exclusive mode');
  return {
    release: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}

// Storing in a catalog that is away, or that says no.
import { describe, expect, test } from 'vitest';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import { createLog } from '#kernel/log/log.ts';
import { createDial } from '#kernel/rpc/client.ts';
import { createLocalMesh } from '#kernel/rpc/local.ts';
import { rpcService } from '#kernel/rpc/service.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { createEvents } from '../events.ts';
import { aDag, createTestCatalog } from '../test-mesh.ts';
import { createCatalogStore } from './catalog-store.ts';

const CLUSTER_KEY = 'a-key-for-tests-only';

function aStore() {
  const catalog = createTestCatalog();
  const local = createLocalMesh();
  const stopping = new AbortController();
  const clock = new FakeClock();
  // Looked up at each call, so that a test can replace one.
  const handlers = { ...catalog.handlers };
  const service = rpcService(
    CatalogService,
    { ...handlers, putDagFile: (request, context) => handlers.putDagFile(request, context) },
    { callers: ['dag-processor'] },
  );
  local.mount('metadata', [service]);
  const dial = createDial({ caller: 'dag-processor', clusterKey: CLUSTER_KEY, local });
  const store = createCatalogStore({
    client: dial(CatalogService, 'local:metadata'),
    events: createEvents(createLog('test', 'silent'), createMetrics('test')),
    signal: stopping.signal,
    clock,
  });
  return { store, catalog, handlers, clock, stopping };
}

const aFile = (path: string) => ({
  path,
  digest: 'd',
  bundleName: '',
  bundleVersion: '',
  filesDigest: '',
  bundleSequence: 0n,
});
const DAGS = { kind: 'dags' as const, dags: [aDag({ dagId: 'x' })] };

test('a catalog that is away is asked again until it answers', async () => {
  const { store, catalog, clock } = aStore();
  catalog.isAway = true;
  const stored = store.put(aFile('a.ts'), DAGS);
  await clock.advance(60_000);
  catalog.isAway = false;
  await clock.advance(10_000);
  expect(await stored).toEqual({ kind: 'stored' });
  expect(catalog.files.get('a.ts')).toMatchObject({ digest: 'd', error: '', putsCount: 1 });
});

test('when we stop, nobody waits for the catalog any longer', async () => {
  const { store, catalog, stopping } = aStore();
  catalog.isAway = true;
  const removed = store.remove('a.ts');
  stopping.abort();
  await expect(removed).rejects.toThrow();
});

describe('a catalog that says no', () => {
  test('because an id is taken has noted the error itself', async () => {
    const { store, catalog } = aStore();
    await store.put(aFile('owner.ts'), DAGS);
    const stored = await store.put(aFile('a.ts'), DAGS);
    expect(stored).toEqual({
      kind: 'refused',
      text: 'a.ts:1: x belongs to owner.ts',
      isTaken: true,
    });
    expect(catalog.files.get('a.ts')?.putsCount).toBe(1);
  });

  test('because an asset is taken is asked again when it may be free, like an id', async () => {
    const { store, handlers } = aStore();
    handlers.putDagFile = async () => {
      throw fail('asset_conflict', 'the asset "x" belongs to another DAG');
    };
    expect(await store.put(aFile('a.ts'), DAGS)).toMatchObject({ isTaken: true });
  });

  test('for another reason gets that reason as the error of the file', async () => {
    const { store, catalog, handlers } = aStore();
    handlers.putDagFile = async (request, context) => {
      if (request.error !== '') return catalog.handlers.putDagFile(request, context);
      throw fail('message_too_large', 'the message is too large');
    };
    const stored = await store.put(aFile('a.ts'), DAGS);
    const text = 'a.ts:1: the message is too large';
    expect(stored).toEqual({ kind: 'refused', text, isTaken: false });
    expect(catalog.files.get('a.ts')).toMatchObject({ error: text, dags: [] });
  });
});

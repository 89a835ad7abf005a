// Who may call what: every RPC of this service against every caller of the mesh.
import type { DescMethod } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { startMetadata, type TestMetadata } from '../testing/metadata.ts';

/** Callers by RPC; `standalone` may call everything and stands in no row. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'LedgerService.Commit': ['scheduler'],
  'LedgerService.LoadPartitions': ['scheduler'],
  'LedgerService.LoadDag': ['scheduler', 'executor'],
  'LedgerService.LoadRun': ['scheduler', 'executor'],
  'LedgerService.ReadXComs': ['scheduler', 'executor'],
  'LedgerService.PushXCom': ['executor'],
  'LedgerService.DeleteXCom': ['executor'],
  'LedgerService.ListRuns': ['scheduler', 'executor'],
  'LedgerService.LoadPast': ['scheduler'],
  'LedgerService.LoadBegins': ['scheduler'],
  'LedgerService.WatchDeliveries': ['scheduler'],
  'LedgerService.LoadDeliveries': ['scheduler'],
  'LedgerService.PutAssetEvents': ['scheduler', 'api'],
  'LedgerService.ListAssetEvents': ['scheduler', 'executor', 'triggerer'],
  'LedgerService.ListAssetWatchers': ['scheduler'],
  'LedgerService.ListStates': ['scheduler', 'executor', 'triggerer'],
  'LedgerService.GetState': ['executor'],
  'LedgerService.SetState': ['executor'],
  'LedgerService.GetAttempt': ['scheduler', 'executor'],
  'PartitionService.RenewScheduler': ['scheduler'],
  'PartitionService.ReleaseScheduler': ['scheduler'],
  'PartitionService.RenewExecutor': ['executor'],
  'PartitionService.ReleaseExecutor': ['executor'],
  'PartitionService.WatchPartitions': [
    'scheduler',
    'executor',
    'triggerer',
    'dag-processor',
    'api',
  ],
  'CatalogService.PutDagFile': ['dag-processor'],
  'CatalogService.RemoveDagFiles': ['dag-processor'],
  'CatalogService.ListDagFiles': ['dag-processor', 'api'],
  'CatalogService.ListBundleVersions': ['dag-processor'],
  'CatalogService.ClaimBundleVersion': ['dag-processor'],
  'CatalogService.WatchCatalog': ['scheduler', 'executor', 'api'],
  'CatalogService.PutConnection': ['api'],
  'CatalogService.DeleteConnection': ['api'],
  'CatalogService.PutVariable': ['api', 'executor'],
  'CatalogService.DeleteVariable': ['api', 'executor'],
  'CatalogService.PutPool': ['api'],
  'CatalogService.DeletePool': ['api'],
  'QueryService.ListDags': ['api'],
  'QueryService.GetDag': ['api'],
  'QueryService.ListDagRuns': ['api'],
  'QueryService.GetDagRun': ['api'],
  'QueryService.ListTaskInstances': ['api'],
  'QueryService.GetTaskInstance': ['api'],
  'QueryService.ListImportErrors': ['api'],
  'QueryService.ListConnections': ['api'],
  'QueryService.ListVariables': ['api'],
  'QueryService.ListPools': ['api'],
  'QueryService.ListDagVersions': ['api'],
  'QueryService.ListBackfills': ['api'],
  'QueryService.GetBackfill': ['api'],
  'QueryService.ListBackfillDates': ['api'],
  'QueryService.ListAssets': ['api'],
  'QueryService.GetAsset': ['api'],
  'QueryService.BrowseAssetEvents': ['api'],
  'QueryService.ListQueuedEvents': ['api'],
  'QueryService.DeleteQueuedEvents': ['api'],
  'QueryService.ListHumanInputs': ['api'],
  'QueryService.GetHumanInput': ['api'],
  'QueryService.ListXComs': ['api'],
  'QueryService.GetXCom': ['api'],
  'QueryService.SetXCom': ['api'],
  'QueryService.RemoveXCom': ['api'],
  'QueryService.ListDeadlines': ['api'],
  'QueryService.ListSlaMisses': ['api'],
  'QueryService.ListCallbacks': ['api'],
  'SecretService.ResolveConnections': ['executor'],
  'SecretService.ResolveVariable': ['executor'],
  'SecretService.VerifyApiToken': ['api'],
  'SecretService.CreateApiToken': ['api'],
  'SecretService.RevokeApiToken': ['api'],
};
const CALLERS = [
  'scheduler',
  'executor',
  'triggerer',
  'dag-processor',
  'api',
  'standalone',
  'worker',
  'metadata',
];
const SERVICES = [LedgerService, PartitionService, CatalogService, QueryService, SecretService];
const METHODS: readonly DescMethod[] = SERVICES.flatMap((service) => service.methods);
const nameOf = (method: DescMethod) => `${method.parent.name}.${method.name}`;

let postgres: TestPostgres;
let metadata: TestMetadata;

beforeAll(async () => {
  postgres = await startPostgres();
  metadata = await startMetadata(await postgres.createDatabase());
});
afterAll(async () => {
  await metadata.stop();
  await postgres.stop();
});

/** Calls with an empty request: it may fail in any way but for who calls. */
async function isLetIn(method: DescMethod, caller: string): Promise<boolean> {
  const client: Readonly<Record<string, unknown>> = metadata.as(caller, method.parent);
  const call = client[method.localName] as (request: object, options: object) => unknown;
  const ended = new AbortController();
  try {
    const answer = call({}, { signal: ended.signal });
    if (method.methodKind !== 'server_streaming') await answer;
    else for await (const _message of answer as AsyncIterable<unknown>) break;
    return true;
  } catch (error) {
    return reasonOf(error) !== 'caller_not_allowed';
  } finally {
    ended.abort();
  }
}

test('every RPC has a row', () => {
  expect(METHODS.map(nameOf).toSorted()).toEqual(Object.keys(ALLOWED).toSorted());
});

describe.each(CALLERS)('%s', (caller) => {
  test.each(METHODS.map((method) => [nameOf(method), method] as const))(
    'and %s',
    async (name, method) => {
      const allowed = caller === 'standalone' || (ALLOWED[name] ?? []).includes(caller);
      expect(await isLetIn(method, caller)).toBe(allowed);
    },
  );
});

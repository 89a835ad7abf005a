// For tests: a metadata service in memory, as far as an executor uses it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AssetEventSchema, AssetPortSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type {
  LedgerService,
  ReadXComsRequest,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import { ledgerHandlers } from './ledger.ts';
import { notHere, notStreamedHere } from './not-here.ts';
import { type TestScheduler, testRun } from './scheduler.ts';
import type { TestRun } from './xcoms.ts';

type AssetEventInit = MessageInitShape<typeof AssetEventSchema>;

/** A change that somebody made through the executor. */
export type Change = { readonly rpc: string; readonly what: string; readonly actor?: string };

/** A metadata service in memory. */
export type TestMetadata = {
  readonly partitions: Handlers<typeof PartitionService>;
  readonly ledger: Handlers<typeof LedgerService>;
  readonly secrets: Handlers<typeof SecretService>;
  readonly catalog: Handlers<typeof CatalogService>;
  /** Every run, that of these tests first. */
  readonly runs: TestRun[];
  /** XComs of succeeded tasks of the run of these tests. */
  readonly xcoms: Map<string, string>;
  /** Most characters of values in one answer. */
  xcomAnswerMax: number;
  /** Kept states, by scope, asset and key. */
  readonly states: Map<string, string>;
  /** Updates of assets, oldest first. */
  readonly assetEvents: AssetEventInit[];
  /** Inlets of the task of attempts, for GetAttempt. */
  inlets: MessageInitShape<typeof AssetPortSchema>[];
  /** While set, calls about XComs fail with this reason. */
  failure: 'unreachable' | 'internal' | undefined;
  /** XComs that running attempts have pushed, by `attempt_id/key`. */
  readonly ownXComs: Map<string, string>;
  readonly variables: Map<string, string>;
  /** Passwords by connection. */
  readonly connections: Map<string, string>;
  /** Connections whose secret cannot be opened. */
  readonly brokenConnections: Set<string>;
  readonly changes: Change[];
  readonly xcomReads: ReadXComsRequest[];
  readonly connectionReads: (readonly string[])[];
  /** Executors that are announced. */
  readonly executors: Set<string>;
  /** Connections the task of attempts declares, for GetAttempt. */
  declared: readonly string[];
  /** Sends the map again, after schedulers have changed or gone. */
  publishMap(schedulers: readonly TestScheduler[]): void;
};

/** Metadata of a mesh with these schedulers. */
export function createTestMetadata(initial: readonly TestScheduler[]): TestMetadata {
  let schedulers = initial;
  let changed = new AbortController();
  const xcoms = new Map<string, string>();
  const metadata: TestMetadata = {
    runs: [{ ...testRun, xcoms }],
    xcoms,
    xcomAnswerMax: 3 * 1024 * 1024,
    states: new Map(),
    assetEvents: [],
    inlets: [],
    failure: undefined,
    ownXComs: new Map(),
    variables: new Map(),
    connections: new Map(),
    brokenConnections: new Set(),
    changes: [],
    xcomReads: [],
    connectionReads: [],
    executors: new Set(),
    declared: [],
    publishMap: (next) => {
      schedulers = next;
      changed.abort();
      changed = new AbortController();
    },
    partitions: partitionHandlers({
      schedulers: () => schedulers,
      changed: () => changed.signal,
      executors: () => metadata.executors,
    }),
    ledger: ledgerHandlers(() => ({ ...metadata, schedulers })),
    secrets: secretHandlers(() => metadata),
    catalog: catalogHandlers(() => metadata),
  };
  return metadata;
}

function partitionHandlers(mesh: {
  readonly schedulers: () => readonly TestScheduler[];
  readonly changed: () => AbortSignal;
  readonly executors: () => Set<string>;
}): Handlers<typeof PartitionService> {
  return {
    renewScheduler: notHere,
    releaseScheduler: notHere,
    renewExecutor: async ({ executorId }) => {
      mesh.executors().add(executorId);
      return {};
    },
    releaseExecutor: async ({ executorId }) => {
      mesh.executors().delete(executorId);
      return {};
    },
    watchPartitions: async function* (_, { signal }) {
      while (!signal.aborted) {
        const changed = mesh.changed();
        yield {
          schedulers: mesh.schedulers().map(({ id, partitions }) => ({
            schedulerId: id,
            address: `local:${id}`,
            partitions: partitions.map((partition) => ({ partition, epoch: 1n })),
          })),
        };
        await systemClock.sleep(60_000, AbortSignal.any([signal, changed]));
      }
    },
  };
}

function secretHandlers(state: () => TestMetadata): Handlers<typeof SecretService> {
  return {
    resolveConnections: async ({ connIds }) => {
      state().connectionReads.push(connIds);
      const { connections, brokenConnections } = state();
      const broken = connIds.find((connId) => brokenConnections.has(connId));
      if (broken !== undefined) throw fail('internal', `connection ${broken} was altered`);
      return {
        connections: connIds.flatMap((connId) => {
          const password = connections.get(connId);
          return password === undefined ? [] : [{ connId, connType: 'http', password }];
        }),
      };
    },
    resolveVariable: async ({ key }) => {
      const value = state().variables.get(key);
      if (value === undefined) throw fail('variable_not_found', `there is no variable ${key}`);
      return { value };
    },
    verifyApiToken: notHere,
    createApiToken: notHere,
    revokeApiToken: notHere,
  };
}

function catalogHandlers(state: () => TestMetadata): Handlers<typeof CatalogService> {
  return {
    putDagFile: notHere,
    removeDagFiles: notHere,
    listDagFiles: notHere,
    listBundleVersions: notHere,
    claimBundleVersion: notHere,
    watchCatalog: notStreamedHere,
    putConnection: notHere,
    deleteConnection: notHere,
    putPool: notHere,
    deletePool: notHere,
    putVariable: async ({ variable, actor }) => {
      const { key = '', value = '' } = variable ?? {};
      state().variables.set(key, value);
      state().changes.push({ rpc: 'putVariable', what: key, actor });
      return {};
    },
    deleteVariable: async ({ key, actor }) => {
      if (!state().variables.delete(key)) throw fail('variable_not_found', 'there is none');
      state().changes.push({ rpc: 'deleteVariable', what: key, actor });
      return {};
    },
  };
}

// A metadata service in memory: the same contracts, the same laws, and the faults a test wants.
import { create } from '@bufbuild/protobuf';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import {
  type CommitRequest,
  DagRecordSchema,
  DagVersionRecordSchema,
  LedgerService,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import { createMessageQueue, type MessageQueue } from '#kernel/rpc/message-queue.ts';
import { type Handlers, type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { createFakeDeliveries, type FakeDeliveries } from './fake-deliveries.ts';
import { type Faults, ledgerOf, type Session, type Store, unused } from './fake-ledger.ts';
import { partitionsOf } from './fake-partitions.ts';
import { createFakeWatchers, type FakeWatchers } from './fake-watchers.ts';
import { createTables, type Tables } from './tables.ts';

/** The service and what tests may look at and change. */
export type FakeMetadata = {
  readonly services: readonly RpcService[];
  readonly tables: Tables;
  /** Asset events that await DAGs. */
  readonly deliveries: FakeDeliveries;
  /** What watchers of assets saw. */
  readonly watchers: FakeWatchers;
  readonly faults: Faults;
  /** Commits that were applied, in order. */
  readonly commits: CommitRequest[];
  /** Called after each commit that was applied. */
  afterCommit: () => void;
  /** What commits tried to do against the constraints: flaws of a scheduler. */
  readonly constraintsBroken: unknown[];
  /** Holds commits up until the answered function is called. */
  holdCommits(): () => void;
  /** Holds the loading of partitions up until the answered function is called. */
  holdLoads(): () => void;
  /** Holds up the reading of what began, and its answer, until the answered function is called. */
  holdBegins(): () => void;
  /** Stores a version of a DAG and tells the watchers. */
  putDag(spec: DagSpec): void;
  /** Tells the watchers of pools. */
  tellPools(names: readonly string[]): void;
  /** Ends the watches, as a restart does. */
  breakWatches(): void;
  /** Gives partitions to somebody who keeps them and does nothing. */
  takePartitions(owner: string, partitions: readonly number[]): void;
  ownerOf(partition: number): string | undefined;
};

type Change = { readonly dagIds: readonly string[]; readonly pools: readonly string[] };

/** An empty installation. */
export function createFakeMetadata(clock: Clock): FakeMetadata {
  const tables = createTables();
  const faults: Faults = {
    isUnreachable: () => false,
    isAnswerLost: () => false,
    isUnlucky: () => false,
    onLoadDag: async () => undefined,
  };
  const sessions = new Map<string, Session>();
  const owners = new Map<number, { owner: string; epoch: bigint }>();
  const guests = new Set<string>();
  const commits: CommitRequest[] = [];
  const watches = new Set<MessageQueue<Change>>();
  const open = Promise.resolve();
  const gates = { commit: open, load: open, begins: open };
  let nextVersionId = 1n;
  const constraintsBroken: unknown[] = [];
  const onFlaw = (error: unknown) => void constraintsBroken.push(error);
  const onCommit = () => fake.afterCommit();

  const hold = (gate: keyof typeof gates) => () => {
    const held = Promise.withResolvers<void>();
    gates[gate] = held.promise;
    return held.resolve;
  };
  const tell = (change: Change) => {
    for (const watch of watches) watch.push(change);
  };
  const deliveries = createFakeDeliveries(tables);
  const watchers = createFakeWatchers(tables, (schedulerId, { partition, epoch }) => {
    const owned = owners.get(partition);
    return owned?.owner === schedulerId && owned.epoch === epoch;
  });
  const store: Store = {
    tables,
    deliveries,
    watchers,
    faults,
    sessions,
    owners,
    guests,
    commits,
    gates,
    clock,
    onFlaw,
    onCommit,
  };
  const fake: FakeMetadata = {
    services: [
      rpcService(LedgerService, ledgerOf(store), { callers: ['scheduler'] }),
      rpcService(PartitionService, partitionsOf(store), { callers: ['scheduler'] }),
      rpcService(CatalogService, catalogOf(watches), { callers: ['scheduler'] }),
    ],
    tables,
    deliveries,
    watchers,
    faults,
    commits,
    afterCommit: () => undefined,
    constraintsBroken,
    holdCommits: hold('commit'),
    holdLoads: hold('load'),
    holdBegins: hold('begins'),
    putDag: (spec) => {
      const { dagId } = spec;
      const dagVersionId = nextVersionId++;
      tables.versions.set(
        dagVersionId,
        create(DagVersionRecordSchema, { dagVersionId, dagId, spec, dagFile: `${dagId}.ts` }),
      );
      const known = tables.dags.get(dagId);
      if (known === undefined) {
        const isPaused = spec.isPausedUponCreation;
        const dag = create(DagRecordSchema, { dagId, dagVersionId, isPaused, isActive: true });
        tables.dags.set(dagId, dag);
      } else known.dagVersionId = dagVersionId;
      tell({ dagIds: [dagId], pools: [] });
    },
    tellPools: (names) => tell({ dagIds: [], pools: names }),
    breakWatches: () => {
      for (const watch of watches) watch.end(fail('shutting_down', 'metadata restarts'));
      watches.clear();
    },
    takePartitions: (owner, partitions) => {
      guests.add(owner);
      for (const partition of partitions) {
        owners.set(partition, { owner, epoch: (owners.get(partition)?.epoch ?? 0n) + 1n });
      }
    },
    ownerOf: (partition) => owners.get(partition)?.owner,
  };
  return fake;
}

function catalogOf(watches: Set<MessageQueue<Change>>): Handlers<typeof CatalogService> {
  return {
    watchCatalog: async function* (_request, { signal }) {
      const watch = createMessageQueue<Change>({ messagesMax: 10_000 });
      watches.add(watch);
      signal.addEventListener('abort', () => watch.end());
      yield {};
      for await (const { dagIds, pools } of watch) yield { dagIds: [...dagIds], pools: [...pools] };
    },
    putDagFile: unused,
    removeDagFiles: unused,
    listDagFiles: unused,
    listBundleVersions: unused,
    claimBundleVersion: unused,
    putConnection: unused,
    deleteConnection: unused,
    putVariable: unused,
    deleteVariable: unused,
    putPool: unused,
    deletePool: unused,
  };
}

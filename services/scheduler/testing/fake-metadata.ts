// A metadata service in memory: the same contracts, the same laws, and the faults a test wants.
import { create } from '@bufbuild/protobuf';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import {
  type CommitRequest,
  type CommitResponse,
  CommitResponseSchema,
  DagRecordSchema,
  DagVersionRecordSchema,
  LedgerService,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { PARTITIONS_COUNT, partitionOf } from '#kernel/partition/partition.ts';
import { createMessageQueue, type MessageQueue } from '#kernel/rpc/message-queue.ts';
import { type Handlers, type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { createFakeDeliveries, type FakeDeliveries } from './fake-deliveries.ts';
import { createFakeWatchers, type FakeWatchers } from './fake-watchers.ts';
import { createTables, findRefused, findTaken, liveRuns, type Tables, write } from './tables.ts';

/** What may go wrong; each is asked whenever it could. */
export type Faults = {
  /** The commit does not arrive. */
  isUnreachable: () => boolean;
  /** The commit is applied, its answer is lost. */
  isAnswerLost: () => boolean;
  /** Somebody else took the pool's slots just before. */
  isUnlucky: () => boolean;
};

type Session = {
  readonly address: string;
  untilMs: number;
  lastSeq: bigint;
  lastAnswer: CommitResponse | undefined;
};

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
  };
  const sessions = new Map<string, Session>();
  const owners = new Map<number, { owner: string; epoch: bigint }>();
  const guests = new Set<string>();
  const commits: CommitRequest[] = [];
  const watches = new Set<MessageQueue<Change>>();
  const gates = { commit: Promise.resolve(), load: Promise.resolve() };
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

type Store = {
  readonly tables: Tables;
  readonly deliveries: FakeDeliveries;
  readonly watchers: FakeWatchers;
  readonly faults: Faults;
  readonly sessions: Map<string, Session>;
  readonly owners: Map<number, { owner: string; epoch: bigint }>;
  readonly guests: ReadonlySet<string>;
  readonly commits: CommitRequest[];
  readonly gates: { commit: Promise<void>; load: Promise<void> };
  readonly clock: Clock;
  readonly onFlaw: (error: unknown) => void;
  readonly onCommit: () => void;
};

const unused = async (): Promise<never> => {
  throw fail('internal', 'no scheduler calls this');
};

function ledgerOf(store: Store): Handlers<typeof LedgerService> {
  const { tables, faults, gates, deliveries, watchers } = store;
  return {
    commit: async (request) => {
      await gates.commit;
      if (faults.isUnreachable()) throw fail('unreachable', 'the network is gone');
      const answer = commitOnce(store, request);
      if (faults.isAnswerLost()) throw fail('unreachable', 'the answer is gone');
      return answer;
    },
    loadPartitions: async function* ({ partitions }) {
      await gates.load;
      const isOwn = (dagId: string) => partitions.includes(partitionOf(dagId));
      const dags = [...tables.dags.values()].filter(({ dagId }) => isOwn(dagId));
      const runs = liveRuns(tables).filter(({ dagId }) => isOwn(dagId));
      const used = new Set([...dags, ...runs].map(({ dagVersionId }) => dagVersionId));
      yield {
        pools: [...tables.pools].map(([pool, row]) => ({ pool, ...row })),
        versions: [...used].flatMap((id) => tables.versions.get(id) ?? []),
        dags,
      };
      yield { runs, ...belongingsOf(tables, new Set(runs.map(({ id }) => id))) };
      yield { deliveries: deliveries.of(partitions) };
      yield { keyPauses: [...tables.keyPauses.values()].filter(({ dagId }) => isOwn(dagId)) };
      yield { receipts: [...tables.receipts.values()].filter(({ dagId }) => isOwn(dagId)) };
    },
    loadDag: async ({ dagId }) => {
      const dag = tables.dags.get(dagId);
      if (dag === undefined) throw fail('dag_not_found', `no DAG ${dagId}`);
      return { dag, ...versionOf(tables, dag.dagVersionId) };
    },
    loadRun: async ({ dagId, runId }) => {
      const run = [...tables.runs.values()].find(
        (each) => each.dagId === dagId && each.runId === runId,
      );
      if (run === undefined) throw fail('run_not_found', `no run ${runId}`);
      const belongings = belongingsOf(tables, new Set([run.id]));
      return { run, ...versionOf(tables, run.dagVersionId), ...belongings };
    },
    getAttempt: async ({ attemptId }) => {
      const attempt = tables.attempts.get(attemptId);
      const taskInstance = tables.instances.get(attempt?.taskInstanceId ?? '');
      const run = tables.runs.get(taskInstance?.dagRunId ?? '');
      if (attempt === undefined || taskInstance === undefined || run === undefined) {
        throw fail('attempt_not_found', `no attempt ${attemptId}`);
      }
      return { attempt, taskInstance: { ...taskInstance, dagId: run.dagId, runId: run.runId } };
    },
    listRuns: async ({ dagId }) => ({
      runs: [...tables.runs.values()].filter((run) => run.dagId === dagId),
    }),
    loadPast: async () => ({}),
    ...deliveries.handlers,
    ...watchers.handlers,
    ...{ readXComs: unused, pushXCom: unused, deleteXCom: unused },
    ...{ listAssetEvents: unused, listStates: unused },
    ...{ getState: unused, setState: unused },
  };
}

function versionOf(tables: Tables, id: bigint) {
  const version = tables.versions.get(id);
  return version === undefined ? {} : { version };
}

function belongingsOf(tables: Tables, runIds: ReadonlySet<string>) {
  const taskInstances = [...tables.instances.values()].filter((row) => runIds.has(row.dagRunId));
  const ids = new Set(taskInstances.map(({ id }) => id));
  const attempts = [...tables.attempts.values()].filter(
    (row) => ids.has(row.taskInstanceId) && row.endDate === undefined,
  );
  return { taskInstances, attempts };
}

function commitOnce(store: Store, request: CommitRequest): CommitResponse {
  const { tables, owners } = store;
  const session = store.sessions.get(request.schedulerId);
  if (session?.lastSeq === request.commitSeq && session.lastAnswer !== undefined) {
    return session.lastAnswer;
  }
  if (session === undefined) throw fail('stale_epoch', 'no session');
  if (session.lastSeq + 1n !== request.commitSeq) throw fail('commit_out_of_order', 'wrong number');
  if (request.fences.length === 0) throw fail('bad_request', 'fences: at least one');
  for (const { partition, epoch } of request.fences) {
    const held = owners.get(partition);
    if (held?.owner !== request.schedulerId || held.epoch !== epoch) {
      throw fail('stale_epoch', `partition ${partition} moved`);
    }
  }
  const runs = findTaken(tables, request);
  const instances = findRefused(tables, request.poolClaims, store.faults.isUnlucky);
  try {
    write(tables, request, { runs, instances });
    store.deliveries.write(request, runs);
    store.commits.push(request);
    store.onCommit();
  } catch (error) {
    store.onFlaw(error);
    throw error;
  }
  const touched = new Set(request.poolClaims.map(({ pool }) => pool));
  session.lastSeq = request.commitSeq;
  session.lastAnswer = create(CommitResponseSchema, {
    refusedRunIds: [...runs],
    refusedTaskInstanceIds: [...instances],
    pools: [...tables.pools].flatMap(([pool, row]) => (touched.has(pool) ? { pool, ...row } : [])),
  });
  return session.lastAnswer;
}

function partitionsOf(store: Store): Handlers<typeof PartitionService> {
  const { sessions, owners, clock } = store;
  const expire = () => {
    for (const [id, { untilMs }] of sessions) if (untilMs < clock.monotonicMs()) drop(id);
  };
  const drop = (id: string) => {
    sessions.delete(id);
    for (const [partition, { owner, epoch }] of owners) {
      if (owner === id) owners.set(partition, { owner: '', epoch });
    }
  };
  return {
    renewScheduler: async ({ schedulerId, address, ttl }) => {
      expire();
      const session = sessions.get(schedulerId) ?? { address, lastSeq: 0n, lastAnswer: undefined };
      const untilMs = clock.monotonicMs() + (fromDuration(ttl) ?? 1_500);
      sessions.set(schedulerId, { ...session, untilMs });
      share(store, [...sessions.keys()]);
      const partitions = [...owners].flatMap(([partition, { owner, epoch }]) =>
        owner === schedulerId ? { partition, epoch } : [],
      );
      return { partitions, commitSeq: session.lastSeq };
    },
    releaseScheduler: async ({ schedulerId }) => {
      drop(schedulerId);
      return {};
    },
    renewExecutor: async () => ({}),
    releaseExecutor: async () => ({}),
    watchPartitions: async function* (_request, { signal }) {
      yield { executors: [{ executorId: 'e1', address: 'local:e1' }] };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
}

/** Everybody gets an even share; what has a living owner stays unless that one has too much. */
function share({ owners, guests }: Store, ids: readonly string[]): void {
  const most = Math.ceil(PARTITIONS_COUNT / ids.length);
  const counts = new Map(ids.map((id) => [id, 0]));
  for (let partition = 0; partition < PARTITIONS_COUNT; partition += 1) {
    const held = owners.get(partition) ?? { owner: '', epoch: 0n };
    const count = counts.get(held.owner);
    if (guests.has(held.owner)) continue;
    if (count !== undefined && count < most) {
      counts.set(held.owner, count + 1);
      continue;
    }
    const [next = ''] = ids.toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
    counts.set(next, (counts.get(next) ?? 0) + 1);
    owners.set(partition, { owner: next, epoch: held.epoch + 1n });
  }
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
    putConnection: unused,
    deleteConnection: unused,
    putVariable: unused,
    deleteVariable: unused,
    putPool: unused,
    deletePool: unused,
  };
}

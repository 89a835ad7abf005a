// The ledger of a metadata service in memory: the laws of its commits, and the faults a test wants.
import { create } from '@bufbuild/protobuf';
import { TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type CommitRequest,
  type CommitResponse,
  CommitResponseSchema,
  LedgerService,
  type ListRunsRequest,
  type LoadBeginsRequest,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { FakeDeliveries } from './fake-deliveries.ts';
import type { FakeWatchers } from './fake-watchers.ts';
import { findRefused, findTaken, liveRuns, type Tables, write } from './tables.ts';

/** What may go wrong; each is asked whenever it could. */
export type Faults = {
  /** The commit does not arrive. */
  isUnreachable: () => boolean;
  /** The commit is applied, its answer is lost. */
  isAnswerLost: () => boolean;
  /** Somebody else took the pool's slots just before. */
  isUnlucky: () => boolean;
  /** A DAG was read; its answer travels as long as this takes. */
  onLoadDag: () => Promise<void>;
};

/** A scheduler that has renewed itself. */
export type Session = {
  readonly address: string;
  untilMs: number;
  lastSeq: bigint;
  lastAnswer: CommitResponse | undefined;
};

/** What the services of one installation share. */
export type Store = {
  readonly tables: Tables;
  readonly deliveries: FakeDeliveries;
  readonly watchers: FakeWatchers;
  readonly faults: Faults;
  readonly sessions: Map<string, Session>;
  readonly owners: Map<number, { owner: string; epoch: bigint }>;
  readonly guests: ReadonlySet<string>;
  readonly commits: CommitRequest[];
  readonly gates: Record<'commit' | 'load' | 'begins', Promise<void>>;
  readonly clock: Clock;
  readonly onFlaw: (error: unknown) => void;
  readonly onCommit: () => void;
};

/** What no scheduler calls. */
export const unused = async (): Promise<never> => {
  throw fail('internal', 'no scheduler calls this');
};

/** The service over the tables of an installation. */
export function ledgerOf(store: Store): Handlers<typeof LedgerService> {
  const { tables, faults, gates, deliveries, watchers } = store;
  return {
    commit: async (request) => {
      await gates.commit;
      if (faults.isUnreachable()) throw fail('unreachable', 'the network is gone');
      const answer = commitOnce(store, request);
      if (faults.isAnswerLost()) throw fail('unreachable', 'the answer is gone');
      return answer;
    },
    loadPartitions: async function* ({ partitions, omitDeliveries }) {
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
      if (!omitDeliveries) yield { deliveries: deliveries.of(partitions) };
      yield { keyPauses: [...tables.keyPauses.values()].filter(({ dagId }) => isOwn(dagId)) };
      yield { receipts: [...tables.receipts.values()].filter(({ dagId }) => isOwn(dagId)) };
    },
    loadDag: async ({ dagId }) => {
      const dag = tables.dags.get(dagId);
      if (dag === undefined) throw fail('dag_not_found', `no DAG ${dagId}`);
      const answer = { dag: { ...dag }, ...versionOf(tables, dag.dagVersionId) };
      await faults.onLoadDag();
      return answer;
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
    listRuns: async (request) => ({ runs: runsBetween(tables, request) }),
    loadPast: async () => ({}),
    loadBegins: async (request) => {
      await gates.begins;
      const begins = beginsOf(tables, request);
      await gates.begins;
      return { begins };
    },
    ...deliveries.handlers,
    ...watchers.handlers,
    ...{ readXComs: unused, pushXCom: unused, deleteXCom: unused },
    ...{ listAssetEvents: unused, listStates: unused },
    ...{ getState: unused, setState: unused },
  };
}

/** The runs of a DAG, those of a range of dates or of some partitions alone when they are named. */
function runsBetween(tables: Tables, request: ListRunsRequest) {
  const { dagId, fromDate, partitionKeys, states, toDate } = request;
  const fromMs = fromTimestamp(fromDate) ?? Number.NEGATIVE_INFINITY;
  const toMs = fromTimestamp(toDate) ?? Number.POSITIVE_INFINITY;
  return [...tables.runs.values()].filter((run) => {
    const dateMs = fromTimestamp(run.logicalDate) ?? fromMs;
    const isMeant = partitionKeys.length === 0 || partitionKeys.includes(run.partitionKey);
    const isInState = states.length === 0 || states.includes(run.state);
    return isMeant && isInState && run.dagId === dagId && fromMs <= dateMs && dateMs <= toMs;
  });
}

/** When attempts began that the ledger has by now, newest first. */
function beginsOf(tables: Tables, { dagId, limit, since, taskIds }: LoadBeginsRequest) {
  const sinceMs = fromTimestamp(since) ?? 0;
  return [...tables.attempts.values()]
    .filter(({ taskInstanceId, startDate, state }) => {
      const instance = tables.instances.get(taskInstanceId);
      const run = tables.runs.get(instance?.dagRunId ?? '');
      const atMs = fromTimestamp(startDate) ?? 0;
      if (run?.dagId !== dagId || !taskIds.includes(instance?.taskId ?? '')) return false;
      return atMs > sinceMs && state !== TaskAttemptState.REJECTED;
    })
    .map(({ attemptId, startDate }) => ({ attemptId, at: startDate ?? toTimestamp(0) }))
    .toSorted((a, b) => (fromTimestamp(b.at) ?? 0) - (fromTimestamp(a.at) ?? 0))
    .slice(0, limit);
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

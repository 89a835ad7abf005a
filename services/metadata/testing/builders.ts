// Builders for tests: only what a test is about has to be said.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type AssetEvent, AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import {
  type DagRun,
  DagRunSchema,
  DagRunState,
  RunType,
  type TaskAttempt,
  TaskAttemptSchema,
  TaskAttemptState,
  type TaskInstance,
  TaskInstanceSchema,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import {
  LedgerService,
  type LoadPartitionsResponse,
  LoadPartitionsResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { CommitRequestSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { type ErrorName, reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { TestClients } from './metadata.ts';

const T0 = toTimestamp(Date.UTC(2026, 0, 1, 12, 0, 0, 123));

export function aRun(init: MessageInitShape<typeof DagRunSchema> = {}): DagRun {
  return create(DagRunSchema, {
    id: uuidV7(),
    dagId: 'etl',
    runId: `manual__${uuidV7()}`,
    runType: RunType.MANUAL,
    state: DagRunState.RUNNING,
    runAfter: T0,
    queuedAt: T0,
    startDate: T0,
    confJson: '{}',
    dagVersionId: 1n,
    triggeredBy: 'tests',
    ...init,
  });
}

export function aTaskInstance(init: MessageInitShape<typeof TaskInstanceSchema>): TaskInstance {
  return create(TaskInstanceSchema, {
    id: uuidV7(),
    taskId: 'extract',
    mapIndex: -1,
    state: TaskInstanceState.NONE,
    ...init,
  });
}

/** An update of asset `orders` by task `extract` of `etl`. */
export function anAssetEvent(init: MessageInitShape<typeof AssetEventSchema> = {}): AssetEvent {
  return create(AssetEventSchema, {
    id: uuidV7(),
    assetName: 'orders',
    timestamp: T0,
    sourceDagId: 'etl',
    sourceRunId: 'run_1',
    sourceTaskId: 'extract',
    sourceMapIndex: -1,
    ...init,
  });
}

export function anAttempt(init: MessageInitShape<typeof TaskAttemptSchema>): TaskAttempt {
  return create(TaskAttemptSchema, {
    attemptId: uuidV7(),
    tryNumber: 1,
    epoch: 1n,
    state: TaskAttemptState.RUNNING,
    workerId: 'worker-1',
    executorId: 'executor-1',
    startDate: T0,
    ...init,
  });
}

export function aDag(init: MessageInitShape<typeof DagSpecSchema> = {}): DagSpec {
  return create(DagSpecSchema, {
    dagId: 'etl',
    activeRunsMax: 16,
    activeTasksMax: 16,
    tasks: [
      { taskId: 'extract', handler: 'etl.ts:extract', queue: 'default', pool: 'default_pool' },
    ],
    ...init,
  });
}

/** Stores a DAG in a file of its own; answers the id of its version. */
export async function storeDag(
  metadata: TestClients,
  init: MessageInitShape<typeof DagSpecSchema>,
): Promise<bigint> {
  const spec = aDag(init);
  const catalog = metadata.as('dag-processor', CatalogService);
  await catalog.putDagFile({ path: `${spec.dagId}.ts`, digest: uuidV7(), dags: [spec] });
  const { dag } = await ledgerOf(metadata).loadDag({ dagId: spec.dagId });
  return dag?.dagVersionId ?? 0n;
}

/** Everything an owner of the DAGs' partitions loads, as if it came in one message. */
export async function loadPicture(
  metadata: TestClients,
  ...dagIds: readonly string[]
): Promise<LoadPartitionsResponse> {
  const partitions = [...new Set(dagIds.map(partitionOf))];
  const picture = create(LoadPartitionsResponseSchema);
  for await (const page of ledgerOf(metadata).loadPartitions({ partitions })) {
    picture.pools.push(...page.pools);
    picture.versions.push(...page.versions);
    picture.dags.push(...page.dags);
    picture.runs.push(...page.runs);
    picture.taskInstances.push(...page.taskInstances);
    picture.attempts.push(...page.attempts);
    picture.receipts.push(...page.receipts);
    picture.deliveries.push(...page.deliveries);
    picture.backfills.push(...page.backfills);
    picture.deadlines.push(...page.deadlines);
    picture.keyPauses.push(...page.keyPauses);
    picture.runAssetEvents.push(...page.runAssetEvents);
    picture.slaMisses.push(...page.slaMisses);
  }
  return picture;
}

/** The reason of a call's refusal; undefined when it is not refused. */
export function refusal(call: Promise<unknown>): Promise<ErrorName | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  );
}

/** Whether a run is there; fails when that cannot be known. */
export async function runExists(
  metadata: TestClients,
  { dagId, runId }: { readonly dagId: string; readonly runId: string },
): Promise<boolean> {
  const query = metadata.as('api', QueryService);
  const reason = await refusal(query.getDagRun({ dagId, runId, onlyRun: true }));
  if (reason === 'run_not_found' || reason === 'dag_not_found') return false;
  if (reason === undefined) return true;
  throw new Error(`the run could not be looked for: ${reason}`);
}

/**
 * A scheduler as the ledger knows it: renews, counts its commits, names the fences of what it
 * touches.
 */
export type TestScheduler = {
  readonly id: string;
  /** Epochs by partition, as of the last renewal. */
  readonly epochs: ReadonlyMap<number, bigint>;
  renew(options?: { readonly ttlMs?: number }): Promise<void>;
  /**
   * Commits with the next number and the fence of `dagId` (default `etl`); what is given replaces
   * that.
   */
  commit(
    changes: MessageInitShape<typeof CommitRequestSchema>,
    dagId?: string,
  ): ReturnType<ReturnType<typeof ledgerOf>['commit']>;
  /** The request `commit` would send next, without sending it. */
  request(
    changes: MessageInitShape<typeof CommitRequestSchema>,
    dagId?: string,
  ): MessageInitShape<typeof CommitRequestSchema>;
};

/** A scheduler that has renewed once, with a lease of a minute unless told otherwise. */
export async function aScheduler(
  metadata: TestClients,
  options: { readonly ttlMs?: number } = {},
): Promise<TestScheduler> {
  const id = uuidV7();
  const partitions = metadata.as('scheduler', PartitionService);
  const ledger = ledgerOf(metadata);
  let commitSeq = 0n;
  let epochs: ReadonlyMap<number, bigint> = new Map();
  const renew = async ({ ttlMs = 60_000 }: { readonly ttlMs?: number } = {}) => {
    const address = '127.0.0.1:7102';
    const answer = await partitions.renewScheduler({
      schedulerId: id,
      address,
      ttl: toDuration(ttlMs),
    });
    epochs = new Map(answer.partitions.map((owned) => [owned.partition, owned.epoch]));
  };
  const request: TestScheduler['request'] = (changes, dagId = 'etl') => {
    const partition = partitionOf(dagId);
    const fences = [{ partition, epoch: epochs.get(partition) ?? 1n }];
    return { schedulerId: id, commitSeq: commitSeq + 1n, fences, ...changes };
  };
  await renew(options);
  return {
    id,
    get epochs() {
      return epochs;
    },
    renew,
    request,
    commit: async (changes, dagId) => {
      const answer = await ledger.commit(request(changes, dagId));
      commitSeq += 1n;
      return answer;
    },
  };
}

export function ledgerOf(metadata: TestClients) {
  return metadata.as('scheduler', LedgerService);
}

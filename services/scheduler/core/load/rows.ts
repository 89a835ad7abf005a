// The rows of a commit, made from the objects that changed, as they are when it is sealed.
import { create } from '@bufbuild/protobuf';
import {
  type DagRun,
  DagRunSchema,
  type TaskAttempt,
  TaskAttemptSchema,
  type TaskInstance,
  TaskInstanceSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type CommitRequest,
  CommitRequestSchema,
  type PoolClaim,
  PoolClaimSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { BackfillSchema } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { type ChangeSet, claimedSlots } from '../change-set.ts';
import type { Instance } from '../instance.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Cursor } from '../dag.ts';
import type { Run } from '../run/run.ts';
import { TaskAttemptState } from '../state.ts';

/** Who commits, under which number. */
export type CommitHead = {
  readonly schedulerId: string;
  readonly commitSeq: bigint;
  /** Epoch of an owned partition. */
  readonly epochOf: (partition: number) => bigint;
};

/** Makes the request and marks everything in it as stored: it is repeated until it is answered. */
export function sealCommit(changes: ChangeSet, head: CommitHead): CommitRequest {
  const runs = [...changes.runs];
  const instances = [...changes.instances];
  const attempts = [...changes.attempts];
  const request = create(CommitRequestSchema, {
    schedulerId: head.schedulerId,
    commitSeq: head.commitSeq,
    fences: fencesOf(changes, head.epochOf),
    newRuns: runs.filter((run) => !run.isStored).map(runRow),
    changedRuns: runs.filter((run) => run.isStored).map(runRow),
    newTaskInstances: instances.filter((each) => !each.isStored).map(instanceRow),
    changedTaskInstances: instances.filter((each) => each.isStored).map(instanceRow),
    newAttempts: attempts.filter((each) => !each.isStored).map(attemptRow),
    endedAttempts: attempts
      .filter((each) => each.isStored && each.state !== TaskAttemptState.RUNNING)
      .map(attemptRow),
    xcoms: [...changes.xcoms].map(([attempt, xcoms]) => ({
      attemptId: attempt.attemptId,
      xcoms: [...xcoms],
    })),
    poolClaims: instances.flatMap(claimOf),
    cursors: [...changes.cursors].map((dag) => ({ dagId: dag.dagId, ...cursorRow(dag.cursor) })),
    pauses: [...changes.pauses].map(({ dagId, isPaused }) => ({ dagId, isPaused })),
    receipts: [...changes.receipts.keys()].map(({ requestId, dagId, dagRunId, runId }) => ({
      requestId,
      dagId,
      dagRunId,
      runId,
    })),
    auditEntries: [...changes.audits].map(({ actor, action, dag, runId, details }) => ({
      actor,
      action,
      dagId: dag.dagId,
      runId,
      detailsJson: JSON.stringify(details),
    })),
    assetEvents: [...changes.assetEvents.keys()],
    consumedDeliveries: [...changes.consumed.keys()],
    backfills: [...changes.backfills].map(([backfill, { dates }]) =>
      // Copies: both go on changing while the commit is under way.
      create(BackfillSchema, { ...backfill, dates: [...dates].map((date) => ({ ...date })) }),
    ),
    // Copies: one may be missed before this is answered, and that is the next commit's to say.
    deadlines: [...changes.deadlines.keys()].map((deadline) => ({ ...deadline })),
    slaMisses: [...changes.slaMisses.keys()],
    keyPauses: [...changes.keyPauses].flatMap(([{ dagId }, keys]) =>
      [...keys].map(([key, untilMs]) => ({ dagId, key, ...stamp('until', untilMs) })),
    ),
    carriedXcoms: [...changes.carried].map(([{ attemptId }, fromAttemptId]) => ({
      fromAttemptId,
      toAttemptId: attemptId,
    })),
  });
  for (const row of [...runs, ...instances, ...attempts]) row.isStored = true;
  return request;
}

function fencesOf(changes: ChangeSet, epochOf: CommitHead['epochOf']) {
  const partitions = new Set<number>();
  for (const { dag } of changes.runs) partitions.add(dag.partition);
  for (const { run } of changes.instances) partitions.add(run.dag.partition);
  for (const { instance } of changes.attempts) partitions.add(instance.run.dag.partition);
  for (const { partition } of changes.cursors) partitions.add(partition);
  for (const { partition } of changes.pauses) partitions.add(partition);
  for (const { dag } of changes.audits) partitions.add(dag.partition);
  for (const { dag } of changes.assetEvents.values()) partitions.add(dag.partition);
  for (const { partition } of changes.keyPauses.keys()) partitions.add(partition);
  const { consumed, deadlines, slaMisses } = changes;
  for (const { dag } of changes.backfills.values()) partitions.add(dag.partition);
  for (const rows of [consumed, deadlines, slaMisses]) {
    for (const { partition } of rows.values()) partitions.add(partition);
  }
  return [...partitions].map((partition) => ({ partition, epoch: epochOf(partition) }));
}

/** What an instance must hold by its state, against what the ledger says it holds. */
function claimOf(instance: Instance): PoolClaim[] {
  const slots = claimedSlots(instance);
  if (slots === 0) return [];
  instance.slotsHeld += slots;
  const pool = instance.task.pool;
  return [create(PoolClaimSchema, { pool, slots, taskInstanceId: instance.id })];
}

function runRow(run: Run): DagRun {
  return create(DagRunSchema, {
    id: run.id,
    dagId: run.dag.dagId,
    runId: run.runId,
    runType: run.runType,
    state: run.state,
    ...stamp('logicalDate', run.logicalDateMs),
    ...stamp('dataIntervalStart', run.intervalStartMs),
    ...stamp('dataIntervalEnd', run.intervalEndMs),
    ...stamp('runAfter', run.runAfterMs),
    ...stamp('queuedAt', run.queuedAtMs),
    ...stamp('startDate', run.startMs),
    ...stamp('endDate', run.endMs),
    // The ledger keeps what it has: params never change.
    confJson: run.isStored ? '' : run.confJson,
    dagVersionId: run.version.dagVersionId,
    triggeredBy: run.triggeredBy,
    clearNumber: run.clearNumber,
    stateReason: run.stateReason,
    note: run.note,
    partitionKey: run.partitionKey,
    backfillId: run.backfillId,
    backfillOrdinal: run.backfillOrdinal,
    originalRunType: run.originalRunType,
    callbackOfRunId: run.callbackOfRunId,
  });
}

function instanceRow(instance: Instance): TaskInstance {
  return create(TaskInstanceSchema, {
    id: instance.id,
    dagRunId: instance.run.id,
    taskId: instance.task.taskId,
    mapIndex: instance.mapIndex,
    state: instance.state,
    tryNumber: instance.tryNumber,
    triesMax: instance.triesMax,
    epoch: BigInt(instance.epoch),
    attemptId: instance.attemptId,
    ...stamp('scheduledAt', instance.scheduledAtMs),
    ...stamp('queuedAt', instance.queuedAtMs),
    ...stamp('startDate', instance.startMs),
    ...stamp('endDate', instance.endMs),
    ...stamp('nextTryTime', instance.nextTryMs),
    stateReason: instance.stateReason,
    lossesCount: instance.lossesCount,
    ...(instance.mapLength === undefined ? {} : { mapLength: instance.mapLength }),
    mapLabel: instance.mapLabel,
    skipDecisionJson: instance.skipDecision?.json ?? '',
    ...stamp('executionDeadline', instance.deadlineMs),
    ...stamp('waitingSince', instance.waitingSinceMs),
    reschedulesCount: instance.reschedulesCount,
    ...(instance.wait === undefined ? {} : { wait: instance.wait }),
    note: instance.note,
  });
}

/**
 * An attempt as it begins; one that begins and ends within a batch is written by both statements.
 */
function beginRow(attempt: Attempt): TaskAttempt {
  return create(TaskAttemptSchema, {
    attemptId: attempt.attemptId,
    taskInstanceId: attempt.instance.id,
    tryNumber: attempt.tryNumber,
    epoch: BigInt(attempt.epoch),
    state: TaskAttemptState.RUNNING,
    workerId: attempt.workerId,
    executorId: attempt.executorId,
    startDate: toTimestamp(attempt.startMs),
  });
}

function attemptRow(attempt: Attempt): TaskAttempt {
  return create(TaskAttemptSchema, {
    ...beginRow(attempt),
    state: attempt.state,
    ...stamp('endDate', attempt.endMs),
    errorClass: attempt.error?.errorClass ?? '',
    errorMessage: attempt.error?.message ?? '',
    errorStack: attempt.error?.stack ?? '',
  });
}

function cursorRow({ next, lastIntervalEndMs }: Cursor) {
  return {
    ...stamp('nextRunAfter', next?.runAfterMs),
    ...stamp('nextLogicalDate', next?.logicalDateMs),
    ...stamp('nextIntervalStart', next?.intervalStartMs),
    ...stamp('nextIntervalEnd', next?.intervalEndMs),
    ...stamp('lastIntervalEnd', lastIntervalEndMs),
  };
}

/** A timestamp field where there is an instant; nothing where there is none. */
function stamp<K extends string>(key: K, ms: number | undefined) {
  return ms === undefined
    ? {}
    : ({ [key]: toTimestamp(ms) } as { [P in K]: ReturnType<typeof toTimestamp> });
}

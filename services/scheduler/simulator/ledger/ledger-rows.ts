// What a ledger holds after some commits: the rows from which another scheduler goes on.
import { clone, create } from '@bufbuild/protobuf';
import {
  type DagRun,
  type TaskAttempt,
  TaskAttemptState,
  type TaskInstance,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type CommitRequest,
  type Deadline,
  DeadlineSchema,
  type ScheduleCursor,
  type SlaMiss,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import {
  type Backfill,
  BackfillSchema,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { isRunFinished } from '../../core/state.ts';

/** The rows of live runs and what belongs to them, and the ids that are taken. */
export type LedgerRows = {
  readonly runs: readonly DagRun[];
  readonly taskInstances: readonly TaskInstance[];
  /** Runs that have ended, with all their instances. */
  readonly ended: readonly {
    readonly run: DagRun;
    readonly taskInstances: readonly TaskInstance[];
  }[];
  /** Live ones. */
  readonly attempts: readonly TaskAttempt[];
  /** Attempts that began, live or over, with the DAG and the task they belong to. */
  readonly begun: readonly {
    readonly attempt: TaskAttempt;
    readonly dagId: string;
    readonly taskId: string;
  }[];
  /** Those that are not over. */
  readonly backfills: readonly Backfill[];
  /** Those that are not missed yet. */
  readonly deadlines: readonly Deadline[];
  /** Of live runs. */
  readonly slaMisses: readonly SlaMiss[];
  /** By dag_id. */
  readonly cursors: ReadonlyMap<string, ScheduleCursor>;
  /** Slots taken, by pool. */
  readonly slotsUsed: ReadonlyMap<string, number>;
};

/** Writes commits one after the other, as the ledger would. */
export function rowsAfter(commits: readonly CommitRequest[]): LedgerRows {
  const runs = new Map<string, DagRun>();
  const instances = new Map<string, TaskInstance>();
  const attempts = new Map<string, TaskAttempt>();
  const cursors = new Map<string, ScheduleCursor>();
  const slotsUsed = new Map<string, number>();
  const backfills = new Map<string, Backfill>();
  const deadlines = new Map<string, Deadline>();
  const slaMisses = new Map<string, SlaMiss>();
  for (const commit of commits) {
    for (const run of [...commit.newRuns, ...commit.changedRuns]) {
      // Params never change: a later row does not repeat them.
      runs.set(run.id, { ...run, confJson: run.confJson || (runs.get(run.id)?.confJson ?? '') });
    }
    for (const each of [...commit.newTaskInstances, ...commit.changedTaskInstances]) {
      instances.set(each.id, each);
    }
    for (const each of [...commit.newAttempts, ...commit.endedAttempts]) {
      attempts.set(each.attemptId, each);
    }
    for (const each of commit.backfills) {
      backfills.set(each.backfillId, changedBackfill(backfills.get(each.backfillId), each));
    }
    for (const each of commit.deadlines) deadlines.set(each.deadlineId, each);
    for (const each of commit.slaMisses) slaMisses.set(each.taskInstanceId, each);
    for (const cursor of commit.cursors) cursors.set(cursor.dagId, cursor);
    for (const { pool, slots } of commit.poolClaims) {
      slotsUsed.set(pool, (slotsUsed.get(pool) ?? 0) + slots);
    }
  }
  const live = new Set([...runs.values()].filter((run) => !isRunFinished(run.state)));
  const liveIds = new Set([...live].map(({ id }) => id));
  return {
    runs: [...live],
    taskInstances: [...instances.values()].filter(({ dagRunId }) => liveIds.has(dagRunId)),
    ended: [...runs.values()]
      .filter((run) => !live.has(run))
      .map((run) => ({
        run,
        taskInstances: [...instances.values()].filter(({ dagRunId }) => dagRunId === run.id),
      })),
    attempts: [...attempts.values()].filter(({ state }) => state === TaskAttemptState.RUNNING),
    begun: [...attempts.values()]
      .filter(({ state }) => state !== TaskAttemptState.REJECTED)
      .map((attempt) => {
        const instance = instances.get(attempt.taskInstanceId);
        const dagId = runs.get(instance?.dagRunId ?? '')?.dagId ?? '';
        return { attempt, dagId, taskId: instance?.taskId ?? '' };
      }),
    backfills: [...backfills.values()].filter(isGoingOn).map((each) => clone(BackfillSchema, each)),
    deadlines: [...deadlines.values()]
      .filter(({ isGone, missedAt }) => !isGone && missedAt === undefined)
      .map((each) => clone(DeadlineSchema, each)),
    slaMisses: [...slaMisses.values()].filter(({ dagRunId }) => liveIds.has(dagRunId)),
    cursors,
    slotsUsed,
  };
}

/** A later change says where it stands, and what is new of its dates. */
function changedBackfill(before: Backfill | undefined, change: Backfill): Backfill {
  if (before === undefined) return clone(BackfillSchema, change);
  const changed = new Map(change.dates.map((date) => [date.ordinal, date]));
  const dates = before.dates.map((date) => {
    const { action, runId } = changed.get(date.ordinal) ?? date;
    return { ...date, action, runId };
  });
  const { state, activeRunsMax, completedAt } = change;
  return create(BackfillSchema, {
    ...before,
    ...{ state, activeRunsMax, dates },
    ...(completedAt === undefined ? {} : { completedAt }),
  });
}

function isGoingOn({ state }: Backfill): boolean {
  return state === BackfillState.RUNNING || state === BackfillState.PAUSED;
}

// What a ledger holds after some commits: the rows from which another scheduler goes on.
import {
  type DagRun,
  type TaskAttempt,
  TaskAttemptState,
  type TaskInstance,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { CommitRequest, ScheduleCursor } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { isRunFinished } from '../core/state.ts';

/** The rows of live runs and what belongs to them, and the ids that are taken. */
export type LedgerRows = {
  readonly runs: readonly DagRun[];
  readonly taskInstances: readonly TaskInstance[];
  /** Live ones. */
  readonly attempts: readonly TaskAttempt[];
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
    attempts: [...attempts.values()].filter(({ state }) => state === TaskAttemptState.RUNNING),
    cursors,
    slotsUsed,
  };
}

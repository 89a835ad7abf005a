// Which rows of a commit are written: each row once, nothing of refused runs, refused task
// instances held back.
import type { DagRun, TaskAttempt, TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  AuditEntry,
  CommandReceipt,
  CommitRequest,
  DagPause,
  PoolClaim,
  ScheduleCursor,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';

/** An XCom with the attempt that pushed it. */
export type PushedXCom = {
  readonly attemptId: string;
  readonly key: string;
  readonly valueJson: string;
};

/** Rows by table and kind of write. */
export type CommitRows = {
  readonly changedRuns: readonly DagRun[];
  readonly newTaskInstances: readonly TaskInstance[];
  readonly changedTaskInstances: readonly TaskInstance[];
  /** Refused by their pool; they stay scheduled. */
  readonly heldTaskInstances: readonly TaskInstance[];
  readonly newAttempts: readonly TaskAttempt[];
  readonly endedAttempts: readonly TaskAttempt[];
  readonly xcoms: readonly PushedXCom[];
  readonly poolClaims: readonly PoolClaim[];
  readonly cursors: readonly ScheduleCursor[];
  readonly pauses: readonly DagPause[];
  readonly receipts: readonly CommandReceipt[];
  readonly auditEntries: readonly AuditEntry[];
};

/**
 * The rows of a request whose new runs with these ids were refused: their rows, claims, receipts
 * and audit entries are left out. Their cursors stay in: the date is served by the run that exists,
 * and a cursor that stood still would ask for it for ever. Where a commit gathered two changes of
 * one row, the later one counts.
 */
export function rowsOf(request: CommitRequest, refusedRunIds: ReadonlySet<string>): CommitRows {
  const kept = leaveOutRefused(request, refusedRunIds);
  return {
    changedRuns: lastOf(kept.changedRuns, (run) => run.id),
    newTaskInstances: kept.newTaskInstances,
    changedTaskInstances: lastOf(kept.changedTaskInstances, (instance) => instance.id),
    heldTaskInstances: [],
    newAttempts: kept.newAttempts,
    endedAttempts: lastOf(request.endedAttempts, (attempt) => attempt.attemptId),
    xcoms: lastOf(pushedXComs(request), (xcom) => `${xcom.attemptId} ${xcom.key}`),
    poolClaims: kept.poolClaims,
    cursors: lastOf(request.cursors, (cursor) => cursor.dagId),
    pauses: lastOf(request.pauses, (pause) => pause.dagId),
    receipts: kept.receipts,
    auditEntries: kept.auditEntries,
  };
}

/**
 * The rows after these task instances were refused by their pools. A new one is made as scheduled
 * and untried; a changed one goes back to scheduled and keeps the tries and the attempt it had;
 * attempts they would have got are not made.
 */
export function holdBack(rows: CommitRows, refusedIds: ReadonlySet<string>): CommitRows {
  if (refusedIds.size === 0) return rows;
  const isRefused = (instance: TaskInstance) => refusedIds.has(instance.id);
  return {
    ...rows,
    newTaskInstances: rows.newTaskInstances.map((instance) =>
      isRefused(instance) ? untried(instance) : instance,
    ),
    changedTaskInstances: rows.changedTaskInstances.filter((instance) => !isRefused(instance)),
    heldTaskInstances: rows.changedTaskInstances.filter(isRefused),
    newAttempts: rows.newAttempts.filter((attempt) => !refusedIds.has(attempt.taskInstanceId)),
  };
}

function leaveOutRefused(request: CommitRequest, refusedRunIds: ReadonlySet<string>) {
  if (refusedRunIds.size === 0) return request;
  const refusedRuns = request.newRuns.filter((run) => refusedRunIds.has(run.id));
  const refusedNames = new Set(refusedRuns.map((run) => nameOf(run)));
  const refusedInstances = new Set(
    request.newTaskInstances
      .filter((instance) => refusedRunIds.has(instance.dagRunId))
      .map((instance) => instance.id),
  );
  return {
    changedRuns: request.changedRuns.filter((run) => !refusedRunIds.has(run.id)),
    newTaskInstances: request.newTaskInstances.filter(({ id }) => !refusedInstances.has(id)),
    changedTaskInstances: request.changedTaskInstances.filter(
      ({ id }) => !refusedInstances.has(id),
    ),
    newAttempts: request.newAttempts.filter(
      ({ taskInstanceId }) => !refusedInstances.has(taskInstanceId),
    ),
    poolClaims: request.poolClaims.filter(
      ({ taskInstanceId }) => !refusedInstances.has(taskInstanceId),
    ),
    receipts: request.receipts.filter(({ dagRunId }) => !refusedRunIds.has(dagRunId)),
    auditEntries: request.auditEntries.filter((entry) => !refusedNames.has(nameOf(entry))),
  };
}

function nameOf(run: { readonly dagId: string; readonly runId: string }): string {
  return `${run.dagId} ${run.runId}`;
}

function pushedXComs(request: CommitRequest): readonly PushedXCom[] {
  return request.xcoms.flatMap(({ attemptId, xcoms }) =>
    xcoms.map(({ key, valueJson }) => ({ attemptId, key, valueJson })),
  );
}

function untried(instance: TaskInstance): TaskInstance {
  return {
    ...instance,
    state: TaskInstanceState.SCHEDULED,
    tryNumber: 0,
    epoch: 0n,
    attemptId: '',
    queuedAt: undefined,
    startDate: undefined,
    endDate: undefined,
  };
}

/** The last row under each key, at the place of the first. */
function lastOf<T>(rows: readonly T[], keyOf: (row: T) => string): readonly T[] {
  if (rows.length < 2) return rows;
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

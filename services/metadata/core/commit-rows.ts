// Which rows of a commit are written: each row once, nothing of refused runs, refused task
// instances held back.
import type { DagRun, TaskAttempt, TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type {
  AuditEntry,
  CommandReceipt,
  CommitRequest,
  DagPause,
  Deadline,
  KeyPause,
  PoolClaim,
  ScheduleCursor,
  SlaMiss,
  XComCarry,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Backfill, BackfillDate } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';

/** An XCom with the attempt that pushed it. */
export type PushedXCom = {
  readonly attemptId: string;
  readonly key: string;
  readonly valueJson: string;
};

/** A date with its backfill. */
export type PlacedDate = BackfillDate & { readonly backfillId: string };

/** An asset event taken from the queue of a DAG. */
export type TakenDelivery = {
  readonly dagId: string;
  readonly eventId: string;
  /** The run it started; empty when it is dropped. */
  readonly dagRunId: string;
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
  readonly assetEvents: readonly AssetEvent[];
  readonly takenDeliveries: readonly TakenDelivery[];
  readonly backfills: readonly Backfill[];
  readonly backfillDates: readonly PlacedDate[];
  readonly deadlines: readonly Deadline[];
  readonly slaMisses: readonly SlaMiss[];
  readonly keyPauses: readonly KeyPause[];
  /** Each to the attempt that goes on in the end. */
  readonly carriedXComs: readonly XComCarry[];
};

/**
 * The rows of a request whose new runs with these ids were refused: whatever names them is left
 * out, and the asset events they would have taken stay in their queues. Their cursors stay in: the
 * date is served by the run that exists, and a cursor that stood still would ask for it for ever.
 * Where a commit gathered two changes of one row, the later one counts.
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
    assetEvents: lastOf(kept.assetEvents, (event) => event.id),
    takenDeliveries: kept.consumedDeliveries.flatMap(({ dagId, dagRunId, eventIds }) =>
      eventIds.map((eventId) => ({ dagId, eventId, dagRunId })),
    ),
    backfills: backfillsOf(request.backfills),
    backfillDates: datesOf(request.backfills, kept.isRefusedName),
    deadlines: lastOf(kept.deadlines, (deadline) => deadline.deadlineId),
    slaMisses: lastOf(kept.slaMisses, (miss) => miss.taskInstanceId),
    keyPauses: lastOf(request.keyPauses, (pause) => `${pause.dagId} ${pause.key}`),
    carriedXComs: carriesOf(request.carriedXcoms, kept.newAttempts),
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
  const newAttempts = rows.newAttempts.filter(
    ({ taskInstanceId }) => !refusedIds.has(taskInstanceId),
  );
  return {
    ...rows,
    newTaskInstances: rows.newTaskInstances.map((instance) =>
      isRefused(instance) ? untried(instance) : instance,
    ),
    changedTaskInstances: rows.changedTaskInstances.filter((instance) => !isRefused(instance)),
    heldTaskInstances: rows.changedTaskInstances.filter(isRefused).map(heldBack),
    newAttempts,
    carriedXComs: carriesOf(rows.carriedXComs, newAttempts),
  };
}

function leaveOutRefused(request: CommitRequest, refusedRunIds: ReadonlySet<string>) {
  if (refusedRunIds.size === 0) return { ...request, isRefusedName: () => false };
  const refusedRuns = request.newRuns.filter((run) => refusedRunIds.has(run.id));
  const refusedNames = new Set(refusedRuns.map((run) => nameOf(run)));
  const refusedInstances = new Set(
    request.newTaskInstances
      .filter((instance) => refusedRunIds.has(instance.dagRunId))
      .map((instance) => instance.id),
  );
  const isKept = ({ dagRunId }: { readonly dagRunId: string }) => !refusedRunIds.has(dagRunId);
  const isRefusedName = (run: RunName) => refusedNames.has(nameOf(run));
  return {
    isRefusedName,
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
    receipts: request.receipts.filter(isKept),
    auditEntries: request.auditEntries.filter((entry) => !isRefusedName(entry)),
    assetEvents: request.assetEvents.filter(
      (event) => !isRefusedName({ dagId: event.sourceDagId, runId: event.sourceRunId }),
    ),
    consumedDeliveries: request.consumedDeliveries.filter(isKept),
    deadlines: request.deadlines.filter(isKept),
    slaMisses: request.slaMisses.filter(isKept),
  };
}

type RunName = { readonly dagId: string; readonly runId: string };

function nameOf(run: RunName): string {
  return `${run.dagId} ${run.runId}`;
}

/** Of two changes of one backfill the later says where it stands, the earlier all the rest. */
function backfillsOf(backfills: readonly Backfill[]): readonly Backfill[] {
  const byId = new Map<string, Backfill>();
  for (const backfill of backfills) {
    const { backfillId, state, activeRunsMax, completedAt } = backfill;
    const earlier = byId.get(backfillId) ?? backfill;
    byId.set(backfillId, { ...earlier, state, activeRunsMax, completedAt });
  }
  return [...byId.values()];
}

/**
 * The dates of all backfills. Of two changes of one date the later says what is done with it and
 * which run it has, the earlier all the rest: later ones may leave it out. A run that was refused
 * is not named.
 */
function datesOf(
  backfills: readonly Backfill[],
  isRefusedName: (run: RunName) => boolean,
): readonly PlacedDate[] {
  const dates = new Map<string, PlacedDate>();
  for (const { backfillId, dagId, dates: changed } of backfills) {
    for (const date of changed) {
      const key = `${backfillId} ${date.ordinal}`;
      const { action } = date;
      const runId = isRefusedName({ dagId, runId: date.runId }) ? '' : date.runId;
      dates.set(key, { ...(dates.get(key) ?? { ...date, backfillId }), action, runId });
    }
  }
  return [...dates.values()];
}

/**
 * The carries to attempts that are made. An attempt that waits again in the same commit passes on
 * what it was given.
 */
function carriesOf(
  carries: readonly XComCarry[],
  newAttempts: readonly TaskAttempt[],
): readonly XComCarry[] {
  const made = new Set(newAttempts.map((attempt) => attempt.attemptId));
  const next = new Map<string, string>();
  const earliestFirst = carries.filter((carry) => made.has(carry.toAttemptId));
  for (const { fromAttemptId, toAttemptId } of earliestFirst.toReversed()) {
    next.set(fromAttemptId, next.get(toAttemptId) ?? toAttemptId);
  }
  return earliestFirst.map((carry) => ({
    ...carry,
    toAttemptId: next.get(carry.fromAttemptId) ?? carry.toAttemptId,
  }));
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
    executionDeadline: undefined,
  };
}

/** A try that goes on keeps its deadline; one that would have begun has none yet. */
function heldBack(instance: TaskInstance): TaskInstance {
  const goesOn = instance.wait !== undefined || instance.reschedulesCount > 0;
  return goesOn ? instance : { ...instance, executionDeadline: undefined };
}

/** The last row under each key, at the place of the first. */
function lastOf<T>(rows: readonly T[], keyOf: (row: T) => string): readonly T[] {
  if (rows.length < 2) return rows;
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

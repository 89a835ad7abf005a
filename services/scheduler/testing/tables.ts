// The rows of a ledger in memory, with the constraints that the real tables have.
import { clone } from '@bufbuild/protobuf';
import {
  type DagRun,
  DagRunSchema,
  DagRunState,
  type TaskAttempt,
  TaskAttemptSchema,
  TaskAttemptState,
  type TaskInstance,
  TaskInstanceSchema,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  CommandReceipt,
  CommitRequest,
  DagRecord,
  DagVersionRecord,
  KeyPause,
  PoolClaim,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';

/** A pool's row. */
export type PoolRow = { slots: number; used: number };

/** Everything that is stored. */
export type Tables = {
  readonly runs: Map<string, DagRun>;
  readonly instances: Map<string, TaskInstance>;
  readonly attempts: Map<string, TaskAttempt>;
  /** JSON by `<attempt_id> <key>`. */
  readonly xcoms: Map<string, string>;
  readonly pools: Map<string, PoolRow>;
  readonly dags: Map<string, DagRecord>;
  readonly versions: Map<bigint, DagVersionRecord>;
  readonly receipts: Map<string, CommandReceipt>;
  readonly audits: CommitRequest['auditEntries'];
  /** By `<dag_id> <key>`. */
  readonly keyPauses: Map<string, KeyPause>;
};

/** Nothing but the pool that always exists. */
export function createTables(): Tables {
  return {
    runs: new Map(),
    instances: new Map(),
    attempts: new Map(),
    xcoms: new Map(),
    pools: new Map([['default_pool', { slots: 128, used: 0 }]]),
    dags: new Map(),
    versions: new Map(),
    receipts: new Map(),
    audits: [],
    keyPauses: new Map(),
  };
}

/** What a commit may not do. */
export type Refusals = {
  readonly runs: ReadonlySet<string>;
  readonly instances: ReadonlySet<string>;
};

/** The new runs whose run_id or logical date is taken. */
export function findTaken(tables: Tables, request: CommitRequest): Set<string> {
  const taken = new Set<string>();
  const all = [...tables.runs.values()];
  for (const run of request.newRuns) {
    const isTaken = all.some(
      (other) =>
        other.dagId === run.dagId &&
        (other.runId === run.runId || isSameDate(other.logicalDate, run.logicalDate)),
    );
    if (isTaken) taken.add(run.id);
    else all.push(run);
  }
  return taken;
}

/**
 * The instances whose pool has too few slots. What is given back counts first, and claims are
 * granted whole. `isUnlucky` says whether somebody else took the slots just before.
 */
export function findRefused(
  tables: Tables,
  claims: readonly PoolClaim[],
  isUnlucky: () => boolean,
): Set<string> {
  const free = new Map<string, number>();
  for (const [name, pool] of tables.pools) {
    free.set(name, pool.slots < 0 ? Number.POSITIVE_INFINITY : pool.slots - pool.used);
  }
  const move = (claim: PoolClaim) => {
    const left = free.get(claim.pool);
    if (left !== undefined) free.set(claim.pool, left - claim.slots);
  };
  for (const claim of claims) if (claim.slots < 0) move(claim);
  const refused = new Set<string>();
  for (const claim of claims) {
    if (claim.slots < 0) continue;
    if (isUnlucky() || (free.get(claim.pool) ?? 0) < claim.slots) refused.add(claim.taskInstanceId);
    else move(claim);
  }
  return refused;
}

/**
 * Writes a commit as PostgreSQL would: attempts end before new ones begin, and every constraint is
 * checked.
 */
export function write(tables: Tables, request: CommitRequest, refused: Refusals): void {
  const isOfRefusedRun = (runId: string) => refused.runs.has(runId);
  for (const run of request.newRuns) {
    if (!isOfRefusedRun(run.id)) tables.runs.set(run.id, clone(DagRunSchema, run));
  }
  for (const run of request.changedRuns) {
    const { state, queuedAt, startDate, endDate, clearNumber, stateReason } = run;
    const before = tables.runs.get(run.id);
    if (before === undefined) continue;
    const changed = { state, clearNumber, stateReason };
    Object.assign(before, { ...changed, queuedAt, startDate, endDate });
  }
  for (const instance of request.newTaskInstances) {
    if (isOfRefusedRun(instance.dagRunId)) continue;
    require(tables.runs.has(instance.dagRunId), `run of new instance ${instance.taskId}`);
    require(!tables.instances.has(instance.id), `instance ${instance.id} is new`);
    tables.instances.set(instance.id, writtenNew(instance, refused.instances));
  }
  for (const instance of request.changedTaskInstances) {
    const before = tables.instances.get(instance.id);
    if (before === undefined) continue;
    tables.instances.set(instance.id, writtenChange(before, instance, refused.instances));
  }
  writeAttempts(tables, request, refused);
  writeRest(tables, request, refused);
}

function writeAttempts(tables: Tables, request: CommitRequest, refused: Refusals): void {
  const ofRefusedRun = new Set(
    request.newTaskInstances
      .filter(({ dagRunId }) => refused.runs.has(dagRunId))
      .map(({ id }) => id),
  );
  for (const ended of request.endedAttempts) {
    const attempt = tables.attempts.get(ended.attemptId);
    if (attempt?.state !== TaskAttemptState.RUNNING) continue;
    tables.attempts.set(ended.attemptId, { ...clone(TaskAttemptSchema, ended) });
  }
  for (const attempt of request.newAttempts) {
    const { taskInstanceId } = attempt;
    if (refused.instances.has(taskInstanceId) || ofRefusedRun.has(taskInstanceId)) continue;
    require(tables.instances.has(taskInstanceId), `instance of attempt ${attempt.attemptId}`);
    const others = [...tables.attempts.values()].filter(
      (other) =>
        other.taskInstanceId === taskInstanceId && other.state === TaskAttemptState.RUNNING,
    );
    const isLive = attempt.state === TaskAttemptState.RUNNING;
    require(!isLive || others.length === 0, `one live attempt of instance ${taskInstanceId}`);
    tables.attempts.set(attempt.attemptId, clone(TaskAttemptSchema, attempt));
  }
}

function writeRest(tables: Tables, request: CommitRequest, refused: Refusals): void {
  for (const { attemptId, xcoms } of request.xcoms) {
    require(tables.attempts.has(attemptId), `attempt ${attemptId} of an xcom`);
    for (const { key, valueJson } of xcoms) tables.xcoms.set(`${attemptId} ${key}`, valueJson);
  }
  for (const claim of request.poolClaims) {
    const pool = tables.pools.get(claim.pool);
    const isKept = refused.instances.has(claim.taskInstanceId) && claim.slots > 0;
    if (pool === undefined || isKept || !tables.instances.has(claim.taskInstanceId)) continue;
    pool.used += claim.slots;
  }
  for (const [name, { slots, used }] of tables.pools) {
    require(used >= 0, `pool ${name} is not given back more than was taken`);
    require(slots < 0 || used <= slots, `pool ${name} is not overdrawn`);
  }
  for (const cursor of request.cursors) {
    const dag = tables.dags.get(cursor.dagId);
    if (dag !== undefined) dag.cursor = cursor;
  }
  for (const pause of request.pauses) {
    const dag = tables.dags.get(pause.dagId);
    if (dag !== undefined) dag.isPaused = pause.isPaused;
  }
  for (const receipt of request.receipts) {
    if (!refused.runs.has(receipt.dagRunId)) tables.receipts.set(receipt.requestId, receipt);
  }
  tables.audits.push(...request.auditEntries);
  for (const pause of request.keyPauses) {
    const name = `${pause.dagId} ${pause.key}`;
    if (pause.until === undefined) tables.keyPauses.delete(name);
    else tables.keyPauses.set(name, pause);
  }
}

/** Live runs, and what belongs to them. */
export function liveRuns(tables: Tables): DagRun[] {
  return [...tables.runs.values()].filter(
    ({ state }) => state === DagRunState.QUEUED || state === DagRunState.RUNNING,
  );
}

function writtenNew(instance: TaskInstance, refused: ReadonlySet<string>): TaskInstance {
  const row = clone(TaskInstanceSchema, instance);
  if (!refused.has(row.id)) return row;
  return { ...row, state: TaskInstanceState.SCHEDULED, tryNumber: 0, epoch: 0n, attemptId: '' };
}

function writtenChange(
  before: TaskInstance,
  instance: TaskInstance,
  refused: ReadonlySet<string>,
): TaskInstance {
  const row = clone(TaskInstanceSchema, instance);
  if (!refused.has(row.id)) return row;
  const { tryNumber, epoch, attemptId } = before;
  return { ...row, state: TaskInstanceState.SCHEDULED, tryNumber, epoch, attemptId };
}

function isSameDate(a: DagRun['logicalDate'], b: DagRun['logicalDate']): boolean {
  return a !== undefined && b !== undefined && a.seconds === b.seconds && a.nanos === b.nanos;
}

/** A constraint of the database. */
function require(holds: boolean, law: string): asserts holds {
  if (!holds) throw new Error(`constraint broken: ${law}`);
}

// What the next commit must carry: the objects whose rows differ from the ledger, and what is to be said once it is done.
import type { XCom } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Attempt, Dag, Instance, Receipt, Run } from './picture.ts';

/**
 * Rows are made from the objects when the commit is sealed, so several steps of one object in a batch become one write.
 */
export type ChangeSet = {
  readonly runs: Set<Run>;
  readonly instances: Set<Instance>;
  /** New ones and ended ones. */
  readonly attempts: Set<Attempt>;
  readonly xcoms: Map<Attempt, readonly XCom[]>;
  /** DAGs whose schedule moved on. */
  readonly cursors: Set<Dag>;
  readonly pauses: Set<Dag>;
  readonly receipts: Set<Receipt>;
  readonly audits: Set<Audit>;
  /** QUEUED instances that may not be leased before this commit is answered. */
  readonly heldBack: Set<Instance>;
  /** Attempts whose workers must be told to end them, once this is committed. */
  readonly cancels: Set<Attempt>;
  /** Size of the XComs, in characters of their JSON. */
  xcomsSize: number;
};

/** Who did what. */
export type Audit = {
  readonly actor: string;
  readonly action: string;
  readonly dag: Dag;
  readonly runId: string;
  readonly details: Readonly<Record<string, unknown>>;
};

/** Nothing changed. */
export function createChangeSet(): ChangeSet {
  return {
    runs: new Set(),
    instances: new Set(),
    attempts: new Set(),
    xcoms: new Map(),
    cursors: new Set(),
    pauses: new Set(),
    receipts: new Set(),
    audits: new Set(),
    heldBack: new Set(),
    cancels: new Set(),
    xcomsSize: 0,
  };
}

/** How many rows the commit will write. */
export function countRows(changes: ChangeSet): number {
  return (
    changes.runs.size +
    changes.instances.size +
    changes.attempts.size +
    changes.xcoms.size +
    changes.cursors.size +
    changes.pauses.size +
    changes.receipts.size +
    changes.audits.size
  );
}

/** Adds what an earlier batch could not commit to a later one; rows are made anew when that is sealed. */
export function mergeInto(later: ChangeSet, earlier: ChangeSet): void {
  addAll(later.runs, earlier.runs);
  addAll(later.instances, earlier.instances);
  addAll(later.attempts, earlier.attempts);
  for (const [attempt, xcoms] of earlier.xcoms) later.xcoms.set(attempt, xcoms);
  addAll(later.cursors, earlier.cursors);
  addAll(later.pauses, earlier.pauses);
  addAll(later.receipts, earlier.receipts);
  addAll(later.audits, earlier.audits);
  addAll(later.heldBack, earlier.heldBack);
  addAll(later.cancels, earlier.cancels);
  later.xcomsSize += earlier.xcomsSize;
}

/** Takes everything about a run out. */
export function withoutRun(changes: ChangeSet, run: Run): void {
  changes.runs.delete(run);
  for (const instance of run.instances) {
    changes.instances.delete(instance);
    changes.heldBack.delete(instance);
  }
  for (const attempt of changes.attempts) {
    if (attempt.instance.run !== run) continue;
    changes.attempts.delete(attempt);
    changes.cancels.delete(attempt);
    changes.xcoms.delete(attempt);
  }
}

/** Takes everything about a DAG out. */
export function withoutDag(changes: ChangeSet, dag: Dag): void {
  for (const run of changes.runs) if (run.dag === dag) changes.runs.delete(run);
  for (const instance of changes.instances) {
    if (instance.run.dag === dag) changes.instances.delete(instance);
  }
  for (const instance of changes.heldBack) {
    if (instance.run.dag === dag) changes.heldBack.delete(instance);
  }
  for (const attempt of changes.attempts) {
    if (attempt.instance.run.dag === dag) changes.attempts.delete(attempt);
  }
  ...
}

function addAll<T>(target: Set<T>, members: ReadonlySet<T>): void {
  for (const member of members) target.add(member);
}

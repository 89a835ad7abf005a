// What the next commit must carry: the objects whose rows differ from the ledger, and what is to be said once it is done.
import type { XCom } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Attempt, Dag, Instance, Run } from './picture.ts';

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
  readonly receipts: Set<NewReceipt>;
  readonly audits: Set<Audit>;
  /** QUEUED instances that may not be leased before this commit is answered. */
  readonly heldBack: Set<Instance>;
  /** Attempts whose workers must be told to end them, once this is committed. */
  readonly cancels: Set<Attempt>;
  /** Size of the XComs, in characters of their JSON. */
  xcomsSize: number;
};

/** The run a command creates, so that the same request gets the same answer. */
export type NewReceipt = { readonly requestId: string; readonly run: Run };

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

/** Takes out everything about the runs that `isGone` names, and about the DAGs that are not owned any more. */
export function dropGone(changes: ChangeSet, isGone: (run: Run) => boolean): void {
  const isDagGone = (dag: Dag) => !dag.isOwned;
  const isRunGone = (run: Run) => isDagGone(run.dag) || isGone(run);
  const isAttemptGone = (attempt: Attempt) => isRunGone(attempt.instance.run);
  removeIf(changes.runs, isRunGone);
  removeIf(changes.instances, (instance) => isRunGone(instance.run));
  removeIf(changes.heldBack, (instance) => isRunGone(instance.run));
  removeIf(changes.attempts, isAttemptGone);
  removeIf(changes.cancels, isAttemptGone);
  for (const attempt of changes.xcoms.keys()) {
    if (isAttemptGone(attempt)) changes.xcoms.delete(attempt);
  }
  removeIf(changes.cursors, isDagGone);
  removeIf(changes.pauses, isDagGone);
  removeIf(changes.receipts, (receipt) => isRunGone(receipt.run));
  removeIf(changes.audits, (audit) => isDagGone(audit.dag));
}

function addAll<T>(target: Set<T>, members: ReadonlySet<T>): void {
  for (const member of members) target.add(member);
}

function removeIf<T>(members: Set<T>, isGone: (member: T) => boolean): void {
  for (const member of members) if (isGone(member)) members.delete(member);
}

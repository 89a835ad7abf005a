// What the next commit must carry: the objects whose rows differ from the ledger, and what is to be
// done once it is answered.
import type { XCom } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Attempt, Dag, Instance, Receipt, Run } from './picture.ts';

/**
 * Rows are made from the objects when the commit is sealed, so several steps of one object in a
 * batch become one write.
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
  /** Attempts whose workers must be told to end them, once this is committed. */
  readonly cancels: Set<Attempt>;
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
    cancels: new Set(),
  };
}

/** How many rows the commit will write. */
export function countRows(changes: ChangeSet): number {
  const { runs, instances, attempts, xcoms, cursors, pauses, receipts, audits } = changes;
  const sets = [runs, instances, attempts, xcoms, cursors, pauses, receipts, audits];
  return sets.reduce((sum, { size }) => sum + size, 0);
}

/** Takes everything about DAGs that are no longer owned out. */
export function withoutLostDags(changes: ChangeSet): void {
  for (const run of changes.runs) if (!run.dag.isOwned) changes.runs.delete(run);
  for (const instance of changes.instances) {
    if (!instance.run.dag.isOwned) changes.instances.delete(instance);
  }
  for (const attempt of changes.attempts) {
    if (!attempt.instance.run.dag.isOwned) changes.attempts.delete(attempt);
  }
  for (const attempt of changes.xcoms.keys()) {
    if (!attempt.instance.run.dag.isOwned) changes.xcoms.delete(attempt);
  }
  for (const attempt of changes.cancels) {
    if (!attempt.instance.run.dag.isOwned) changes.cancels.delete(attempt);
  }
  for (const dag of changes.cursors) if (!dag.isOwned) changes.cursors.delete(dag);
  for (const dag of changes.pauses) if (!dag.isOwned) changes.pauses.delete(dag);
  for (const audit of changes.audits) if (!audit.dag.isOwned) changes.audits.delete(audit);
  for (const receipt of changes.receipts) {
    if (receipt.run !== undefined && !receipt.run.dag.isOwned) changes.receipts.delete(receipt);
  }
}

// What one commit carries, and the promise of its answer.
import { type ChangeSet, createChangeSet } from '../../core/change-set.ts';

export type Batch = {
  readonly changes: ChangeSet;
  /** Settled once the ledger has answered, or refused everything. */
  readonly answered: PromiseWithResolvers<void>;
};

/** A batch that carries nothing yet. */
export function createBatch(): Batch {
  const answered = Promise.withResolvers<void>();
  // Nobody may be waiting for this batch.
  answered.promise.catch(() => undefined);
  return { changes: createChangeSet(), answered };
}

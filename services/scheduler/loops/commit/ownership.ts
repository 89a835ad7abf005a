// What this scheduler owns: its session, the numbers of its commits, its partitions with their
// epochs.
import { uuidV7 } from '#kernel/clock/random.ts';
import { fail } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { CommitHead } from '../../core/load/rows.ts';

/** A partition that is owned; nothing is decided before its picture is loaded. */
export type OwnedPartition = { readonly epoch: bigint; readonly isLoaded: boolean };

export type Ownership = {
  /** New after each reset. */
  schedulerId(): string;
  readonly partitions: Map<number, OwnedPartition>;
  /** Who commits next, under which number. */
  head(): CommitHead;
  committed(commitSeq: bigint): void;
  /** Throws `not_owner` or `taking_over` unless the DAG's partition is owned and loaded. */
  requireDag(dagId: string): void;
  /** True when a DAG's partition is owned and loaded. */
  owns(dagId: string): boolean;
  /** True when a DAG's partition is owned, and its picture is on its way. */
  isLoading(dagId: string): boolean;
  /** Lets go of everything and begins a new session. */
  dropAll(): void;
  /** Sessions that were left and are still to be released. */
  takeLeft(): readonly string[];
};

/** Owns nothing yet. */
export function createOwnership(): Ownership {
  const partitions = new Map<number, OwnedPartition>();
  let left: string[] = [];
  let schedulerId = `scheduler-${uuidV7()}`;
  let commitSeq = 0n;
  return {
    schedulerId: () => schedulerId,
    partitions,
    head: () => ({
      schedulerId,
      commitSeq: commitSeq + 1n,
      epochOf: (partition) => partitions.get(partition)?.epoch ?? 0n,
    }),
    committed: (seq) => {
      commitSeq = seq;
    },
    requireDag: (dagId) => {
      const owned = partitions.get(partitionOf(dagId));
      if (owned === undefined) {
        throw fail('not_owner', `this scheduler does not own DAG ${dagId}; read the partition map`);
      }
      if (!owned.isLoaded) {
        throw fail('taking_over', `this scheduler is taking DAG ${dagId} over; retry soon`);
      }
    },
    isLoading: (dagId) => partitions.get(partitionOf(dagId))?.isLoaded === false,
    owns: (dagId) => partitions.get(partitionOf(dagId))?.isLoaded ?? false,
    dropAll: () => {
      partitions.clear();
      left.push(schedulerId);
      schedulerId = `scheduler-${uuidV7()}`;
      commitSeq = 0n;
    },
    takeLeft: () => {
      const taken = left;
      left = [];
      return taken;
    },
  };
}

// A scheduler's lease: its sign of life, and the even sharing of partitions that hangs on it.
//
// A partition's life: nobody's → taken by a live scheduler with room in its share (epoch + 1) →
// given up when that share shrank, released when its owner stops (epoch + 1), or lost when its
// owner fell silent → taken again (epoch + 1).
import { type Ownership, type Shift, shareOf, sharePartitions } from '../core/share-partitions.ts';
import { plainArray, textArray } from '../ledger/database/array.ts';
import type { Database, Transaction } from '../ledger/database/database.ts';
import { ledgerStatement, statementsOf } from '../ledger/database/statement.ts';

/** What a scheduler is told at its renewal. */
export type Lease = {
  readonly owned: readonly Owned[];
  /** Number of its last commit; 0 when it has made none. */
  readonly commitSeq: bigint;
  /** What it took and gave up just now. */
  readonly shift: Shift;
};

/** A partition with the number that fences its writer. */
export type Owned = { readonly partition: number; readonly epoch: bigint };

/** Who renews, and for how long. */
export type Renewal = {
  readonly schedulerId: string;
  readonly address: string;
  readonly ttlMs: number;
};

type Beat = {
  readonly partitions: readonly number[];
  readonly epochs: readonly string[];
  readonly is_new: boolean;
  readonly live_count: number;
  readonly has_ownerless: boolean;
  readonly has_lost_executors: boolean;
  readonly commit_seq: bigint;
};

const sql = statementsOf('mesh', import.meta.url);
const BEAT = sql<Beat>('beat_scheduler');
const LOCK_SHARING = sql('lock_sharing');
const LOCK_DEAD_SESSIONS = sql<{ readonly id: string }>('lock_dead_sessions');
const READ_OWNERSHIP = sql<Ownership & { readonly live_count: number }>('read_ownership');
const MOVE_PARTITIONS = sql('move_partitions');
const READ_OWNED = sql<Owned>('read_owned');
const DROP_LOST_EXECUTORS = sql<{ readonly id: string }>('drop_lost_executors');
const RELEASE_SCHEDULER = sql('release_scheduler');
const CALL_MAP_WATCHERS = sql('call_map_watchers');
const LOCK_SESSION = ledgerStatement('admission/lock_session');

const NO_SHIFT: Shift = { take: [], give: [] };

/**
 * Renews a scheduler's lease. One statement while nothing changes; a short transaction when
 * partitions move.
 */
export async function renewScheduler(database: Database, renewal: Renewal): Promise<Lease> {
  const { schedulerId, address, ttlMs } = renewal;
  const [beat] = await database.run(BEAT, [schedulerId, address, ttlMs]);
  if (beat === undefined) throw new Error('a sign of life answers one row');
  const commitSeq = beat.commit_seq;
  if (!mayShift(beat)) return { owned: ownedAt(beat), commitSeq, shift: NO_SHIFT };
  const lease = await database.transaction((transaction) =>
    shareAgain(transaction, schedulerId, beat.is_new),
  );
  return { ...lease, commitSeq };
}

/**
 * Ends a scheduler's session: waits for its commit, lets no other follow, leaves its partitions to
 * others.
 */
export async function releaseScheduler(database: Database, schedulerId: string): Promise<void> {
  await database.transaction((transaction) =>
    Promise.all([
      transaction.run(LOCK_SHARING),
      transaction.run(LOCK_SESSION, [schedulerId]),
      transaction.run(RELEASE_SCHEDULER, [schedulerId]),
      transaction.run(CALL_MAP_WATCHERS),
      transaction.commit(),
    ]),
  );
}

function mayShift(beat: Beat): boolean {
  const hasSurplus = beat.partitions.length > shareOf(beat.live_count);
  return beat.is_new || beat.has_ownerless || beat.has_lost_executors || hasSurplus;
}

async function shareAgain(
  transaction: Transaction,
  schedulerId: string,
  isNew: boolean,
): Promise<{ readonly owned: readonly Owned[]; readonly shift: Shift }> {
  const [, dead] = await Promise.all([
    transaction.run(LOCK_SHARING),
    transaction.run(LOCK_DEAD_SESSIONS),
  ]);
  const deadIds = textArray(dead.map((session) => session.id));
  const map = await transaction.run(READ_OWNERSHIP, [schedulerId, deadIds]);
  const shift = sharePartitions(map, map[0]?.live_count ?? 1);
  const [lostExecutors] = await Promise.all([
    transaction.run(DROP_LOST_EXECUTORS),
    ...movePartitions(transaction, schedulerId, shift),
  ]);
  const isChanged = isNew || shift.take.length + shift.give.length + lostExecutors.length > 0;
  const [owned] = await Promise.all([
    transaction.run(READ_OWNED, [schedulerId]),
    isChanged ? transaction.run(CALL_MAP_WATCHERS) : [],
    transaction.commit(),
  ]);
  return { owned, shift };
}

function movePartitions(
  transaction: Transaction,
  schedulerId: string,
  { take, give }: Shift,
): readonly Promise<unknown>[] {
  const taken = transaction.run(MOVE_PARTITIONS, [plainArray(take), schedulerId]);
  if (give.length === 0) return [taken];
  return [
    taken,
    // The giver may be committing to what it gives up: wait for that, and let the next commit see
    // that it is gone.
    transaction.run(LOCK_SESSION, [schedulerId]),
    transaction.run(MOVE_PARTITIONS, [plainArray(give), undefined]),
  ];
}

function ownedAt(beat: Beat): readonly Owned[] {
  return beat.partitions.map((partition, index) => ({
    partition,
    epoch: BigInt(beat.epochs[index] ?? 0),
  }));
}

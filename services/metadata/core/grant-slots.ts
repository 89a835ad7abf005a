// Who gets pool slots in one commit: first all that is given back, then the claims in order, each
// whole or not at all.
import type { PoolClaim } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';

/** What a pool has. */
export type Balance = {
  readonly pool: string;
  /** In all; −1 means infinite. */
  readonly slots: number;
  /** Taken; above `slots` after the limit was lowered. */
  readonly used: number;
  /** Whether tasks that wait off any worker keep their slots; nothing here depends on it. */
  readonly include_deferred?: boolean;
};

/** A claim as this module needs it. */
export type Claim = Pick<PoolClaim, 'pool' | 'slots' | 'taskInstanceId'>;

/** How slots move. */
export type Grant = {
  /** Task instances whose claim did not fit, or whose pool does not exist. */
  readonly refusedTaskInstanceIds: ReadonlySet<string>;
  /** Change of `used` by pool; pools that stay as they are do not appear. */
  readonly moves: ReadonlyMap<string, number>;
};

/** What the claims ask of the pools, before any is granted. */
export type Demand = {
  /** All pools the claims are about, by name. */
  readonly pools: readonly string[];
  /** Some slots are asked for; otherwise all are given back. */
  readonly asks: boolean;
  /** Some pool must give more than it gets back: its balance decides, so it has to be locked. */
  readonly mayGrow: boolean;
};

/** Sums up the claims. */
export function demandOf(claims: readonly Claim[]): Demand {
  const net = new Map<string, number>();
  for (const { pool, slots } of claims) net.set(pool, (net.get(pool) ?? 0) + slots);
  return {
    pools: [...net.keys()].sort(),
    asks: claims.some((claim) => claim.slots > 0),
    mayGrow: [...net.values()].some((slots) => slots > 0),
  };
}

/**
 * Grants the claims. `balances` must hold every pool from which slots are asked: one that it lacks
 * does not exist, and refuses. Pools to which slots are only given back need no balance.
 */
export function grantSlots(
  claims: readonly Claim[],
  balances: ReadonlyMap<string, Balance>,
): Grant {
  const moves = new Map<string, number>();
  const move = (pool: string, delta: number) => moves.set(pool, (moves.get(pool) ?? 0) + delta);
  for (const { pool, slots } of claims) if (slots < 0) move(pool, slots);

  const refused = new Set<string>();
  for (const { pool, slots, taskInstanceId } of claims.filter((claim) => claim.slots > 0)) {
    const balance = balances.get(pool);
    if (balance !== undefined && fits(balance, moves.get(pool) ?? 0, slots)) move(pool, slots);
    else refused.add(taskInstanceId);
  }
  for (const [pool, delta] of moves) if (delta === 0) moves.delete(pool);
  return { refusedTaskInstanceIds: refused, moves };
}

function fits(balance: Balance, moved: number, slots: number): boolean {
  // More may be given back than is counted as used, after somebody changed the pool by hand.
  const used = Math.max(0, balance.used + moved);
  return balance.slots < 0 || used + slots <= balance.slots;
}

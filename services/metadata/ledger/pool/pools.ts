// Pool slots within a commit: locked only when somebody could be refused, in the one order of their
// names.
import type { PoolClaim } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { type Balance, demandOf, type Grant, grantSlots } from '../../core/grant-slots.ts';
import { plainArray, textArray } from '../database/array.ts';
import type { Transaction } from '../database/database.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

const LOCK_POOLS = sql('pool/lock_pools');
const READ_BALANCES = sql<Balance>('pool/read_balances');
const MOVE_SLOTS = sql<Balance>('pool/move_slots');

/** The pools that a commit's claims are about, as they were read when it began. */
export type OpenPools = {
  readonly balances: readonly Balance[];
  readonly areLocked: boolean;
};

/**
 * Reads the pools when slots are asked of one, and locks them when one must give more than it gets
 * back. Otherwise each slot asked for is one that this commit gives back, and nobody else can take
 * it in between.
 */
export async function openPools(
  transaction: Transaction,
  claims: readonly PoolClaim[],
): Promise<OpenPools> {
  const { pools, asks, mayGrow } = demandOf(claims);
  return asks ? readPools(transaction, pools, mayGrow) : { balances: [], areLocked: false };
}

/**
 * Decides about the claims. Refuses on locked balances only, so that nobody is refused for a slot
 * that is free.
 */
export async function settleClaims(
  transaction: Transaction,
  claims: readonly PoolClaim[],
  opened: OpenPools,
): Promise<{ readonly grant: Grant; readonly pools: OpenPools }> {
  const grant = grantSlots(claims, byName(opened.balances));
  if (opened.areLocked || grant.refusedTaskInstanceIds.size === 0) return { grant, pools: opened };
  const pools = await readPools(transaction, demandOf(claims).pools, true);
  return { grant: grantSlots(claims, byName(pools.balances)), pools };
}

/** Moves the slots, and answers the balances of all pools the claims were about. */
export async function moveSlots(
  transaction: Transaction,
  grant: Grant,
  pools: OpenPools,
): Promise<readonly Balance[]> {
  const names = [...grant.moves.keys()];
  if (names.length === 0) return pools.balances;
  const sent = [
    pools.areLocked ? [] : transaction.run(LOCK_POOLS, [textArray(names)]),
    transaction.run(MOVE_SLOTS, [textArray(names), plainArray([...grant.moves.values()])]),
  ] as const;
  const [, moved] = await Promise.all(sent);
  return [...byName([...pools.balances, ...moved]).values()];
}

async function readPools(
  transaction: Transaction,
  names: readonly string[],
  areLocked: boolean,
): Promise<OpenPools> {
  const values = [textArray(names)];
  const [, balances] = await Promise.all([
    areLocked ? transaction.run(LOCK_POOLS, values) : [],
    transaction.run(READ_BALANCES, values),
  ]);
  return { balances, areLocked };
}

function byName(balances: readonly Balance[]): ReadonlyMap<string, Balance> {
  return new Map(balances.map((balance) => [balance.pool, balance]));
}

// Pools as people change them: made, given another limit, deleted. Their slots move in commits
// (`pools.ts`).
import type { Pool } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import type { Balance } from '../../core/grant-slots.ts';
import { CATALOG_CHANNEL, toNotices } from '../../feeds/catalog-feed.ts';
import { textArray } from '../database/array.ts';
import type { Database, Transaction } from '../database/database.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

const PUT_POOL = sql<{ readonly name: string }>('pool/put_pool');
const SET_SLOTS = sql('pool/set_slots');
const LOCK_POOLS = sql<{ readonly name: string }>('pool/lock_pools');
const READ_BALANCES = sql<Balance>('pool/read_balances');
const DELETE_POOL = sql('pool/delete_pool');
const NOTIFY = sql('pool/notify');
const INSERT_AUDIT_ENTRIES = sql('commit/insert_audit_entries');

/** The pool of tasks that name none; it cannot be deleted. */
export const DEFAULT_POOL = 'default_pool';

/**
 * Makes or replaces a pool; `pool_exists` when it must not be replaced. Slots in use stay in use
 * under a lower limit.
 */
export async function putPool(
  database: Database,
  pool: Pool,
  options: { readonly createOnly: boolean; readonly actor: string },
): Promise<void> {
  await database.transaction(async (transaction) => {
    const { name, description, includeDeferred } = pool;
    const replaces = !options.createOnly;
    const put = await transaction.run(PUT_POOL, [name, description, includeDeferred, replaces]);
    if (put.length === 0) {
      throw fail(
        'pool_exists',
        `pool "${pool.name}" exists already; replace it with: dagmesh pools set ${pool.name}`,
      );
    }
    const details = { slots: pool.slots, includeDeferred };
    await Promise.all([
      transaction.run(SET_SLOTS, [pool.name, pool.slots]),
      ...announce(transaction, {
        pool: pool.name,
        action: 'put_pool',
        details,
        actor: options.actor,
      }),
      transaction.commit(),
    ]);
  });
}

/** Deletes a pool that nothing uses: `pool_protected`, `pool_not_found`, `pool_in_use`. */
export async function deletePool(database: Database, name: string, actor: string): Promise<void> {
  if (name === DEFAULT_POOL) {
    throw fail(
      'pool_protected',
      `pool "${DEFAULT_POOL}" cannot be deleted; change its slots: dagmesh pools set ${DEFAULT_POOL}`,
    );
  }
  await database.transaction(async (transaction) => {
    const values = [textArray([name])];
    const [found, [balance]] = await Promise.all([
      transaction.run(LOCK_POOLS, values),
      transaction.run(READ_BALANCES, values),
    ]);
    if (found.length === 0) throw notFound('pool', name);
    if (balance !== undefined && balance.used > 0) {
      const { used } = balance;
      throw fail(
        'pool_in_use',
        `pool "${name}" has ${used} slots in use; wait until its tasks are done: dagmesh pools list`,
      );
    }
    await Promise.all([
      transaction.run(DELETE_POOL, [name]),
      ...announce(transaction, { pool: name, action: 'delete_pool', details: {}, actor }),
      transaction.commit(),
    ]);
  });
}

function announce(
  transaction: Transaction,
  change: {
    readonly pool: string;
    readonly action: string;
    readonly actor: string;
    readonly details: object;
  },
): readonly Promise<unknown>[] {
  const { pool, action, actor, details } = change;
  const entry = [actor, action, '', '', '', JSON.stringify({ pool, ...details })];
  return [
    transaction.run(
      INSERT_AUDIT_ENTRIES,
      entry.map((value) => textArray([value])),
    ),
    transaction.run(NOTIFY, [CATALOG_CHANNEL, textArray(toNotices({ dagIds: [], pools: [pool] }))]),
  ];
}

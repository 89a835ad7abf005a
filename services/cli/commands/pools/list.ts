// `dagmesh pools list`: the pools and how full they are.
import { type Pool, PoolSchema, PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { command } from '../../command.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';

const COLUMNS: readonly Column<Pool>[] = [
  { title: 'name', cell: (pool) => pool.name },
  {
    title: 'slots',
    cell: (pool) => (pool.slots < 0 ? 'infinite' : `${pool.slots}`),
    align: 'right',
  },
  { title: 'used', cell: (pool) => String(pool.usedSlots), align: 'right' },
  { title: 'free', cell: freeSlots, align: 'right' },
  { title: 'deferred', cell: (pool) => (pool.includeDeferred ? 'count' : ''), wide: true },
  { title: 'description', cell: (pool) => pool.description },
];

export const listPools = command({
  path: 'pools list',
  summary: 'List pools with the slots taken',
  calls: [PoolService.method.listPools],
  options: { limit: limitOption },
  examples: ['dagmesh pools list'],
  run: async ({ options }, { api, screen }) => {
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.pools.listPools(page),
      rowsOf: (page) => page.pools,
    });
    showList(screen, {
      rows,
      plain: (pool) => toPlain(PoolSchema, pool),
      columns: COLUMNS,
      empty: 'There are no pools. Set one: dagmesh pools set <name> <slots>',
    });
  },
});

function freeSlots(pool: Pool): string {
  return pool.slots < 0 ? 'infinite' : String(Math.max(0, pool.slots - pool.usedSlots));
}

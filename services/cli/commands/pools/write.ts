// `dagmesh pools set` and `delete`.
import { InvalidArgumentError } from 'commander';
import { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { command, flag, required, requiredAs, text } from '../../command.ts';
import { parseWhole } from '../../core/arguments.ts';

const SLOTS_MAX = 2_147_483_647;

export const setPool = command({
  path: 'pools set',
  summary: 'Add a pool, or change it',
  about: 'With fewer slots than are taken, nothing new takes one until enough are free.',
  calls: [PoolService.method.putPool, PoolService.method.createPool],
  args: {
    name: required('<name>', 'its name'),
    slots: requiredAs('<slots>', 'slots in all, or "infinite"', parseSlots),
  },
  options: {
    isNew: flag('--new', 'refuse to change one (exit code 6)'),
    description: text('--description <text>', 'for people'),
    includeDeferred: flag('--include-deferred', 'tasks that wait for a trigger keep their slots'),
  },
  examples: [
    'dagmesh pools set etl 4 --include-deferred',
    'dagmesh pools set default_pool infinite',
  ],
  run: async ({ args, options }, { api, screen }) => {
    const { description = '', includeDeferred } = options;
    const pool = { ...args, description, includeDeferred };
    if (options.isNew) await api.pools.createPool({ pool });
    else await api.pools.putPool({ pool });
    screen.say(`Set pool ${args.name}.`);
  },
});

export const deletePool = command({
  path: 'pools delete',
  summary: 'Delete a pool',
  about: 'Exit code 6 when a DAG uses it; default_pool cannot be deleted.',
  calls: [PoolService.method.deletePool],
  args: { name: required('<name>', 'its name') },
  examples: ['dagmesh pools delete etl'],
  run: async ({ args }, { api, screen }) => {
    await api.pools.deletePool({ name: args.name });
    screen.say(`Deleted pool ${args.name}.`);
  },
});

/** −1 is the contract's word for infinite; a leading minus would be taken for an option. */
function parseSlots(text: string): number {
  if (text.toLowerCase() === 'infinite') return -1;
  try {
    return parseWhole({ min: 0, max: SLOTS_MAX })(text);
  } catch {
    throw new InvalidArgumentError('It must be a whole number from 0, or "infinite".');
  }
}

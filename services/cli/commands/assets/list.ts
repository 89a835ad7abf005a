// `dagmesh assets list`: the assets that DAGs name.
import { AssetSchema, AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { command, flag, text } from '../../command.ts';
import { toPlain } from '../../core/plain.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';
import { assetColumns } from './columns.ts';

export const listAssets = command({
  path: 'assets list',
  summary: 'List assets',
  calls: [AssetService.method.listAssets],
  options: {
    contains: text('--contains <text>', 'only those whose name or URI contains this text'),
    dagId: text('-d, --dag <dag-id>', 'only those that this DAG makes, reads or waits for'),
    all: flag('-a, --all', 'also those that no active DAG names'),
    limit: limitOption,
  },
  examples: ['dagmesh assets list', 'dagmesh assets list --dag seattle_weather -o wide'],
  run: async ({ options }, { api, screen, clock }) => {
    const { contains = '', dagId = '', all } = options;
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.assets.listAssets({ ...page, contains, dagId, includeInactive: all }),
      rowsOf: (page) => page.assets,
    });
    showList(screen, {
      rows,
      plain: (asset) => toPlain(AssetSchema, asset),
      columns: assetColumns(clock.nowMs()),
      empty:
        contains === '' && dagId === ''
          ? 'There are no assets. They come with the DAGs that name them: dagmesh dags list'
          : 'No asset is like that. See them all: dagmesh assets list --all',
    });
  },
});

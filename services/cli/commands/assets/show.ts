// `dagmesh assets show`: one asset, who makes, watches and uses it.
import { AssetService, GetAssetResponseSchema } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command } from '../../command.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { drawPairs } from '../../core/table.ts';
import { localIso, relative } from '../../core/when.ts';
import { showOne } from '../../screen.ts';
import { useName, watcherWords } from './columns.ts';
import { assetArgument, placeOf } from './place.ts';

export const showAsset = command({
  path: 'assets show',
  alias: 'details',
  summary: 'Show an asset, who makes, watches and uses it',
  calls: [AssetService.method.getAsset],
  args: { asset: assetArgument },
  examples: ['dagmesh assets show weather', 'dagmesh assets show s3://lake/weather'],
  run: async ({ args }, { api, screen, clock }) => {
    const answer = await api.assets.getAsset(placeOf(args.asset));
    const { asset, producers, consumers, readers, aliases, watchers } = answer;
    if (asset === undefined) return;
    const updatedMs = fromTimestamp(asset.lastEventTime);
    const updated =
      updatedMs === undefined
        ? 'never'
        : `${localIso(updatedMs)} (${relative(updatedMs, clock.nowMs())})`;
    showOne(screen, toPlain(GetAssetResponseSchema, answer), () =>
      drawPairs([
        ['name', visible(asset.name)],
        ['uri', visible(asset.uri)],
        ['group', visible(asset.group)],
        ['active', asset.isActive ? 'yes' : 'no'],
        ['updated', updated],
        ['made by', visible(producers.map(useName).join(', '))],
        ...watchers.map((each) => ['watcher', visible(watcherWords(each, clock.nowMs()))] as const),
        ['starts', visible(consumers.map(useName).join(', '))],
        ['read by', visible(readers.map(useName).join(', '))],
        ['aliases', visible(aliases.join(', '))],
        ['extra', visible(asset.extraJson)],
      ]),
    );
  },
});

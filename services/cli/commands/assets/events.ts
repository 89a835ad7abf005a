// `dagmesh assets events` and `emit`: updates of assets, and saying that there was one.
import {
  AssetService,
  CreateAssetEventResponseSchema,
} from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { command, optional, parsed, text } from '../../command.ts';
import { parseInstantMs, parseJsonObject } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList, showOne } from '../../screen.ts';
import { eventColumns } from './columns.ts';
import { assetArgument, placeOf } from './place.ts';

export const listEvents = command({
  path: 'assets events',
  summary: 'List updates of assets, latest first',
  calls: [AssetService.method.listAssetEvents],
  args: { assetName: optional('[asset]', 'only of the asset of this name') },
  options: {
    dagId: text('-d, --dag <dag-id>', 'only those made by this DAG'),
    runId: text('-r, --run <run-id>', 'only those made by this run of it'),
    taskId: text('-t, --task <task-id>', 'only those made by this task of it'),
    fromMs: parsed('--from <instant>', 'only since then, ISO 8601, UTC by default', parseInstantMs),
    toMs: parsed('--to <instant>', 'only until then, inclusive', parseInstantMs),
    limit: limitOption,
  },
  examples: [
    'dagmesh assets events weather',
    'dagmesh assets events --dag seattle_weather -o json',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const { dagId = '', runId = '', taskId = '', fromMs, toMs } = options;
    const filter = {
      assetName: args.assetName ?? '',
      sourceDagId: dagId,
      sourceRunId: runId,
      sourceTaskId: taskId,
      ...(fromMs === undefined ? {} : { timestampFrom: toTimestamp(fromMs) }),
      ...(toMs === undefined ? {} : { timestampTo: toTimestamp(toMs) }),
    };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.assets.listAssetEvents({ ...page, ...filter }),
      rowsOf: (page) => page.events,
    });
    showList(screen, {
      rows,
      plain: (event) => toPlain(AssetEventSchema, event),
      columns: eventColumns(clock.nowMs()),
      empty: 'There was no such update. Say that there was one: dagmesh assets emit <asset>',
    });
  },
});

export const emitEvent = command({
  path: 'assets emit',
  summary: 'Say that an asset was updated',
  about: 'DAGs that wait for it run, as if a task had updated it. Prints the id of the update.',
  calls: [AssetService.method.createAssetEvent],
  args: { asset: assetArgument },
  options: {
    extra: parsed('--extra <json>', 'what there is to know about it: an object', parseJsonObject),
    partitionKey: text('--partition-key <key>', 'the part of the asset that was updated'),
  },
  examples: [
    'dagmesh assets emit weather',
    `dagmesh assets emit weather --extra '{"rows": 1461}' --partition-key 2026-01-31`,
  ],
  run: async ({ args, options }, { api, screen }) => {
    const answer = await api.assets.createAssetEvent({
      ...placeOf(args.asset),
      extraJson: options.extra ?? '',
      partitionKey: options.partitionKey ?? '',
    });
    showOne(screen, toPlain(CreateAssetEventResponseSchema, answer), () =>
      visible(answer.event?.id ?? ''),
    );
    screen.say(`Recorded. See who waits for it: dagmesh assets show ${args.asset}`);
  },
});

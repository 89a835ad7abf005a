// `dagmesh assets materialize`: run the DAG that makes an asset.
import {
  AssetService,
  MaterializeAssetResponseSchema,
} from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { DagRunSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { command, flag, parsed, text } from '../../command.ts';
import { parseInstantMs, parseJsonObject } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { isForPeople, showOne } from '../../screen.ts';
import { PAUSED_CALL, sayIfPaused } from '../runs/paused.ts';
import { timeoutOption, untilFinished, verdict } from '../runs/wait.ts';
import { assetArgument, placeOf } from './place.ts';

export const materializeAsset = command({
  path: 'assets materialize',
  summary: 'Run the DAG that makes an asset',
  about:
    'Prints DAG and run id. With --wait: exit code 0 when the run succeeded, 1 when it failed.',
  calls: [AssetService.method.materializeAsset, PAUSED_CALL],
  args: { asset: assetArgument },
  options: {
    dagId: text('-d, --dag <dag-id>', 'which of the DAGs that make it; needed when several do'),
    conf: parsed('-c, --conf <json>', 'params of the run, as a JSON object', parseJsonObject),
    logicalDateMs: parsed(
      '-l, --logical-date <instant>',
      'the instant the run is about, ISO 8601, UTC unless it says otherwise',
      parseInstantMs,
    ),
    partitionKey: text('--partition-key <key>', 'the part of the asset to make'),
    note: text('--note <text>', 'written beside the run'),
    wait: flag('-w, --wait', 'wait until the run has finished'),
    timeoutMs: timeoutOption,
  },
  examples: [
    'dagmesh assets materialize weather',
    'dagmesh assets materialize weather --dag seattle_weather --wait --timeout 10m',
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    const { logicalDateMs } = options;
    const answer = await api.assets.materializeAsset({
      ...placeOf(args.asset),
      dagId: options.dagId ?? '',
      confJson: options.conf ?? '',
      partitionKey: options.partitionKey ?? '',
      note: options.note ?? '',
      ...(logicalDateMs === undefined ? {} : { logicalDate: toTimestamp(logicalDateMs) }),
    });
    const key = { dagId: answer.dagId, runId: answer.runId };
    if (!options.wait || isForPeople(screen)) {
      showOne(screen, toPlain(MaterializeAssetResponseSchema, answer), () =>
        visible(`${key.dagId} ${key.runId}`),
      );
    }
    screen.say(`Triggered. See how it goes: dagmesh runs show ${key.dagId} ${key.runId}`);
    await sayIfPaused(context, key.dagId);
    if (!options.wait) return;
    const run = await untilFinished(context, key, options.timeoutMs);
    if (!isForPeople(screen)) showOne(screen, toPlain(DagRunSchema, run), () => '');
    return verdict(context, run);
  },
});

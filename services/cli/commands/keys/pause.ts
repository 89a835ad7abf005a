// `dagmesh keys pause` and `unpause`: hold back what names a limit key of a DAG, or let it go.
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { command, parsed, required } from '../../command.ts';
import { parseInstantMs, parseSpanMs } from '../../core/arguments.ts';
import { localIso } from '../../core/when.ts';

const keyArguments = {
  dagId: required('<dag-id>', 'the DAG'),
  key: required('<key>', 'the key, as the tasks name it'),
};

export const pauseKey = command({
  path: 'keys pause',
  summary: 'Let nothing that names a limit key begin for a while',
  about: 'What is running goes on. E.g. when an API says that it has had enough of you.',
  calls: [DagService.method.pauseKey],
  args: keyArguments,
  options: {
    spanMs: parsed('--for <span>', 'for so long, e.g. 90s, 5m, 2h', parseSpanMs),
    untilMs: parsed(
      '--until <instant>',
      'until then, ISO 8601, UTC unless it says otherwise',
      parseInstantMs,
    ),
  },
  examples: [
    'dagmesh keys pause seattle_weather noaa_api --for 15m',
    'dagmesh keys pause seattle_weather noaa_api --until 2026-02-01T06:00:00+01:00',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const { spanMs, untilMs } = options;
    if ((spanMs === undefined) === (untilMs === undefined)) {
      throw fail('bad_request', 'Say for how long, with --for or --until.');
    }
    const endMs = untilMs ?? clock.nowMs() + (spanMs ?? 0);
    await api.dags.pauseKey({ ...args, until: toTimestamp(endMs) });
    const sooner = `dagmesh keys unpause ${args.dagId} ${args.key}`;
    screen.say(`Paused ${args.key} until ${localIso(endMs)}. To end that sooner: ${sooner}`);
  },
});

export const unpauseKey = command({
  path: 'keys unpause',
  summary: 'End the pause of a limit key',
  calls: [DagService.method.pauseKey],
  args: keyArguments,
  examples: ['dagmesh keys unpause seattle_weather noaa_api'],
  run: async ({ args }, { api, screen }) => {
    await api.dags.pauseKey(args);
    screen.say(`Unpaused ${args.key}.`);
  },
});

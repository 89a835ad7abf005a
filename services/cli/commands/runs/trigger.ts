// `dagmesh runs trigger`, and its twin `dags trigger`: run a DAG now, and wait for it if asked to.
import {
  DagRunService,
  TriggerDagRunResponseSchema,
} from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagRunSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { command, flag, parsed, required, text } from '../../command.ts';
import { parseInstantMs, parseJsonObject } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { isForPeople, showOne } from '../../screen.ts';
import { PAUSED_CALL, sayIfPaused } from './paused.ts';
import { timeoutOption, untilFinished, verdict } from './wait.ts';

/** Somebody wants a run that is about no instant. */
const NO_DATE = 'none';

const triggerOptions = {
  conf: parsed('-c, --conf <json>', 'params of the run, as a JSON object', parseJsonObject),
  runId: text('-r, --run-id <id>', 'id of the run; default manual__<now>'),
  logicalDateMs: parsed(
    '-l, --logical-date <instant>',
    'the instant the run is about, ISO 8601, UTC unless it says otherwise, or `none`; ' +
      'default: now, and none with a partition key',
    (text: string) => (text === 'none' ? NO_DATE : parseInstantMs(text)),
  ),
  intervalStartMs: parsed(
    '--interval-start <instant>',
    'start of the data it covers; default: as the schedule says',
    parseInstantMs,
  ),
  intervalEndMs: parsed('--interval-end <instant>', 'end of that data', parseInstantMs),
  runAfterMs: parsed('--run-after <instant>', 'not before this instant', parseInstantMs),
  partitionKey: text('--partition-key <key>', 'the part of the data it is about'),
  note: text('--note <text>', 'written beside the run'),
  wait: flag('-w, --wait', 'wait until the run has finished'),
  timeoutMs: timeoutOption,
};

export const triggerRun = triggerCommand('runs trigger');
export const triggerDag = triggerCommand('dags trigger');

function triggerCommand(path: string) {
  return command({
    path,
    summary: 'Run a DAG now',
    about: 'Prints the run id. With --wait: exit code 0 when the run succeeded, 1 when it failed.',
    calls: [DagRunService.method.triggerDagRun, DagRunService.method.waitDagRun, PAUSED_CALL],
    args: { dagId: required('<dag-id>', 'the DAG') },
    options: triggerOptions,
    examples: [
      `dagmesh ${path} seattle_weather`,
      `dagmesh ${path} seattle_weather --conf '{"year": 2015}' --wait --timeout 10m`,
      `dagmesh ${path} seattle_weather -l 2026-01-31 --note "after the outage"`,
    ],
    run: async ({ args, options }, context) => {
      const { api, screen } = context;
      if ((options.intervalStartMs === undefined) !== (options.intervalEndMs === undefined)) {
        throw fail('bad_request', '--interval-start and --interval-end go together.');
      }
      const answer = await api.runs.triggerDagRun({
        dagId: args.dagId,
        runId: options.runId ?? '',
        confJson: options.conf ?? '',
        note: options.note ?? '',
        partitionKey: options.partitionKey ?? '',
        ...instants(options, context.clock.nowMs()),
      });
      const { runId } = answer;
      const key = { dagId: args.dagId, runId };
      if (!options.wait) {
        showOne(screen, toPlain(TriggerDagRunResponseSchema, answer), () => visible(runId));
        screen.say(`Triggered. See how it goes: dagmesh runs show ${args.dagId} ${runId}`);
        await sayIfPaused(context, args.dagId);
        return;
      }
      // A document can only be printed once, when all of it is known; a person wants the id now.
      if (isForPeople(screen)) screen.print(visible(runId));
      screen.say('Triggered. Waiting for its end; Ctrl-C ends the waiting, not the run.');
      await sayIfPaused(context, args.dagId);
      const run = await untilFinished(context, key, options.timeoutMs);
      if (!isForPeople(screen)) showOne(screen, toPlain(DagRunSchema, run), () => '');
      return verdict(context, run);
    },
  });
}

/** The instants that were given, and what the run is about when nobody says; others stay absent. */
function instants(
  options: {
    readonly logicalDateMs: number | typeof NO_DATE | undefined;
    readonly intervalStartMs: number | undefined;
    readonly intervalEndMs: number | undefined;
    readonly runAfterMs: number | undefined;
    readonly partitionKey: string | undefined;
  },
  nowMs: number,
) {
  const { intervalStartMs, intervalEndMs, runAfterMs, partitionKey } = options;
  const { logicalDateMs = partitionKey === undefined ? nowMs : NO_DATE } = options;
  return {
    ...(logicalDateMs === NO_DATE ? {} : { logicalDate: toTimestamp(logicalDateMs) }),
    ...(intervalStartMs === undefined ? {} : { dataIntervalStart: toTimestamp(intervalStartMs) }),
    ...(intervalEndMs === undefined ? {} : { dataIntervalEnd: toTimestamp(intervalEndMs) }),
    ...(runAfterMs === undefined ? {} : { runAfter: toTimestamp(runAfterMs) }),
  };
}

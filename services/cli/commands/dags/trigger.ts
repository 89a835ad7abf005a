// `dagmesh dags trigger`: run a DAG now, and wait for it if asked to.
import {
  DagRunService,
  TriggerDagRunResponseSchema,
} from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagRunSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { command, flag, parsed, required, text } from '../../command.ts';
import { parseInstantMs, parseJsonObject } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { isForPeople, showOne } from '../../screen.ts';
import { timeoutOption, untilFinished, verdict } from '../runs/wait.ts';

export const triggerDag = command({
  path: 'dags trigger',
  summary: 'Run a DAG now',
  about: 'Prints the run id. With --wait: exit code 0 when the run succeeded, 1 when it failed.',
  calls: [DagRunService.method.triggerDagRun, DagRunService.method.waitDagRun],
  args: { dagId: required('<dag-id>', 'the DAG') },
  options: {
    conf: parsed('-c, --conf <json>', 'params of the run, as a JSON object', parseJsonObject),
    runId: text('-r, --run-id <id>', 'id of the run; default manual__<now>'),
    logicalDateMs: parsed(
      '-l, --logical-date <instant>',
      'the instant the run is about, ISO 8601, UTC unless it says otherwise',
      parseInstantMs,
    ),
    wait: flag('-w, --wait', 'wait until the run has finished'),
    timeoutMs: timeoutOption,
  },
  examples: [
    'dagmesh dags trigger seattle_weather',
    `dagmesh dags trigger seattle_weather --conf '{"year": 2015}' --wait --timeout 10m`,
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    const { logicalDateMs } = options;
    const answer = await api.runs.triggerDagRun({
      dagId: args.dagId,
      runId: options.runId ?? '',
      confJson: options.conf ?? '',
      ...(logicalDateMs === undefined ? {} : { logicalDate: toTimestamp(logicalDateMs) }),
    });
    const { runId } = answer;
    const key = { dagId: args.dagId, runId };
    if (!options.wait) {
      showOne(screen, toPlain(TriggerDagRunResponseSchema, answer), () => visible(runId));
      screen.say(`Triggered. See how it goes: dagmesh runs show ${args.dagId} ${runId}`);
      return;
    }
    // A document can only be printed once, when all of it is known; a person wants the id now.
    if (isForPeople(screen)) screen.print(visible(runId));
    screen.say('Triggered. Waiting for its end; Ctrl-C ends the waiting, not the run.');
    const run = await untilFinished(context, key, options.timeoutMs);
    if (!isForPeople(screen)) showOne(screen, toPlain(DagRunSchema, run), () => '');
    return verdict(context, run);
  },
});

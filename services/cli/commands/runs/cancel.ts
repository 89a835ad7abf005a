// `dagmesh runs cancel`: fail a run and end what it is doing.
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { command, required } from '../../command.ts';
import { runState } from './columns.ts';
import { resolveRunId, runArgument } from './latest.ts';
import { isFinished } from './wait.ts';

export const cancelRun = command({
  path: 'runs cancel',
  summary: 'Fail a run and cancel what it is doing',
  about: 'A run that has finished is left alone.',
  calls: [DagRunService.method.cancelDagRun, DagRunService.method.getDagRun],
  args: { dagId: required('<dag-id>', 'the DAG'), runId: runArgument },
  examples: ['dagmesh runs cancel seattle_weather latest'],
  run: async ({ args }, { api, screen }) => {
    const key = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const { run } = await api.runs.getDagRun(key);
    if (run !== undefined && isFinished(run)) {
      screen.say(`${key.runId} has finished already: it is ${runState(run)}.`);
      return;
    }
    const { cancelledAttemptsCount } = await api.runs.cancelDagRun(key);
    const what = cancelledAttemptsCount === 1 ? 'attempt is' : 'attempts are';
    screen.say(`Cancelled ${key.runId}: ${cancelledAttemptsCount} ${what} being ended.`);
  },
});

// `dagmesh runs show`: one run with its tasks.
import {
  DagRunService,
  type GetDagRunResponse,
  GetDagRunResponseSchema,
} from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { type DagRun, RunTypeSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, required } from '../../command.ts';
import { visible } from '../../core/escape.ts';
import { stateColour } from '../../core/paint.ts';
import { enumName, toPlain } from '../../core/plain.ts';
import { drawPairs } from '../../core/table.ts';
import { localIso } from '../../core/when.ts';
import { drawRows, type Screen, showOne } from '../../screen.ts';
import { taskByTask, taskColumns } from '../tasks/columns.ts';
import { runState, runTook } from './columns.ts';
import { resolveRunId, runArgument } from './latest.ts';

/** A wider run shows its first tasks; `tasks list` shows them all. */
const TASKS_SHOWN_MAX = 50;

export const showRun = command({
  path: 'runs show',
  summary: 'Show a run and its tasks',
  calls: [DagRunService.method.getDagRun, TaskInstanceService.method.listTaskInstances],
  args: { dagId: required('<dag-id>', 'the DAG'), runId: runArgument },
  examples: ['dagmesh runs show seattle_weather latest'],
  run: async ({ args }, { api, screen, clock }) => {
    const key = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const [answer, tasks] = await Promise.all([
      api.runs.getDagRun(key),
      api.tasks.listTaskInstances({ ...key, pageSize: TASKS_SHOWN_MAX }),
    ]);
    const { run } = answer;
    if (run === undefined) return;
    showOne(screen, toPlain(GetDagRunResponseSchema, answer), () => {
      const facts = describeRun(run, answer, screen, clock.nowMs());
      const rows = taskByTask(tasks.taskInstances);
      const table = drawRows(screen, taskColumns(clock.nowMs()), rows);
      return `${facts}\n\n${table}`;
    });
    if (tasks.nextPageToken !== '') {
      screen.say(`There are more tasks: dagmesh tasks list ${key.dagId} ${key.runId}`);
    }
  },
});

function describeRun(
  run: DagRun,
  { taskCounts, assetEvents }: GetDagRunResponse,
  screen: Screen,
  nowMs: number,
): string {
  const state = runState(run);
  const colour = stateColour(state);
  const counts = Object.entries(taskCounts).map(([name, count]) => `${count} ${name}`);
  const assets = [...new Set(assetEvents.map((event) => event.assetName))].join(', ');
  const intervalStartMs = fromTimestamp(run.dataIntervalStart);
  const intervalEnd = localIso(fromTimestamp(run.dataIntervalEnd));
  const interval = `${localIso(intervalStartMs)} to ${intervalEnd}`;
  return drawPairs([
    ['dag_id', visible(run.dagId)],
    ['run_id', visible(run.runId)],
    ['state', colour === undefined ? state : screen.paint(state, colour)],
    ['reason', visible(run.stateReason)],
    ['tasks', visible(counts.join(', '))],
    ['type', enumName(RunTypeSchema, run.runType)],
    ['triggered by', visible(run.triggeredBy)],
    ['logical_date', localIso(fromTimestamp(run.logicalDate))],
    ['data interval', intervalStartMs === undefined ? undefined : interval],
    ['queued', localIso(fromTimestamp(run.queuedAt))],
    ['started', localIso(fromTimestamp(run.startDate))],
    ['ended', localIso(fromTimestamp(run.endDate))],
    ['took', runTook(run, nowMs)],
    ['partition', visible(run.partitionKey)],
    ['backfill', run.backfillId],
    ['started by', visible(assets)],
    ['conf', visible(run.confJson)],
    ['note', visible(run.note)],
  ]);
}

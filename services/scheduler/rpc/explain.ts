// Explain: why a task instance is not running.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { type Task, taskOf } from '../core/dag-version.ts';
import { explain as explainInstance } from '../core/explain.ts';
import { type Instance, instanceOf } from '../core/instance.ts';
import type { Run } from '../core/picture.ts';
import { isFinished } from '../core/state.ts';
import type { RpcContext } from './context.ts';
import { findRun } from './find.ts';

type Explain = Handler<(typeof SchedulerService)['method']['explain']>;

export function explain(context: RpcContext): Explain {
  return async ({ dagId, runId, taskId, mapIndex }) => {
    const find = await findRun(context, { dagId, runId });
    const { engine } = context;
    const moment = engine.moment();
    const run = find(engine.picture(), moment);
    const task = taskOf(run.version, taskId);
    if (task === undefined) {
      throw fail('task_not_found', `run "${runId}" of DAG "${dagId}" has no task "${taskId}"`);
    }
    const about = { run, task, instance: instanceMeant(run, task, mapIndex) };
    const { state, summary, blockers } = explainInstance(engine.picture(), moment, about);
    return {
      state,
      summary,
      blockers: blockers.map(({ untilMs, ...blocker }) => ({
        ...blocker,
        ...(untilMs === undefined ? {} : { until: toTimestamp(untilMs) }),
      })),
    };
  };
}

/** Without an index, of a mapped task the first instance that is not finished. */
function instanceMeant(run: Run, task: Task, mapIndex: number | undefined): Instance | undefined {
  if (mapIndex !== undefined) return instanceOf(run, task.taskId, mapIndex);
  const instances = run.nodes[task.index]?.instances ?? [];
  return instances.find(({ state }) => !isFinished(state)) ?? instances[0];
}

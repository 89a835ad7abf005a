// Explain: why a task instance is not running.
import type {
  ExplainRequest,
  SchedulerService,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { taskNotFound } from '#kernel/errors/not-found.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { taskOf } from '../../core/graph/dag-version.ts';
import type { Task } from '../../core/graph/task.ts';
import type { Run } from '../../core/run/run.ts';
import {
  explain as explainInstance,
  explainPlanned,
  type Explanation,
} from '../../core/explain/explain.ts';
import { type Instance, instanceOf } from '../../core/instance.ts';
import { isFinished } from '../../core/state.ts';
import type { RpcContext } from '../context.ts';
import { findRun, requireDag } from '../find.ts';

type Explain = Handler<(typeof SchedulerService)['method']['explain']>;

export function explain(context: RpcContext): Explain {
  return async (request) => {
    const { state, summary, blockers } =
      explainedAsPlanned(context, request) ?? (await explainedAsMade(context, request));
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

function explainedAsPlanned(
  context: RpcContext,
  { dagId, runId, taskId }: ExplainRequest,
): Explanation | undefined {
  const dag = requireDag(context, dagId);
  const task = taskOf(dag.version, taskId);
  if (task === undefined || dag.runs.has(runId)) return undefined;
  return explainPlanned(dag, runId, task, context.engine.moment().nowMs);
}

async function explainedAsMade(
  context: RpcContext,
  { dagId, runId, taskId, mapIndex }: ExplainRequest,
): Promise<Explanation> {
  const { engine } = context;
  const find = await findRun(context, { dagId, runId });
  const moment = engine.moment();
  const run = find(engine.picture(), moment);
  const task = taskOf(run.version, taskId);
  if (task === undefined) {
    throw taskNotFound({ dagId, runId, what: `task "${taskId}"` });
  }
  const instance = instanceMeant(run, task, mapIndex);
  if (instance === undefined && isAllMade(run, task)) {
    const words = `task "${taskId}" has no instance ${mapIndex} in run "${runId}"`;
    throw fail(
      'task_instance_not_found',
      `${words}; see those there are: dagmesh tasks list ${dagId} ${runId}`,
    );
  }
  return explainInstance(engine.picture(), moment, { run, task, instance });
}

/** Before its run has begun a task has no instances, and wide mappings are made page by page. */
function isAllMade(run: Run, task: Task): boolean {
  const node = run.nodes[task.index];
  return node !== undefined && node.instances.length > 0 && node.missingCount === 0;
}

/** Without an index, of a mapped task the first instance that is not finished. */
function instanceMeant(run: Run, task: Task, mapIndex: number | undefined): Instance | undefined {
  if (mapIndex !== undefined) return instanceOf(run, task.taskId, mapIndex);
  const instances = run.nodes[task.index]?.instances ?? [];
  return instances.find(({ state }) => !isFinished(state)) ?? instances[0];
}

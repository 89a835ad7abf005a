// ClearTaskInstances: makes task instances of a run start over.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { clearInstances, selectInstances } from '../core/clear.ts';
import type { Run } from '../core/picture.ts';
import type { RpcContext } from './context.ts';
import { findRun, requireOwned } from './find.ts';

type ClearTaskInstances = Handler<(typeof SchedulerService)['method']['clearTaskInstances']>;

export function clearTaskInstances(context: RpcContext): ClearTaskInstances {
  return async (request) => {
    const { dagId, runId, actor } = request;
    const find = await findRun(context, { dagId, runId });
    const { dag, taskIds } = await context.engine.decide((deciding, moment) => {
      const run = find(deciding.picture, moment);
      requireTasks(run, request.taskIds);
      const instances = selectInstances(run, request);
      const selected = instances.map(({ task }) => task.taskId);
      const cleared = { dag: run.dag, taskIds: selected };
      if (request.dryRun || instances.length === 0) return cleared;
      clearInstances(deciding, moment, run, instances);
      const details = { task_ids: selected.slice(0, 100), count: selected.length };
      const action = 'clear_task_instances';
      deciding.changes.audits.add({ actor, action, dag: run.dag, runId, details });
      return cleared;
    });
    requireOwned(dag);
    return { taskIds };
  };
}

function requireTasks(run: Run, taskIds: readonly string[]): void {
  const unknown = taskIds.find((taskId) => !run.version.taskIndexes.has(taskId));
  if (unknown === undefined) return;
  const words = `run "${run.runId}" of DAG "${run.dag.dagId}" has no task "${unknown}"`;
  throw fail('task_not_found', `${words}; "dagmesh tasks list" shows those it has`);
}

// ClearTaskInstances: makes task instances of a run start over.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { clearInstances } from '../core/clear.ts';
import type { Instance } from '../core/instance.ts';
import type { Run } from '../core/picture.ts';
import { selectInstances, unknownId } from '../core/selection.ts';
import { TaskInstanceState } from '../core/state.ts';
import type { RpcContext } from './context.ts';
import { findRun, requireOwned } from './find.ts';

type ClearTaskInstances = Handler<(typeof SchedulerService)['method']['clearTaskInstances']>;

export function clearTaskInstances(context: RpcContext): ClearTaskInstances {
  return async ({ selection, onlyFailed, dryRun, actor }) => {
    const { dagId = '', runId = '' } = selection ?? {};
    const find = await findRun(context, { dagId, runId });
    const { dag, keys } = await context.engine.decide((deciding, moment) => {
      const run = find(deciding.picture, moment);
      const taskIds = selection?.taskIds ?? [];
      requireTasks(run, taskIds);
      const wanted = {
        taskIds,
        includeUpstream: selection?.includeUpstream ?? false,
        includeDownstream: selection?.includeDownstream ?? false,
      };
      const instances = selectInstances(run, wanted).filter(
        ({ state }) => !onlyFailed || hasFailed(state),
      );
      const cleared = { dag: run.dag, keys: instances.map(keyOf) };
      if (dryRun || instances.length === 0) return cleared;
      clearInstances(deciding, moment, run, instances);
      const details = { task_ids: cleared.keys.slice(0, 100).map((key) => key.taskId) };
      const action = 'clear_task_instances';
      deciding.changes.audits.add({ actor, action, dag: run.dag, runId, details });
      return cleared;
    });
    requireOwned(dag);
    return { taskInstances: keys, totalCount: keys.length };
  };
}

function keyOf({ run, task, mapIndex, state }: Instance) {
  return { runId: run.runId, taskId: task.taskId, mapIndex, state };
}

function hasFailed(state: TaskInstanceState): boolean {
  return state === TaskInstanceState.FAILED || state === TaskInstanceState.UPSTREAM_FAILED;
}

function requireTasks(run: Run, taskIds: readonly string[]): void {
  const unknown = unknownId(run, taskIds);
  if (unknown === undefined) return;
  const words = `run "${run.runId}" of DAG "${run.dag.dagId}" has no task "${unknown}"`;
  throw fail('task_not_found', `${words}; "dagmesh tasks list" shows those it has`);
}

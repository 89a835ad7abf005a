// ClearTaskInstances: makes task instances start over, in one run or in several.
import type { ClearTaskInstancesRequest } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Deciding } from '../../core/deciding.ts';
import type { Moment } from '../../core/picture.ts';
import type { Run } from '../../core/run/run.ts';
import { clearInstances } from '../../core/operation/clear.ts';
import { type Instance, nameOf } from '../../core/instance.ts';
import { isRunFinished, TaskInstanceState } from '../../core/state.ts';
import type { RpcContext } from '../context.ts';
import { requireDag, requireOwned } from '../find.ts';
import { findSelected, keysOf, type Meant, meantIn } from './selected.ts';

type ClearTaskInstances = Handler<(typeof SchedulerService)['method']['clearTaskInstances']>;

export function clearTaskInstances(context: RpcContext): ClearTaskInstances {
  return async (request) => {
    const { selection } = request;
    const only = onlyOf(request);
    const finders = await findSelected(context, selection);
    const dag = requireDag(context, selection?.dagId ?? '');
    // A run that stays as it is keeps its version, too.
    const isLatest =
      !request.keepsRunState && (request.runOnLatestVersion ?? dag.version.followsLatest);
    const keys = await context.engine.decide((deciding, moment) => {
      const runs = finders.map((find) => find(deciding.picture, moment, { isLatest }));
      const plan = meantIn(runs, selection, { addsScope: true, only });
      const all = plan.flatMap(({ instances }) => instances);
      if (request.preventRunningTask) refuseRunning(all);
      if (request.runOnLatestVersion) refuseUnderWay(runs);
      const answer = keysOf(all);
      if (request.dryRun) return answer;
      for (const each of plan) clear(deciding, moment, each, request);
      return answer;
    });
    requireOwned(dag);
    return keys;
  };
}

function onlyOf({ onlyFailed, onlyRunning }: ClearTaskInstancesRequest) {
  if (onlyFailed && onlyRunning) {
    throw fail('bad_request', 'only_failed and only_running exclude each other');
  }
  if (onlyRunning) return 'running';
  return onlyFailed ? 'failed' : undefined;
}

function clear(
  deciding: Deciding,
  moment: Moment,
  { run, instances }: Meant,
  request: ClearTaskInstancesRequest,
): void {
  if (instances.length === 0) return;
  if (request.note !== '') for (const instance of instances) instance.note = request.note;
  clearInstances(deciding, moment, run, instances, { keepsRunState: request.keepsRunState });
  const names = instances.slice(0, 100).map(nameOf);
  const details = { task_ids: names, count: instances.length };
  const { actor } = request;
  const { dag, runId } = run;
  const action = 'clear_task_instances';
  deciding.changes.audits.add({ actor, action, dag, runId, details });
}

function refuseRunning(instances: readonly Instance[]): void {
  const running = instances.find(({ state }) => state === TaskInstanceState.RUNNING);
  if (running === undefined) return;
  const name = `"${nameOf(running)}" of run "${running.run.runId}"`;
  throw fail('task_running', `${name} is running; wait for its end, or clear it all the same`);
}

/** A run takes up the newest version when it begins anew, not in the middle. */
function refuseUnderWay(runs: readonly Run[]): void {
  const held = runs.find(
    ({ dag, state, version }) =>
      !isRunFinished(state) && version.dagVersionId !== dag.version.dagVersionId,
  );
  if (held === undefined) return;
  const words = `run "${held.runId}" is under way and keeps its version of the DAG until it ends`;
  throw fail('run_not_finished', `${words}; clear it then, or leave run_on_latest_version out`);
}

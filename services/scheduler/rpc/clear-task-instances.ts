// ClearTaskInstances: makes task instances start over, in one run or in several.
import type { ClearTaskInstancesRequest } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Deciding } from '../core/advance.ts';
import { clearInstances } from '../core/operation/clear.ts';
import { type Instance, nameOf } from '../core/instance.ts';
import type { Moment, Run } from '../core/picture.ts';
import { isRunFinished, TaskInstanceState } from '../core/state.ts';
import type { RpcContext } from './context.ts';
import { requireDag, requireOwned } from './find.ts';
import { findSelected, instancesMeant, keysOf } from './selected.ts';

type ClearTaskInstances = Handler<(typeof SchedulerService)['method']['clearTaskInstances']>;

export function clearTaskInstances(context: RpcContext): ClearTaskInstances {
  return async (request) => {
    const { selection, onlyFailed, onlyRunning } = request;
    if (onlyFailed && onlyRunning) {
      throw fail('bad_request', 'only_failed and only_running exclude each other');
    }
    const finders = await findSelected(context, selection);
    const dag = requireDag(context, selection?.dagId ?? '');
    const isLatest = request.runOnLatestVersion ?? dag.version.followsLatest;
    const keys = await context.engine.decide((deciding, moment) => {
      const runs = finders.map((find) => find(deciding.picture, moment, { isLatest }));
      const plan = runs.map((run) => ({ run, instances: chosen(run, request) }));
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

function chosen(run: Run, request: ClearTaskInstancesRequest): readonly Instance[] {
  const { onlyFailed, onlyRunning, selection } = request;
  return instancesMeant(run, selection, { addsScope: true }).filter(({ state }) => {
    if (onlyRunning) return state === TaskInstanceState.RUNNING;
    return !onlyFailed || hasFailed(state);
  });
}

function clear(
  deciding: Deciding,
  moment: Moment,
  { run, instances }: { readonly run: Run; readonly instances: readonly Instance[] },
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

function hasFailed(state: TaskInstanceState): boolean {
  return state === TaskInstanceState.FAILED || state === TaskInstanceState.UPSTREAM_FAILED;
}

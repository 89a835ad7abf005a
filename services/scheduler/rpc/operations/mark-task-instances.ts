// MarkTaskInstances: sets the states of task instances by hand.
import type { MarkTaskInstancesRequest } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Deciding } from '../../core/deciding.ts';
import type { Moment } from '../../core/picture.ts';
import { nameOf } from '../../core/instance.ts';
import { failedBelow, markInstances, type MarkState } from '../../core/operation/mark.ts';
import { nameOfState, TaskInstanceState } from '../../core/state.ts';
import { plantIfBare } from '../../core/run/runs.ts';
import type { RpcContext } from '../context.ts';
import { requireDag, requireOwned } from '../find.ts';
import { findSelected, keysOf, type Meant, meantIn, requireTasks } from './selected.ts';

type MarkTaskInstances = Handler<(typeof SchedulerService)['method']['markTaskInstances']>;

export function markTaskInstances(context: RpcContext): MarkTaskInstances {
  return async (request) => {
    const { selection } = request;
    const state = markState(request.state);
    const finders = await findSelected(context, selection);
    const dag = requireDag(context, selection?.dagId ?? '');
    const answer = await context.engine.decide((deciding, moment) => {
      const runs = finders.map((find) => find(deciding.picture, moment));
      requireTasks(runs, selection);
      for (const run of runs) plantIfBare(deciding, run);
      // What is set up is torn down all the same: only what was named is marked.
      const plan = meantIn(runs, selection, { addsScope: false });
      const meant = plan.flatMap(({ instances }) => instances);
      const cleared = keysOf(plan.flatMap(({ run, instances }) => failedBelow(run, instances)));
      const wanted = {
        ...keysOf(meant.filter((each) => each.state !== state)),
        ...{ clearedTaskInstances: cleared.taskInstances, clearedCount: cleared.totalCount },
      };
      if (request.dryRun) return wanted;
      for (const each of plan) mark(deciding, moment, each, { request, state });
      return wanted;
    });
    requireOwned(dag);
    return answer;
  };
}

function mark(
  deciding: Deciding,
  moment: Moment,
  { run, instances }: Meant,
  how: { readonly request: MarkTaskInstancesRequest; readonly state: MarkState },
): void {
  if (instances.length === 0) return;
  const { actor, note } = how.request;
  const { state } = how;
  for (const instance of note === '' ? [] : instances) {
    instance.note = note;
    deciding.changes.instances.add(instance);
  }
  markInstances(deciding, moment, { run, instances, state, actor });
  const names = instances.slice(0, 100).map(nameOf);
  const details = { task_ids: names, count: instances.length, state: nameOfState(state) };
  const { dag, runId } = run;
  const action = 'mark_task_instances';
  deciding.changes.audits.add({ actor, action, dag, runId, details });
}

function markState(state: TaskInstanceState): MarkState {
  const known = MARK_STATES.find((each) => each === state);
  if (known !== undefined) return known;
  throw fail('bad_request', 'a state set by hand is success, failed or skipped');
}

const MARK_STATES: readonly MarkState[] = [
  TaskInstanceState.SUCCESS,
  TaskInstanceState.FAILED,
  TaskInstanceState.SKIPPED,
];

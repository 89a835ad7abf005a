// RespondHumanInput: somebody answers a question that a task waits with.
import type { HumanInputResponse } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { answer, mayAnswer, refuseAnswer } from '../../core/wait/human-input.ts';
import { type Instance, instanceOf, nameOf } from '../../core/instance.ts';
import { TaskInstanceState } from '../../core/state.ts';
import { checkForm } from '../../params/check-form.ts';
import type { RpcContext } from '../context.ts';
import { findRun, requireOwned } from '../find.ts';

type Respond = Handler<(typeof SchedulerService)['method']['respondHumanInput']>;

export function respondHumanInput(context: RpcContext): Respond {
  return async ({ dagId, runId, taskId, mapIndex, response, actor }) => {
    const find = await findRun(context, { dagId, runId });
    const given = { chosenOptions: [], paramsJson: '', ...response, respondedBy: actor };
    const dag = await context.engine.decide((deciding, moment) => {
      const run = find(deciding.picture, moment);
      const instance = instanceOf(run, taskId, mapIndex);
      if (instance === undefined) {
        throw fail('task_not_found', `run "${runId}" of DAG "${dagId}" has no task "${taskId}"`);
      }
      requireAnswerable(instance, given, actor);
      answer(deciding, instance, given);
      const details = { task_id: nameOf(instance), chosen_options: given.chosenOptions };
      const action = 'respond_human_input';
      deciding.changes.audits.add({ actor, action, dag: run.dag, runId, details });
      return run.dag;
    });
    requireOwned(dag);
    return {};
  };
}

function requireAnswerable(
  instance: Instance,
  { chosenOptions, paramsJson }: Pick<HumanInputResponse, 'chosenOptions' | 'paramsJson'>,
  actor: string,
): void {
  const spec = instance.wait?.humanInput;
  if (instance.state !== TaskInstanceState.AWAITING_INPUT || spec === undefined) {
    const words = `"${nameOf(instance)}" does not wait for an answer`;
    throw fail('not_awaiting_input', `${words}: it was answered already, or has not asked yet`);
  }
  if (!mayAnswer(spec, actor)) {
    const words = `"${actor}" may not answer "${nameOf(instance)}"`;
    throw fail('not_assigned', `${words}; these may: ${spec.assignedUsers.join(', ')}`);
  }
  const refusal = refuseAnswer(spec, { chosenOptions });
  if (refusal !== undefined) throw fail('bad_answer', refusal);
  checkForm(spec, paramsJson);
}

// Answers of people, and what follows from them.
import { create, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import {
  HumanInputEffect,
  type HumanInputResponse,
  HumanInputResponseSchema,
  type HumanInputSpec,
  HumanInputSpecSchema,
} from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Deciding } from '../deciding.ts';
import { type Directed, followOnly, shortCircuit } from '../graph/direction.ts';
import { type Instance, nameOf } from '../instance.ts';
import { recordOwnAttempt } from '../attempt/own-attempt.ts';
import { TaskAttemptState } from '../state.ts';
import { failWait, succeed } from './wait-end.ts';
import { resume } from './waits.ts';

/** The option that lets a run go on. */
const APPROVE = 'Approve';

/** What is wrong with an answer, in a sentence; undefined when nothing is. */
export function refuseAnswer(
  spec: HumanInputSpec,
  { chosenOptions }: Pick<HumanInputResponse, 'chosenOptions'>,
): string | undefined {
  const unknown = chosenOptions.find((option) => !spec.options.includes(option));
  if (unknown !== undefined) {
    return `"${unknown}" is not among the options: ${spec.options.join(', ')}`;
  }
  if (chosenOptions.length === 0) return `choose one of the options: ${spec.options.join(', ')}`;
  if (chosenOptions.length > 1 && !spec.isMultiple) return 'only one option may be chosen';
  return new Set(chosenOptions).size < chosenOptions.length
    ? 'an option was chosen twice'
    : undefined;
}

/** True when a user may answer. */
export function mayAnswer(spec: HumanInputSpec, user: string): boolean {
  return spec.assignedUsers.length === 0 || spec.assignedUsers.includes(user);
}

/** Goes on with an answer that was found to be right. */
export function answer(
  deciding: Deciding,
  instance: Instance,
  given: MessageInitShape<typeof HumanInputResponseSchema>,
): void {
  const response = create(HumanInputResponseSchema, {
    ...given,
    respondedAt: toTimestamp(deciding.nowMs),
  });
  const spec = instance.wait?.humanInput;
  remember(deciding, instance, response);
  if (instance.task.kind === 'code' || spec === undefined) {
    return resume(deciding, instance, { response });
  }
  const refusal = refusedBy(spec, response);
  if (refusal !== undefined) return failWait(deciding, instance, refusal);
  const directed = directedBy(instance, spec, response);
  if (typeof directed === 'string') return failWait(deciding, instance, directed);
  const state = TaskAttemptState.SUCCESS;
  recordOwnAttempt(deciding, instance, { state, resultJson: resultOf(response) });
  instance.skipDecision = directed?.decision;
  succeed(deciding, instance, instance.mapIndex < 0 ? directed?.skipped : []);
}

/** The question goes with the wait; the audit log keeps it beside the answer. */
function remember(deciding: Deciding, instance: Instance, response: HumanInputResponse): void {
  const { run, wait } = instance;
  const { chosenOptions, paramsJson, respondedBy: actor } = response;
  const question = wait?.humanInput && toJson(HumanInputSpecSchema, wait.humanInput);
  const details = {
    task_id: nameOf(instance),
    chosen_options: chosenOptions,
    params_json: paramsJson,
    question,
    asked_at_ms: fromTimestamp(wait?.since),
    expires_at_ms: fromTimestamp(wait?.until),
  };
  const { dag, runId } = run;
  deciding.changes.audits.add({ actor, action: 'respond_human_input', dag, runId, details });
}

/** An answer as the task returns it. */
function resultOf({ chosenOptions, paramsJson, respondedBy }: HumanInputResponse): string {
  const chosen = JSON.stringify(chosenOptions);
  const params = paramsJson === '' ? '{}' : paramsJson;
  const by = JSON.stringify(respondedBy);
  return `{"chosen_options":${chosen},"params_input":${params},"responded_by":${by}}`;
}

function refusedBy(spec: HumanInputSpec, response: HumanInputResponse): string | undefined {
  if (spec.effect !== HumanInputEffect.APPROVAL_OR_FAIL) return undefined;
  if (response.chosenOptions.includes(APPROVE)) return undefined;
  return `rejected by ${response.respondedBy}`;
}

/** What follows for the tasks below; a sentence when an option stands for none. */
function directedBy(
  { run, task }: Instance,
  spec: HumanInputSpec,
  response: HumanInputResponse,
): Directed | string | undefined {
  if (spec.effect === HumanInputEffect.APPROVAL) {
    const isApproved = response.chosenOptions.includes(APPROVE);
    return isApproved ? undefined : shortCircuit(run.version, task, false);
  }
  if (spec.effect !== HumanInputEffect.BRANCH) return undefined;
  const chosen = response.chosenOptions.map((option) => spec.branches[option] ?? option);
  try {
    return followOnly(run.version, task, chosen);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

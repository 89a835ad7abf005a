// Reports of tasks that go on waiting off their worker: for a trigger, a moment, or people.
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  type AttemptReport,
  AwaitInputSchema,
  DeferSchema,
} from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { HumanInputSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { brokenMessage, isJson, isJsonObject } from './contents.ts';
import { RESCHEDULE_AHEAD_MAX_MS } from './limits.ts';
import type { EndInit } from './outcome.ts';

/** A report that a task waits, as it is recorded; or the rule that it breaks, in a sentence. */
export type JudgedWait = EndInit | string;

/** It waits for a trigger. */
export function judgeDefer({ defer }: AttemptReport): JudgedWait {
  if (defer === undefined) return 'a task that is deferred must say what it waits for: `defer`';
  const broken = brokenMessage(DeferSchema, defer, 'defer') ?? brokenState('defer', defer);
  return broken ?? { end: AttemptEnd.DEFERRED, defer };
}

/** It is to be run again at a moment. */
export function judgeReschedule({ rescheduleAt }: AttemptReport, nowMs: number): JudgedWait {
  if (rescheduleAt === undefined) {
    return 'a task that is rescheduled must say when it runs again: `reschedule_at`';
  }
  // Whole seconds suffice here; what is past is run again at once.
  const aheadMs = Number(rescheduleAt.seconds) * 1000 - nowMs;
  const broken = brokenMessage(TimestampSchema, rescheduleAt, 'reschedule_at');
  if (broken !== undefined) return broken;
  if (aheadMs > RESCHEDULE_AHEAD_MAX_MS) {
    return '`reschedule_at` is more than a year ahead; ask for an earlier time, and again then';
  }
  return { end: AttemptEnd.RESCHEDULED, rescheduleAt };
}

/** It waits for people. */
export function judgeAwaitInput({ awaitInput }: AttemptReport): JudgedWait {
  if (awaitInput === undefined) {
    return 'a task that awaits input must say what people are asked: `await_input`';
  }
  const broken =
    brokenMessage(AwaitInputSchema, awaitInput, 'await_input') ??
    brokenState('await_input', awaitInput) ??
    (awaitInput.humanInput === undefined ? undefined : brokenQuestion(awaitInput.humanInput));
  return broken ?? { end: AttemptEnd.AWAITING_INPUT, awaitInput };
}

function brokenState(field: string, { stateJson }: { readonly stateJson: string }) {
  if (stateJson === '' || isJson(stateJson)) return undefined;
  return `${field}.state_json is not JSON`;
}

function brokenQuestion(question: HumanInputSpec): string | undefined {
  const { options, defaults, isMultiple, paramsJson, paramsSchemaJson } = question;
  const strange = defaults.find((each) => !options.includes(each));
  if (strange !== undefined) {
    return `the default ${JSON.stringify(strange)} is not among the options of the question`;
  }
  if (!isMultiple && defaults.length > 1) {
    return 'the question has several defaults, but only one option may be chosen';
  }
  if (paramsJson !== '' && !isJsonObject(paramsJson)) {
    return 'the params of the question are not a JSON object';
  }
  if (paramsSchemaJson !== '' && !isJsonObject(paramsSchemaJson)) {
    return 'the schema of the question’s params is not a JSON object';
  }
  return undefined;
}

// How a task's code ended, in the words the mesh knows.
import { create, toJson } from '@bufbuild/protobuf';
import { durationMs } from '../../author/values/duration.ts';
import { questionSpec } from '../../author/waiting/human-input.ts';
import { HumanInputSpecSchema, TriggerSpecSchema } from '../../gen/dagmesh/dag/v1/waiting_pb.ts';
import {
  AwaitInput,
  type Continuation,
  DeferTask,
  FailTask,
  RescheduleTask,
  RetryTask,
  SkipTask,
} from '../../task/outcomes.ts';
import { resultOf } from '../../task/result.ts';
import type { AssetUpdate, Ending, Failure, Waiting } from '../ipc.ts';

const CAUSES_MAX = 10;
const ANCESTORS_MAX = 50;
const XCOMS_MAX = 1_000;
const STATE_BYTES_MAX = 256 * 1024;
const RETURN_VALUE = 'return_value';

/**
 * The task returned: undefined means no XCom; what JSON cannot say, or too much of it, is a
 * failure.
 */
export function endingOfValue(
  returned: unknown,
  xcomBytesMax: number,
  assetUpdates: readonly AssetUpdate[] = [],
): Ending {
  const { value, direction, outputs } = resultOf(returned);
  const kept = Object.entries(outputs);
  if (value !== undefined) kept.unshift([RETURN_VALUE, value]);
  if (kept.length > XCOMS_MAX) {
    return limitBroken(`The task returned ${kept.length} values; at most ${XCOMS_MAX} are kept.`);
  }
  const xcoms: { readonly key: string; readonly valueJson: string }[] = [];
  for (const [key, each] of kept) {
    const encoded = encode(each);
    if ('error' in encoded) {
      return limitBroken(`The task returned a value that JSON cannot say: ${encoded.error}.`);
    }
    const bytesCount = Buffer.byteLength(encoded.json);
    if (bytesCount > xcomBytesMax) {
      return limitBroken(
        `The task returned ${bytesCount} bytes of JSON; an XCom holds at most ${xcomBytesMax}. ` +
          'Store the data elsewhere and return where it is.',
      );
    }
    xcoms.push({ key, valueJson: encoded.json });
  }
  return { kind: 'returned', xcoms, direction, assetUpdates };
}

/**
 * The task threw: it failed, or said in this way how else it ended. What it asked for and cannot
 * have (a delay that is none, a state that is too large) is its failure.
 */
export function endingOfError(error: unknown): Ending {
  if (error instanceof SkipTask) return { kind: 'skipped', reason: error.message };
  try {
    return waitingOf(error) ?? failedBy(error);
  } catch (cannotBe) {
    return failedBy(cannotBe);
  }
}

function failedBy(error: unknown): Ending {
  const [errorClass, ...errorAncestors] = classesOf(error);
  const failure: Failure = {
    reason: 'exception',
    errorClass,
    errorAncestors,
    message: error instanceof Error ? error.message : String(error),
    stack: stackOf(error),
    isFinal: error instanceof FailTask,
    retryDelayMs: error instanceof RetryTask ? durationMs(error.delay) : undefined,
  };
  return { kind: 'failed', failure };
}

/** There is no code to run; trying again on the same files cannot help. */
export function endingOfMissing(sentence: string): Ending {
  return {
    kind: 'failed',
    failure: { ...plainFailure, errorClass: 'HandlerNotFound', message: sentence },
  };
}

const plainFailure: Failure = {
  reason: 'exception',
  errorClass: '',
  errorAncestors: [],
  message: '',
  stack: '',
  isFinal: true,
  retryDelayMs: undefined,
};

/** What the task waits for; undefined when it does not. Throws when it cannot be waited for. */
function waitingOf(error: unknown): Waiting | undefined {
  if (error instanceof RescheduleTask) return { kind: 'rescheduled', atMs: error.at.getTime() };
  if (error instanceof DeferTask) {
    const { trigger, timeout, continuation } = error;
    const timeoutMs = timeout === undefined ? undefined : durationMs(timeout);
    const spec = toJson(TriggerSpecSchema, trigger.spec);
    return { kind: 'deferred', trigger: spec, timeoutMs, ...placeOf(continuation) };
  }
  if (error instanceof AwaitInput) {
    const question = create(HumanInputSpecSchema, questionSpec(error.question));
    const json = toJson(HumanInputSpecSchema, question);
    return { kind: 'awaiting_input', question: json, ...placeOf(error.continuation) };
  }
  return undefined;
}

function placeOf({ method = '', state }: Continuation) {
  const stateJson = state === undefined ? '' : (JSON.stringify(state) ?? '');
  const bytesCount = Buffer.byteLength(stateJson);
  if (bytesCount <= STATE_BYTES_MAX) return { method, stateJson };
  throw new RangeError(
    `the state that the task goes on with has ${bytesCount} bytes; ` +
      `at most ${STATE_BYTES_MAX} are allowed`,
  );
}

function limitBroken(message: string): Ending {
  const failure: Failure = { ...plainFailure, reason: 'limit', errorClass: 'XComLimit', message };
  return { kind: 'failed', failure: { ...failure, isFinal: false } };
}

function encode(value: unknown): { readonly json: string } | { readonly error: string } {
  try {
    const json = JSON.stringify(value);
    return json === undefined ? { error: `it is a ${typeof value}` } : { json };
  } catch (error) {
    return { error: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

/**
 * The name an error goes by, then those of the classes that it descends from, nearest first. A name
 * that it only inherited is not its own: `class Refused extends TypeError {}` is a `Refused`.
 */
function classesOf(error: unknown): readonly [string, ...(readonly string[])] {
  if (!(error instanceof Error)) return [typeof error];
  const chain: string[] = [];
  let at: unknown = Object.getPrototypeOf(error);
  while (at instanceof Error || at === Error.prototype) {
    chain.push((at as Error).constructor.name);
    at = Object.getPrototypeOf(at);
  }
  const [nearest = '', ...further] = chain;
  const own = nearest === '' || !further.includes(error.name) ? error.name : nearest;
  const others = new Set(chain.filter((name) => name !== '' && name !== own));
  return [own, ...[...others].slice(0, ANCESTORS_MAX)];
}

/** The stack with those of its causes below it. */
function stackOf(error: unknown): string {
  const stacks: string[] = [];
  for (let at = error; at instanceof Error && stacks.length < CAUSES_MAX; at = at.cause) {
    stacks.push(at.stack ?? `${at.name}: ${at.message}`);
  }
  return stacks.join('\nCaused by: ');
}

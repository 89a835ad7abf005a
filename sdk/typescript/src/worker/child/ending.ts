// How a task's code ended, in the words the mesh knows.
import { durationMs } from '../../author/duration.ts';
import { FailTask, RetryTask, SkipTask } from '../../task/outcomes.ts';
import type { Ending, Failure } from '../ipc.ts';

const CAUSES_MAX = 10;

/**
 * The task returned: undefined means no XCom; what JSON cannot say, or too much of it, is a
 * failure.
 */
export function endingOfValue(value: unknown, xcomBytesMax: number): Ending {
  if (value === undefined) return { kind: 'returned', valueJson: undefined };
  const encoded = encode(value);
  if ('error' in encoded)
    return limitBroken(`The task returned a value that JSON cannot say: ${encoded.error}.`);
  const bytesCount = Buffer.byteLength(encoded.json);
  if (bytesCount > xcomBytesMax) {
    return limitBroken(
      `The task returned ${bytesCount} bytes of JSON; an XCom holds at most ${xcomBytesMax}. ` +
        'Store the data elsewhere and return where it is.',
    );
  }
  return { kind: 'returned', valueJson: encoded.json };
}

/** The task threw. */
export function endingOfError(error: unknown): Ending {
  if (error instanceof SkipTask) return { kind: 'skipped', reason: error.message };
  const retryDelayMs = error instanceof RetryTask ? durationMs(error.delay) : undefined;
  const failure: Failure = {
    reason: 'exception',
    errorClass: classOf(error),
    message: error instanceof Error ? error.message : String(error),
    stack: stackOf(error),
    isFinal: error instanceof FailTask,
    retryDelayMs,
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
  message: '',
  stack: '',
  isFinal: true,
  retryDelayMs: undefined,
};

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

function classOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return error.name !== 'Error' ? error.name : error.constructor.name || 'Error';
}

/** The stack with those of its causes below it. */
function stackOf(error: unknown): string {
  const stacks: string[] = [];
  for (let at = error; at instanceof Error && stacks.length < CAUSES_MAX; at = at.cause) {
    stacks.push(at.stack ?? `${at.name}: ${at.message}`);
  }
  return stacks.join('\nCaused by: ');
}

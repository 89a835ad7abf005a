// A task's calls from the child's side: asked in protobuf's JSON form, answered or refused.
import type { JsonValue } from '../../json.ts';
import { CallError } from '../../task/outcomes.ts';
import type { CallAnswer, CallMethod, CallRequest } from '../ipc.ts';

/** Makes a call for the running attempt. */
export type Call = (request: CallRequest) => Promise<CallAnswer>;

/** Fields of a request or answer. */
export type Fields = { readonly [field: string]: JsonValue };

/** Makes a call and answers its fields. Rejects with a CallError when it was refused. */
export type Ask = (method: CallMethod, input: Fields) => Promise<Fields>;

/** Asks through a call. */
export function askerOf(call: Call): Ask {
  return async (method, input) => {
    const answer = await call({ method, input });
    if (answer.kind === 'ok') return answer.output;
    throw new CallError(answer.code, answer.message);
  };
}

/** The answer, or undefined where there is nothing. */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CallError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** The JSON of a value a task hands over. Throws a sentence about `subject` when it is none. */
export function jsonWithin(value: unknown, subject: string, bytesMax: number): string {
  const json = JSON.stringify(value);
  if (json === undefined) {
    throw new TypeError(`${subject} is a ${typeof value}, which JSON cannot say`);
  }
  const bytesCount = Buffer.byteLength(json);
  if (bytesCount <= bytesMax) return json;
  throw new RangeError(`${subject} has ${bytesCount} bytes; at most ${bytesMax} are allowed`);
}

// The calls of running tasks, from the child's side: asked of the supervisor, answered by it in any
// order.
import type { CallAnswer, FromChild } from '../ipc.ts';
import type { Call } from './ask.ts';

/** The calls of one child that have no answer yet. */
export type Calls = {
  /** Makes calls for the attempt with this number. */
  of(seq: number): Call;
  answer(call: number, answer: CallAnswer): void;
};

/** Calls that are asked for through `say`. */
export function createCalls(say: (message: FromChild) => void): Calls {
  const open = new Map<number, (answer: CallAnswer) => void>();
  let callsCount = 0;
  return {
    of: (seq) => (request) =>
      new Promise((resolve) => {
        callsCount += 1;
        open.set(callsCount, resolve);
        say({ kind: 'call', seq, call: callsCount, request });
      }),
    answer: (call, answer) => {
      open.get(call)?.(answer);
      open.delete(call);
    },
  };
}

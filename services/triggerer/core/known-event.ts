// What a watcher was told last: while it stays true, it is not told again.
import { createHash } from 'node:crypto';
import type { Outcome } from './outcome.ts';

/** SHA-256 of an event's JSON; empty when a wait knows of none. */
export type KnownEvent = Uint8Array;

/** What an answer comes to; undefined while it is not as wished. */
export type Judge<A> = (answer: A) => Outcome | undefined;

/**
 * A judge that lets the known event pass only once what is waited for was seen untrue. So a file
 * that lies there is one event, and the same file that vanished and came back another. `onUntrue`
 * is called then, once, since whoever goes on waiting elsewhere was not there.
 */
export function unlessKnown<A>(
  { known, onUntrue }: { readonly known: KnownEvent; readonly onUntrue: () => void },
  judge: Judge<A>,
): Judge<A> {
  let mayRepeat = known.length === 0;
  return (answer) => {
    const outcome = judge(answer);
    if (outcome === undefined && !mayRepeat) {
      mayRepeat = true;
      onUntrue();
    }
    if (mayRepeat || outcome?.kind !== 'fired') return outcome;
    return isKnown(known, outcome.event) ? undefined : outcome;
  };
}

/** Whether an event is the known one. */
export function isKnown(known: KnownEvent, event: object): boolean {
  if (known.length === 0) return false;
  return createHash('sha256').update(JSON.stringify(event)).digest().equals(known);
}

// A watcher is told what is new to it, and what has become true again.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isKnown, unlessKnown } from './known-event.ts';
import type { Outcome } from './outcome.ts';

const sha256 = (event: object) => createHash('sha256').update(JSON.stringify(event)).digest();
const NOTHING = new Uint8Array();

/** Fires with each answer but `no`; `bad` is a failure. */
const judge = (answer: string): Outcome | undefined => {
  if (answer === 'bad') return { kind: 'failed', error: 'bad' };
  return answer === 'no' ? undefined : { kind: 'fired', event: { answer } };
};
const told = (known: Uint8Array, answers: readonly string[]) => {
  const judged = unlessKnown({ known, onUntrue: () => undefined }, judge);
  return answers.map((answer) => judged(answer) !== undefined);
};
/** How often others are told that it may come again. */
const untrueCount = (known: Uint8Array, answers: readonly string[]) => {
  let count = 0;
  const judged = unlessKnown({ known, onUntrue: () => void count++ }, judge);
  for (const answer of answers) judged(answer);
  return count;
};

describe('an event', () => {
  it('is told at once to whoever knows of none', () => {
    expect(told(NOTHING, ['a'])).toEqual([true]);
  });

  it('is not told again as long as it stays true', () => {
    expect(told(sha256({ answer: 'a' }), ['a', 'a', 'a'])).toEqual([false, false, false]);
  });

  it('is told when it differs from the known one', () => {
    expect(told(sha256({ answer: 'a' }), ['a', 'b'])).toEqual([false, true]);
  });

  it('is told again when it was untrue in between', () => {
    expect(told(sha256({ answer: 'a' }), ['a', 'no', 'a'])).toEqual([false, false, true]);
  });

  it('that was untrue is said to be so once, when one is known', () => {
    expect(untrueCount(sha256({ answer: 'a' }), ['a', 'no', 'no'])).toBe(1);
    expect(untrueCount(NOTHING, ['no'])).toBe(0);
  });

  it('that is a failure is always told', () => {
    expect(told(sha256({ answer: 'bad' }), ['bad'])).toEqual([true]);
  });

  it('is known by its JSON', () => {
    expect(isKnown(sha256({ a: 1 }), { a: 1 })).toBe(true);
    expect(isKnown(sha256({ a: 1 }), { a: 2 })).toBe(false);
    expect(isKnown(NOTHING, {})).toBe(false);
  });
});

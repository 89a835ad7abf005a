// Trying again ends: with success, a hopeless error, the deadline, or the caller.
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock/fake-clock.ts';
import { fail, reasonOf } from '../errors/errors.ts';
import { retrying } from './retry.ts';

const later = fail('not_owner', 'ask the owner');
const never = fail('run_exists', 'choose another run_id');

describe('retrying', () => {
  it('goes on until it succeeds, and gives each try what is left of the time', async () => {
    const clock = new FakeClock();
    const left: number[] = [];
    const answer = retrying(
      async ({ attempt, timeoutMs }) => {
        left.push(timeoutMs);
        if (attempt < 3) throw later;
        return 'done';
      },
      { clock, deadlineMs: 10_000 },
    );
    await clock.advance(10_000);
    expect(await answer).toBe('done');
    expect(left).toHaveLength(4);
    expect(left[0]).toBe(10_000);
    expect(left).toEqual(left.toSorted((a, b) => b - a));
  });

  it('stops at an error that no retry mends', async () => {
    const clock = new FakeClock();
    let triesCount = 0;
    const answer = retrying(
      async () => {
        triesCount += 1;
        throw never;
      },
      { clock },
    ).catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(reasonOf(await answer)).toBe('run_exists');
    expect(triesCount).toBe(1);
  });

  it('gives the last error once the deadline has come', async () => {
    const clock = new FakeClock();
    const answer = retrying(() => Promise.reject(later), { clock, deadlineMs: 2_000 }).catch(
      (error: unknown) => ({ error, atMs: clock.monotonicMs() }),
    );
    await clock.advance(5_000);
    const outcome = (await answer) as { error: unknown; atMs: number };
    expect(reasonOf(outcome.error)).toBe('not_owner');
    expect(outcome.atMs).toBeLessThanOrEqual(2_000);
    expect(outcome.atMs).toBeGreaterThan(500);
  });

  it('ends at once when the caller gives up', async () => {
    const clock = new FakeClock();
    const leaving = new AbortController();
    const answer = retrying(() => Promise.reject(later), { clock, signal: leaving.signal });
    const outcome = answer.catch((error: unknown) => error);
    await clock.advance(5);
    leaving.abort();
    expect(reasonOf(await outcome)).toBe('cancelled');
  });
});

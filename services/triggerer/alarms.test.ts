// Alarms go off at their instants, in order, on one timer.
import { describe, expect, it } from 'vitest';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { Alarms } from './alarms.ts';

function setUp(time: 'wall' | 'elapsed' = 'elapsed') {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const alarms = new Alarms({ clock, time, onError: (error) => errors.push(error) });
  return { clock, alarms, errors, seen: [] as string[] };
}

describe('alarms', () => {
  it('go off in order of their instants, never before, and at most a tick late', async () => {
    const { clock, alarms } = setUp();
    const lates: number[] = [];
    for (const atMs of [1_000, 5, 333, 5, 86_400_000]) alarms.set(atMs, (ms) => lates.push(ms));
    await clock.advance(86_400_010);
    expect(lates).toHaveLength(5);
    expect(Math.min(...lates)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...lates)).toBeLessThanOrEqual(10);
  });

  it('share one timer', () => {
    const { clock, alarms } = setUp();
    for (let index = 0; index < 1_000; index += 1) alarms.set(index * 1_000, () => undefined);
    expect(clock.waitingCount).toBe(1);
    expect(alarms.size).toBe(1_000);
  });

  it('that were cancelled do not go off, not even by another of the same tick', async () => {
    const { clock, alarms, seen } = setUp();
    const early = alarms.set(50, () => seen.push('cancelled before'));
    early.cancel();
    alarms.set(100, () => {
      seen.push('first');
      second.cancel();
    });
    const second = alarms.set(100, () => seen.push('cancelled by the first'));
    await clock.advance(1_000);
    expect(seen).toEqual(['first']);
    expect(alarms.size).toBe(0);
  });

  it('for an instant that has passed go off soon, and later than they were set', async () => {
    const { clock, alarms, seen } = setUp();
    await clock.advance(1_000);
    alarms.set(0, () => seen.push('late'));
    expect(seen).toEqual([]);
    await clock.advance(0);
    expect(seen).toEqual(['late']);
  });

  it('go off although one of them throws', async () => {
    const { clock, alarms, seen, errors } = setUp();
    alarms.set(10, () => {
      throw new Error('broken');
    });
    alarms.set(10, () => seen.push('next'));
    await clock.advance(10);
    expect({ seen, count: errors.length }).toEqual({ seen: ['next'], count: 1 });
  });

  it('of the wall clock notice within a second that it was set forward', async () => {
    const { clock, alarms, seen } = setUp('wall');
    alarms.set(clock.nowMs() + 3_600_000, () => seen.push('hour'));
    clock.step(3_600_000);
    await clock.advance(1_000);
    expect(seen).toEqual(['hour']);
  });

  it('of elapsed time do not care that the wall clock was set', async () => {
    const { clock, alarms, seen } = setUp();
    alarms.set(2_000, () => seen.push('two seconds'));
    clock.step(-3_600_000);
    await clock.advance(2_000);
    expect(seen).toEqual(['two seconds']);
  });
});

// The system's clock and the one tests move by hand must keep the same promises.
import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { FakeClock } from './fake-clock.ts';

describe('a sleep', () => {
  it('ends at once when its signal has aborted, and early when it aborts', async () => {
    for (const clock of [systemClock, new FakeClock()]) {
      await clock.sleep(60_000, AbortSignal.abort());
      const waking = new AbortController();
      const sleeping = clock.sleep(60_000, waking.signal);
      waking.abort();
      await sleeping;
    }
  });

  it('lasts its time on the system clock', async () => {
    const startMs = systemClock.monotonicMs();
    await systemClock.sleep(20);
    expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(18);
  });
});

describe('a timer', () => {
  it('does not run once it is cancelled', async () => {
    const clock = new FakeClock();
    let runsCount = 0;
    const timer = clock.timer(100, () => (runsCount += 1));
    timer.cancel();
    timer.cancel();
    await clock.advance(1_000);
    expect(runsCount).toBe(0);
  });
});

describe('the fake clock', () => {
  it('stands still until it is moved', () => {
    const clock = new FakeClock(1_000);
    expect([clock.nowMs(), clock.nowMs(), clock.monotonicMs()]).toEqual([1_000, 1_000, 0]);
  });

  it('runs what falls due in the order of the instants, not of the calls', async () => {
    const clock = new FakeClock(0);
    const order: string[] = [];
    clock.timer(30, () => order.push(`c${clock.nowMs()}`));
    clock.timer(10, () => order.push(`a${clock.nowMs()}`));
    clock.timer(10, () => order.push(`b${clock.nowMs()}`));
    await clock.advance(29);
    expect(order).toEqual(['a10', 'b10']);
    await clock.advance(1);
    expect(order).toEqual(['a10', 'b10', 'c30']);
  });

  it('wakes a loop that sleeps again and again', async () => {
    const clock = new FakeClock(0);
    const wakings: number[] = [];
    const loop = (async () => {
      while (wakings.length < 3) {
        await clock.sleep(10);
        wakings.push(clock.nowMs());
      }
    })();
    await clock.advance(35);
    await loop;
    expect(wakings).toEqual([10, 20, 30]);
    expect(clock.waitingCount).toBe(0);
  });

  it('lets the wall clock step without any time passing', () => {
    const clock = new FakeClock(1_000);
    clock.step(-500);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([500, 0]);
  });
});

// A question to the world ends in time, however the world takes it.
import { expect, it } from 'vitest';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { withDeadline } from './deadline.ts';

const never = new AbortController().signal;

/** Goes on until it is told to stop, as a look through endless folders does. */
const endless = (clock: FakeClock) => async (signal: AbortSignal) => {
  for (;;) {
    await clock.sleep(100, signal);
    signal.throwIfAborted();
  }
};

it('a question without an answer is given up in time', async () => {
  const clock = new FakeClock();
  const asked = withDeadline({ clock, timeoutMs: 1_000 }, never, endless(clock));
  const failed = expect(asked).rejects.toThrow('no answer within 1000 ms');
  await clock.advance(1_000);
  await failed;
  expect(clock.waitingCount).toBe(0);
});

it('a question nobody wants answered any more is given up at once', async () => {
  const clock = new FakeClock();
  const gone = AbortSignal.abort(new Error('gone'));
  const asked = withDeadline({ clock, timeoutMs: 1_000 }, gone, endless(clock));
  await expect(asked).rejects.toThrow('gone');
  expect(clock.waitingCount).toBe(0);
});

it('an answer in time leaves nothing behind', async () => {
  const clock = new FakeClock();
  expect(await withDeadline({ clock, timeoutMs: 1_000 }, never, async () => 7)).toBe(7);
  expect(clock.waitingCount).toBe(0);
});

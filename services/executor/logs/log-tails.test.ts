// The last bytes of logs, which may come after the end of their attempt.
import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import { name } from '../testing/logs.ts';
import { type LogName, logPath } from './log-path.ts';
import { createLogTails } from './log-tails.ts';

test('the last bytes of a log are awaited for a moment after its attempt has ended', () => {
  let elapsedMs = 0;
  const pathOf = (each: LogName) => logPath('/logs', each);
  const clock = { ...systemClock, monotonicMs: () => elapsedMs };
  const tails = createLogTails({ clock, graceMs: 1_000, pathOf });
  tails.expect('a', { name, size: 100 });
  tails.expect('b', { name: { ...name, epoch: 4n }, size: 100 });
  expect(tails.isAwaited(pathOf(name))).toBe(true);
  tails.stored('a', 60);
  expect(tails.get('a')?.size).toBe(100);
  tails.stored('a', 100);
  expect(tails.get('a')).toBeUndefined();
  expect(tails.get('b')?.size).toBe(100);
  elapsedMs = 1_000;
  expect(tails.get('b')).toBeUndefined();
});

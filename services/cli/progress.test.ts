// What people see of work that takes long.
import { expect, test } from 'vitest';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { shown } from './progress.ts';
import { openScreen } from './screen.ts';

function watch(isLive: boolean) {
  const drawn: string[] = [];
  const clock = new FakeClock();
  const redraw = (text: string) => void drawn.push(text);
  const screen = { ...openScreen({ format: 'table', colour: false }), isLive, redraw };
  const work = Promise.withResolvers<number>();
  const signal = new AbortController().signal;
  const answer = shown({ screen, clock, signal }, 'Working', work.promise);
  return { drawn, clock, work, answer };
}

test('on a terminal a line tells for how long it goes on, and is gone at the end', async () => {
  const { drawn, clock, work, answer } = watch(true);
  await clock.advance(2_000);
  work.resolve(7);
  expect(await answer).toBe(7);
  expect(drawn).toEqual(['Working … 1 s', 'Working … 2 s', '']);
});

test('elsewhere nothing is drawn, and a failure passes', async () => {
  const { drawn, clock, work, answer } = watch(false);
  await clock.advance(2_000);
  work.reject(new Error('no'));
  await expect(answer).rejects.toThrow('no');
  expect(drawn).toEqual([]);
});

// Many calls, a few at a time.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';

test('answers stand in the order of the items, however long each takes', async () => {
  const slowFirst = async (turns: number) => {
    for (let at = 0; at < turns; at += 1) await turn();
    return turns;
  };
  expect(await inParallel([3, 0, 2, 1], 4, slowFirst)).toEqual([3, 0, 2, 1]);
  expect(await inParallel([], 4, slowFirst)).toEqual([]);
});

test('no more are under way than may be, and as many as may', async () => {
  let running = 0;
  let most = 0;
  await inParallel(Array.from({ length: 20 }), 3, async () => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  });
  expect(most).toBe(3);
});

test('after a failure nothing else is begun', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await turn();
    if (item === 1) throw new Error('no');
  };
  await expect(inParallel([0, 1, 2, 3, 4, 5], 2, work)).rejects.toThrow('no');
  await turn();
  expect(begun.length).toBeLessThan(5);
});

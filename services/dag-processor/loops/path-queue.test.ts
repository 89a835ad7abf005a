// The order of work: few at once, one path never twice at the same time, no request lost.
import { expect, test } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { createPathQueue } from './path-queue.ts';

/** A queue whose work ends when the test says so. */
function aQueue(options: { slotsMax: number; pathsMax?: number }) {
  const begun: { path: string; isForced: boolean; slot: number; end: () => void }[] = [];
  const queue = createPathQueue({
    work: (task) => new Promise((end) => void begun.push({ ...task, end })),
    pathsMax: 10,
    ...options,
  });
  return { queue, begun, paths: () => begun.map(({ path }) => path) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('no more paths are worked on at once than there are slots, each in a slot of its own', async () => {
  const { queue, begun, paths } = aQueue({ slotsMax: 2 });
  for (const path of ['a', 'b', 'c']) void queue.add(path);
  expect(paths()).toEqual(['a', 'b']);
  expect(begun.map(({ slot }) => slot)).toEqual([0, 1]);
  begun[0]?.end();
  await settled();
  expect(begun[2]).toMatchObject({ path: 'c', slot: 0 });
});

test('a path that is asked for while it waits is worked on once, forced if anybody forced it', async () => {
  const { queue, begun, paths } = aQueue({ slotsMax: 1 });
  void queue.add('a');
  const first = queue.add('b');
  const second = queue.add('b', { isForced: true });
  expect(second).toBe(first);
  begun[0]?.end();
  await settled();
  expect(paths()).toEqual(['a', 'b']);
  expect(begun[1]?.isForced).toBe(true);
});

test('a path that is asked for while it is worked on is worked on again afterwards', async () => {
  const { queue, begun, paths } = aQueue({ slotsMax: 2 });
  void queue.add('a');
  let isDone = false;
  void queue.add('a').then(() => {
    isDone = true;
  });
  expect(paths()).toEqual(['a']);
  begun[0]?.end();
  await settled();
  expect(paths()).toEqual(['a', 'a']);
  expect(isDone).toBe(false);
  begun[1]?.end();
  await settled();
  expect(isDone).toBe(true);
});

test('too many waiting paths are refused', () => {
  const { queue } = aQueue({ slotsMax: 1, pathsMax: 1 });
  void queue.add('a');
  void queue.add('b');
  let refused: unknown;
  try {
    void queue.add('c');
  } catch (error) {
    refused = error;
  }
  expect(reasonOf(refused)).toBe('queue_full');
});

test('a queue that stops forgets what waits and ends with what is under way', async () => {
  const { queue, begun, paths } = aQueue({ slotsMax: 1 });
  void queue.add('a');
  const waiting = queue.add('b');
  let isStopped = false;
  const stopped = queue.stop().then(() => {
    isStopped = true;
  });
  await waiting;
  expect(isStopped).toBe(false);
  begun[0]?.end();
  await stopped;
  await queue.add('c');
  expect(paths()).toEqual(['a']);
});

test('what is urgent comes before all that waits, even when it waited already', async () => {
  const { queue, begun, paths } = aQueue({ slotsMax: 1 });
  for (const path of ['a', 'b', 'c', 'd']) void queue.add(path);
  void queue.add('d', { isUrgent: true });
  void queue.add('e', { isUrgent: true, isForced: true });
  // Asked for again without hurry, it does not lose its place.
  void queue.add('d');
  for (let ended = 0; ended < 4; ended++) {
    begun[ended]?.end();
    await settled();
  }
  expect(paths()).toEqual(['a', 'd', 'e', 'b', 'c']);
  expect(begun.map(({ isForced }) => isForced)).toEqual([false, false, true, false, false]);
});

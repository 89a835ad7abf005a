// Logs are read from any byte on, and followed while they grow.
import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import { name, useTestLogs } from '../testing/logs.ts';
import { readLog } from './read-log.ts';

/** So many that looking once a second for each would be noticed. */
const LINES_COUNT = 30;

const logs = useTestLogs();

const collect = async (options: Partial<Parameters<typeof readLog>[2]>) => {
  const blocks: Buffer[] = [];
  const all = { offset: 0, follow: false, isComplete: async () => true };
  const signal = new AbortController().signal;
  for await (const { content } of readLog(logs().store, name, { ...all, signal, ...options })) {
    blocks.push(Buffer.from(content));
  }
  return blocks;
};

test('a log without a file is empty', async () => {
  expect(await collect({})).toEqual([]);
  expect(await collect({ follow: true })).toEqual([]);
});

test('reading begins at the offset', async () => {
  await logs().append(0, 'one\ntwo\n');
  expect(Buffer.concat(await collect({ offset: 4 })).toString()).toBe('two\n');
  expect(await collect({ offset: 100 })).toEqual([]);
});

test('a large log comes in blocks of at most 256 KiB', async () => {
  const large = logs().another(4_000_000);
  const content = Buffer.alloc(700_000, 'x\n');
  await large.append(name, { offset: 0, content });
  const blocks = await collect({});
  expect(blocks.every(({ length }) => length <= 262_144)).toBe(true);
  expect(Buffer.concat(blocks).equals(content)).toBe(true);
  await large.close();
});

test('a followed log is read as it grows, at once, until its attempt has ended', async () => {
  let isComplete = false;
  const seen: string[] = [];
  const reading = (async () => {
    const signal = new AbortController().signal;
    const options = { offset: 0, follow: true, isComplete: async () => isComplete, signal };
    for await (const { content } of readLog(logs().store, name, options)) {
      seen.push(Buffer.from(content).toString());
      if (seen.length < LINES_COUNT) await logs().append(4 * seen.length, 'one\n');
      else {
        isComplete = true;
        logs().store.announceEnd(name);
      }
    }
  })();
  const startMs = systemClock.monotonicMs();
  await logs().append(0, 'one\n');
  await reading;
  expect(seen).toEqual(Array(LINES_COUNT).fill('one\n'));
  // Without news it is looked at once a second.
  expect(systemClock.monotonicMs() - startMs).toBeLessThan((LINES_COUNT * 1_000) / 2);
});

test('a followed log that another executor writes is read as well', async () => {
  const other = logs().another();
  let isComplete = false;
  const reading = collect({ follow: true, isComplete: async () => isComplete });
  await other.append(name, { offset: 0, content: Buffer.from('one\n') });
  isComplete = true;
  expect(Buffer.concat(await reading).toString()).toBe('one\n');
  await other.close();
});

test('a reader that leaves ends a followed log', async () => {
  const leaving = new AbortController();
  const reading = collect({
    follow: true,
    isComplete: async () => false,
    signal: leaving.signal,
  });
  leaving.abort();
  expect(await reading).toEqual([]);
});

test('more readers than may follow are refused', () => {
  const watches = Array.from({ length: 1_000 }, () => logs().store.watch(name));
  expect(() => logs().store.watch(name)).toThrow(/followed already/);
  for (const watch of watches) watch.stop();
  logs().store.watch(name).stop();
});

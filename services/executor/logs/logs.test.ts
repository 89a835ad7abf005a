// Task logs: kept by offset, once, within limits, below their folder; and read while they grow.
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import { Code, detailsOf, reasonOf } from '#kernel/errors/errors.ts';
import { planChunk } from '../core/log-window.ts';
import { appendChunk } from './log-file.ts';
import { type LogName, logPath } from './log-path.ts';
import { LogStore } from './log-store.ts';
import { createLogTails } from './log-tails.ts';
import { readLog } from './read-log.ts';

const SIZE_MAX = 10_000;

let folder: string;
let store: LogStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dagmesh-test-logs-'));
  store = new LogStore({ folder, sizeMax: SIZE_MAX, clock: systemClock });
  await store.open();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const name: LogName = {
  dagId: 'etl',
  runId: 'scheduled__2026-01-01T00:00:00+00:00',
  taskId: 'load',
  mapIndex: -1,
  epoch: 3n,
};
const append = (offset: number, text: string, to: LogName = name) =>
  store.append(to, { offset, content: Buffer.from(text) });
const stored = () => readFile(store.pathOf(name), 'utf8');

describe('where a log lies', () => {
  test('the path is made of the names operators know', () => {
    expect(logPath('/logs', name)).toBe(
      '/logs/dag_id=etl/run_id=scheduled__2026-01-01T00:00:00+00:00' +
        '/task_id=load/map_index=-1/attempt=3.log',
    );
  });

  test.each(['..', '.', 'a'.repeat(250)])('the id %s stays one folder', (dagId) => {
    const [, , segment, ...rest] = logPath('/logs', { ...name, dagId }).split('/');
    expect(segment?.startsWith('dag_id=')).toBe(true);
    expect(segment?.length).toBeLessThanOrEqual(255);
    expect(rest).toHaveLength(4);
  });

  test('two long ids that begin alike have folders of their own', () => {
    const paths = ['x', 'y'].map((end) => logPath('/l', { ...name, dagId: 'a'.repeat(249) + end }));
    expect(paths[0]).not.toBe(paths[1]);
  });

  test.each(['../../etc', 'a/b', '', 'a\0b', 'a'.repeat(251)])('the id %j is refused', (dagId) => {
    expect(() => logPath('/logs', { ...name, dagId })).toThrow(/not allowed/);
  });

  test('a link that leads out of the log folder is not followed', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'dagmesh-test-outside-'));
    const link = dirname(dirname(store.pathOf(name)));
    await mkdir(dirname(link), { recursive: true });
    await mkdir(join(outside, 'map_index=-1'));
    await writeFile(join(outside, 'map_index=-1', 'attempt=3.log'), 'secret');
    await symlink(outside, link);
    await expect(append(0, 'x')).rejects.toSatisfy((error) => reasonOf(error) === 'bad_request');
    const reading = readLog(store, name, {
      offset: 0,
      follow: false,
      isComplete: async () => true,
      signal: new AbortController().signal,
    });
    await expect(reading.next()).rejects.toSatisfy((error) => reasonOf(error) === 'bad_request');
    await rm(outside, { recursive: true });
  });
});

describe('what is stored', () => {
  test('chunks follow one another', async () => {
    expect(await append(0, 'one\n')).toBe(4);
    expect(await append(4, 'two\n')).toBe(8);
    expect(await stored()).toBe('one\ntwo\n');
  });

  test('what is sent again is stored once, also when it overlaps', async () => {
    await append(0, 'one\n');
    expect(await append(0, 'one\n')).toBe(4);
    expect(await append(0, 'one\ntwo\n')).toBe(8);
    expect(await append(2, 'e\n')).toBe(8);
    expect(await stored()).toBe('one\ntwo\n');
  });

  test('a chunk beyond the end is not stored, and the answer says where to begin', async () => {
    await append(0, 'one\n');
    expect(await append(10, 'three\n')).toBe(4);
    expect(await stored()).toBe('one\n');
  });

  test('chunks that are sent at once are stored in the order of their offsets', async () => {
    const sizes = await Promise.all([append(0, 'one\n'), append(4, 'two\n'), append(8, 'three\n')]);
    expect(sizes).toEqual([4, 8, 14]);
    expect(await stored()).toBe('one\ntwo\nthree\n');
  });

  test('however a log is cut and sent again, it is stored whole and once', async () => {
    const text = Array.from({ length: 60 }, (_, line) => `line ${line}\n`).join('');
    const chunk = fc.tuple(fc.nat(text.length), fc.nat(80));
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { maxLength: 30 }),
        fc.bigInt(1n, 1n << 60n),
        async (chunks, epoch) => {
          const to = { ...name, epoch };
          for (const [offset, length] of chunks)
            await append(offset, text.slice(offset, offset + length), to);
          let size = await append(0, '', to);
          while (size < text.length) size = await append(size, text.slice(size, size + 100), to);
          expect(await readFile(store.pathOf(to), 'utf8')).toBe(text);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('a log goes on after its executor was started anew', async () => {
    await append(0, 'one\n');
    const again = new LogStore({ folder, sizeMax: SIZE_MAX, clock: systemClock });
    expect(await again.append(name, { offset: 4, content: Buffer.from('two\n') })).toBe(8);
    await again.close();
  });

  test('a log that another executor has gone on with is gone on with from there', async () => {
    await append(0, 'one\n');
    const other = new LogStore({ folder, sizeMax: SIZE_MAX, clock: systemClock });
    await other.append(name, { offset: 4, content: Buffer.from('two\n') });
    await other.close();
    expect(await append(8, 'three\n')).toBe(14);
    expect(await stored()).toBe('one\ntwo\nthree\n');
  });

  test('more logs than files may be open are all stored', async () => {
    const names = Array.from({ length: 600 }, (_, index) => ({
      ...name,
      epoch: BigInt(index + 1),
    }));
    await Promise.all(names.map((each) => append(0, 'one\n', each)));
    const sizes = await Promise.all(names.map((each) => append(4, 'two\n', each)));
    expect(new Set(sizes)).toEqual(new Set([8]));
  });
});

describe('a log that is too large', () => {
  const line = `${'x'.repeat(99)}\n`;
  const refused = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => ({ reason: reasonOf(error), details: detailsOf(error) }),
    );

  test('keeps its whole lines up to the limit and says once that the rest is missing', async () => {
    await append(0, line.repeat(99));
    const refusal = await refused(append(9_900, `${line}${line}`));
    expect(refusal).toEqual({ reason: 'log_too_large', details: { stored_size: '10000' } });
    expect((await refused(append(10_000, line)))?.reason).toBe('log_too_large');
    const lines = (await stored()).trimEnd().split('\n');
    expect(lines).toHaveLength(101);
    expect(JSON.parse(lines[100] ?? '')).toMatchObject({
      level: 'warning',
      reason: 'log_too_large',
    });
  });

  test('takes no shorter line instead, and stays full after a restart', async () => {
    await append(0, line.repeat(99));
    const long = `${'y'.repeat(500)}\n`;
    expect((await refused(append(9_900, long)))?.reason).toBe('log_too_large');
    expect((await refused(append(9_900, 'short\n')))?.reason).toBe('log_too_large');
    const again = new LogStore({ folder, sizeMax: SIZE_MAX, clock: systemClock });
    const retry = again.append(name, { offset: 9_900, content: Buffer.from('short\n') });
    expect((await refused(retry))?.reason).toBe('log_too_large');
    await again.close();
    expect((await stored()).match(/log_too_large/g)).toHaveLength(1);
  });

  test('what is stored already may still be sent again', async () => {
    await append(0, line.repeat(99));
    await refused(append(9_900, `${line}${line}`));
    expect(await append(0, line)).toBe(10_000);
  });
});

test('what a full disk did not take is not acknowledged', async () => {
  const file = await open('/dev/full', 'r+');
  const log = { file, size: 0, isFull: false };
  const chunk = { offset: 0, content: Buffer.from('one\n') };
  const refusal = appendChunk(log, chunk, { sizeMax: SIZE_MAX, nowMs: 0 });
  await expect(refusal).rejects.toMatchObject({ code: Code.ResourceExhausted });
  expect(log.size).toBe(0);
  await file.close();
});

describe('which part of a chunk is new', () => {
  test.each([
    [{ storedSize: 10, offset: 11, length: 5, sizeMax: 100 }, { kind: 'gap' }],
    [{ storedSize: 10, offset: 0, length: 10, sizeMax: 100 }, { kind: 'stored' }],
    [{ storedSize: 10, offset: 10, length: 0, sizeMax: 100 }, { kind: 'stored' }],
    [
      { storedSize: 10, offset: 8, length: 5, sizeMax: 100 },
      { kind: 'append', skip: 2, length: 3 },
    ],
    [
      { storedSize: 10, offset: 8, length: 5, sizeMax: 12 },
      { kind: 'overflow', skip: 2, length: 2 },
    ],
    [
      { storedSize: 12, offset: 12, length: 5, sizeMax: 12 },
      { kind: 'overflow', skip: 0, length: 0 },
    ],
  ])('%j is planned as %j', (chunk, plan) => {
    expect(planChunk(chunk)).toEqual(plan);
  });
});

describe('reading', () => {
  const collect = async (options: Partial<Parameters<typeof readLog>[2]>) => {
    const blocks: Buffer[] = [];
    const all = { offset: 0, follow: false, isComplete: async () => true };
    const signal = new AbortController().signal;
    for await (const { content } of readLog(store, name, { ...all, signal, ...options })) {
      blocks.push(Buffer.from(content));
    }
    return blocks;
  };

  test('a log without a file is empty', async () => {
    expect(await collect({})).toEqual([]);
    expect(await collect({ follow: true })).toEqual([]);
  });

  test('begins at the offset', async () => {
    await append(0, 'one\ntwo\n');
    expect(Buffer.concat(await collect({ offset: 4 })).toString()).toBe('two\n');
    expect(await collect({ offset: 100 })).toEqual([]);
  });

  test('a large log comes in blocks of at most 256 KiB', async () => {
    const large = new LogStore({ folder, sizeMax: 4_000_000, clock: systemClock });
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
      for await (const { content } of readLog(store, name, options)) {
        seen.push(Buffer.from(content).toString());
        if (seen.length === 1) await append(4, 'two\n');
        if (seen.length === 2) await append(8, 'three\n');
        if (seen.length === 3) {
          isComplete = true;
          store.announceEnd(name);
        }
      }
    })();
    const startMs = systemClock.monotonicMs();
    await append(0, 'one\n');
    await reading;
    expect(seen).toEqual(['one\n', 'two\n', 'three\n']);
    expect(systemClock.monotonicMs() - startMs).toBeLessThan(900);
  });

  test('a followed log that another executor writes is read as well', async () => {
    const other = new LogStore({ folder, sizeMax: SIZE_MAX, clock: systemClock });
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
    const watches = Array.from({ length: 1_000 }, () => store.watch(name));
    expect(() => store.watch(name)).toThrow(/followed already/);
    for (const watch of watches) watch.stop();
    store.watch(name).stop();
  });
});

test('the last bytes of a log are awaited for a moment after its attempt has ended', () => {
  let elapsedMs = 0;
  const clock = { ...systemClock, monotonicMs: () => elapsedMs };
  const tails = createLogTails({ clock, graceMs: 1_000, pathOf: (each) => store.pathOf(each) });
  tails.expect('a', { name, size: 100 });
  tails.expect('b', { name: { ...name, epoch: 4n }, size: 100 });
  expect(tails.isAwaited(store.pathOf(name))).toBe(true);
  tails.stored('a', 60);
  expect(tails.get('a')?.size).toBe(100);
  tails.stored('a', 100);
  expect(tails.get('a')).toBeUndefined();
  expect(tails.get('b')?.size).toBe(100);
  elapsedMs = 1_000;
  expect(tails.get('b')).toBeUndefined();
});

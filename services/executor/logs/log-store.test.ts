// What is stored of logs: by offset, once, and within limits.
import { open, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Code, detailsOf, reasonOf } from '#kernel/errors/errors.ts';
import { name, SIZE_MAX, useTestLogs } from '../testing/logs.ts';
import { appendChunk } from './log-file.ts';

const logs = useTestLogs();

describe('what is stored', () => {
  test('chunks follow one another', async () => {
    expect(await logs().append(0, 'one\n')).toBe(4);
    expect(await logs().append(4, 'two\n')).toBe(8);
    expect(await logs().stored()).toBe('one\ntwo\n');
  });

  test('what is sent again is stored once, also when it overlaps', async () => {
    await logs().append(0, 'one\n');
    expect(await logs().append(0, 'one\n')).toBe(4);
    expect(await logs().append(0, 'one\ntwo\n')).toBe(8);
    expect(await logs().append(2, 'e\n')).toBe(8);
    expect(await logs().stored()).toBe('one\ntwo\n');
  });

  test('a chunk beyond the end is not stored, and the answer says where to begin', async () => {
    await logs().append(0, 'one\n');
    expect(await logs().append(10, 'three\n')).toBe(4);
    expect(await logs().stored()).toBe('one\n');
  });

  test('chunks that are sent at once are stored in the order of their offsets', async () => {
    const sizes = await Promise.all([
      logs().append(0, 'one\n'),
      logs().append(4, 'two\n'),
      logs().append(8, 'three\n'),
    ]);
    expect(sizes).toEqual([4, 8, 14]);
    expect(await logs().stored()).toBe('one\ntwo\nthree\n');
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
            await logs().append(offset, text.slice(offset, offset + length), to);
          let size = await logs().append(0, '', to);
          while (size < text.length)
            size = await logs().append(size, text.slice(size, size + 100), to);
          expect(await readFile(logs().store.pathOf(to), 'utf8')).toBe(text);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('a log goes on after its executor was started anew', async () => {
    await logs().append(0, 'one\n');
    const again = logs().another();
    expect(await again.append(name, { offset: 4, content: Buffer.from('two\n') })).toBe(8);
    await again.close();
  });

  test('a log that another executor has gone on with is gone on with from there', async () => {
    await logs().append(0, 'one\n');
    const other = logs().another();
    await other.append(name, { offset: 4, content: Buffer.from('two\n') });
    await other.close();
    expect(await logs().append(8, 'three\n')).toBe(14);
    expect(await logs().stored()).toBe('one\ntwo\nthree\n');
  });

  test('more logs than files may be open are all stored', async () => {
    const names = Array.from({ length: 600 }, (_, index) => ({
      ...name,
      epoch: BigInt(index + 1),
    }));
    await Promise.all(names.map((each) => logs().append(0, 'one\n', each)));
    const sizes = await Promise.all(names.map((each) => logs().append(4, 'two\n', each)));
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
    await logs().append(0, line.repeat(99));
    const refusal = await refused(logs().append(9_900, `${line}${line}`));
    expect(refusal).toEqual({ reason: 'log_too_large', details: { stored_size: '10000' } });
    expect((await refused(logs().append(10_000, line)))?.reason).toBe('log_too_large');
    const lines = (await logs().stored()).trimEnd().split('\n');
    expect(lines).toHaveLength(101);
    expect(JSON.parse(lines[100] ?? '')).toMatchObject({
      level: 'warning',
      reason: 'log_too_large',
    });
  });

  test('takes no shorter line instead, and stays full after a restart', async () => {
    await logs().append(0, line.repeat(99));
    const long = `${'y'.repeat(500)}\n`;
    expect((await refused(logs().append(9_900, long)))?.reason).toBe('log_too_large');
    expect((await refused(logs().append(9_900, 'short\n')))?.reason).toBe('log_too_large');
    const again = logs().another();
    const retry = again.append(name, { offset: 9_900, content: Buffer.from('short\n') });
    expect((await refused(retry))?.reason).toBe('log_too_large');
    await again.close();
    expect((await logs().stored()).match(/log_too_large/g)).toHaveLength(1);
  });

  test('what is stored already may still be sent again', async () => {
    await logs().append(0, line.repeat(99));
    await refused(logs().append(9_900, `${line}${line}`));
    expect(await logs().append(0, line)).toBe(10_000);
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

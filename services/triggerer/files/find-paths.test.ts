// Which paths a pattern stands for.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { findPaths } from './find-paths.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dagmesh-paths-'));
  const files = ['a.csv', 'b.csv', 'b.txt', 'in/2026/c.csv', 'in/2027/deep/d.csv', 'x[1]{2}.csv'];
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  symlinkSync('..', join(folder, 'in', 'loop'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const find = async (pattern: string) => {
  const paths = await findPaths(join(folder, pattern), never);
  return paths.map((path) => path.slice(folder.length + 1));
};

describe('a pattern', () => {
  it.each([
    ['a.csv', ['a.csv']],
    ['none.csv', []],
    ['a.csv/below', []],
    ['none/*.csv', []],
    ['?.csv', ['a.csv', 'b.csv']],
    ['b.*', ['b.csv', 'b.txt']],
    ['*', ['a.csv', 'b.csv', 'b.txt', 'x[1]{2}.csv']],
    ['in', ['in']],
    ['in/*/c.csv', ['in/2026/c.csv']],
    ['in/20??/*.csv', ['in/2026/c.csv']],
    ['in/**/d.csv', ['in/2027/deep/d.csv']],
    ['**/?.csv', ['a.csv', 'b.csv', 'in/2026/c.csv', 'in/2027/deep/d.csv']],
    ['in/20*/**', ['in/2026/c.csv', 'in/2027/deep/d.csv']],
    ['x[1]{2}.*', ['x[1]{2}.csv']],
    ['**/deep/**/d.csv', ['in/2027/deep/d.csv']],
    ['in/loop/a.csv', ['in/loop/a.csv']],
    ['in/*/a.csv', ['in/loop/a.csv']],
  ])('%s stands for %j', async (pattern, expected) => {
    expect(await find(pattern)).toEqual(expected);
  });

  it('must be absolute', async () => {
    expect(await findPaths('in/*.csv', never).catch(reasonOf)).toBe('bad_request');
  });

  it('that stands for very many is answered with some', async () => {
    mkdirSync(join(folder, 'many'));
    for (let index = 0; index < 1_500; index += 1)
      writeFileSync(join(folder, 'many', `${index}`), '');
    expect(await find('many/*')).toHaveLength(1_000);
  });

  it('is not looked for any more once nobody wants to know', async () => {
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(findPaths(join(folder, '*'), gone)).rejects.toThrow('gone');
  });
});

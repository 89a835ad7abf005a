// A folder that several processes copy at the same time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyAtOnce } from './copy-at-once.ts';

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'dagmesh-copy-'));
  mkdirSync(join(place, 'from'));
  for (let file = 0; file < 200; file += 1) writeFileSync(join(place, 'from', `${file}`), 'x');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test('processes that copy at once all find one whole copy, and leave nothing else', async () => {
  const codes = await Promise.all([1, 2, 3, 4].map(() => copyInAnotherProcess()));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(readdirSync(place).sort()).toEqual(['copy', 'from']);
  expect(readdirSync(join(place, 'copy'))).toHaveLength(200);
});

test('what cannot be copied fails and leaves nothing', () => {
  expect(() => copyAtOnce(join(place, 'nowhere'), join(place, 'copy'))).toThrow('cannot copy');
  expect(readdirSync(place)).toEqual(['from']);
});

/** The exit code of a process that copies. */
async function copyInAnotherProcess(): Promise<number> {
  const module = new URL('./copy-at-once.ts', import.meta.url).href;
  const [from, copy] = [join(place, 'from'), join(place, 'copy')];
  const program = `
    const { copyAtOnce } = await import(${JSON.stringify(module)});
    copyAtOnce(${JSON.stringify(from)}, ${JSON.stringify(copy)});
  `;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program]);
  const [code] = await once(other, 'exit');
  return Number(code);
}

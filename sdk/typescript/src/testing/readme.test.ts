// The test in the README, in a folder of its own, as somebody who reads it would have it.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const NAMED_BLOCK = /```ts\n\/\/ (\S+\.ts)\n(.*?)```/gs;

test('the test in the README passes word for word', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules/@dagmesh'), { recursive: true });
  symlinkSync(PACKAGE, join(folder, 'node_modules/@dagmesh/sdk'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  for (const [, name = '', content = ''] of readme.matchAll(NAMED_BLOCK)) {
    writeFileSync(join(folder, name), content);
  }
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ['--test', '--test-reporter=tap', 'sales.test.ts'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  expect(stdout).toMatch(/^# pass 3$/m);
});

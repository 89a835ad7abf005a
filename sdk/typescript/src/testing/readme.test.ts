// The tests in the READMEs, each in a folder of its own, as somebody who reads it would have it.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const NAMED_BLOCK = /```ts\n\/\/ (\S+\.ts)\n(.*?)```/gs;

test.each([
  ['of this package', join(PACKAGE, 'README.md'), 3],
  ['of the repository', join(PACKAGE, '../../README.md'), 1],
])('the tests in the README %s pass word for word', async (_, readme, testsCount) => {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules/@dagmesh'), { recursive: true });
  symlinkSync(PACKAGE, join(folder, 'node_modules/@dagmesh/sdk'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [, name = '', content = ''] of readFileSync(readme, 'utf8').matchAll(NAMED_BLOCK)) {
    writeFileSync(join(folder, name), content);
  }
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const args = ['--test', '--test-reporter=tap'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  expect(stdout).toContain(`\n# pass ${testsCount}\n`);
});

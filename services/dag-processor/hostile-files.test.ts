// What bad DAG files do to themselves, and not to the good one beside them. Real children.
import { existsSync } from 'node:fs';
import { chmod, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../tests/kit/wait.ts';
import { type BadFile, expectError } from './test-bad-file.ts';
import { createTestMesh, type TestMesh } from './test-mesh.ts';

const GOOD = `dag_id: good
tasks:
  only: { handler: "good.ts:only" }
`;

const ENDLESS: readonly BadFile[] = [
  {
    what: 'an endless loop',
    path: 'loop.ts',
    text: 'for (;;);\n',
    error: /^loop\.ts:1: reading the file took longer than 5 s and was stopped/,
  },
  {
    what: 'an endless loop in Python',
    path: 'loop.py',
    text: 'while True:\n    pass\n',
    error: /^loop\.py:1: reading the file took longer than 5 s and was stopped/,
  },
  {
    what: 'a promise that is awaited for ever',
    path: 'await.ts',
    text: `import '@dagmesh/sdk';\nawait new Promise(() => undefined);\n`,
    error: /^await\.ts:1: the file awaits something at its top level that never comes/,
  },
  {
    what: 'process.exit',
    path: 'exit.ts',
    text: 'process.exit(0);\n',
    error: /^exit\.ts:1: the file ended its program with exit code 0 .*process\.exit/,
  },
  {
    what: 'sys.exit',
    path: 'exit.py',
    text: 'import sys\nsys.exit(3)\n',
    error: /^exit\.py:2: .*sys\.exit/,
  },
  {
    what: 'os._exit',
    path: 'gone.py',
    text: 'import os\nos._exit(0)\n',
    error: /^gone\.py:1: the file ended its program with exit code 0 .*os\._exit/,
  },
];

const GREEDY: readonly BadFile[] = [
  {
    what: 'a gigabyte outside the heap',
    path: 'buffer.ts',
    text: 'export const fat = Buffer.alloc(1e9, 1);\nfor (;;);\n',
    error: /^buffer\.ts:1: reading the file needed more than 256 MiB of memory/,
  },
  {
    what: 'a gigabyte inside the heap',
    path: 'heap.ts',
    text: 'const all = [];\nfor (;;) all.push(new Array(1e5).fill(1.5));\n',
    error: /^heap\.ts:1: reading the file needed more than 256 MiB of memory/,
  },
  {
    what: 'a gigabyte in Python',
    path: 'fat.py',
    text: 'fat = bytearray(10**9)\nwhile True:\n    pass\n',
    error: /^fat\.py:1: (MemoryError|reading the file needed more than 256 MiB)/,
  },
  {
    what: 'a hundred megabytes of print',
    path: 'loud.py',
    text: `for _ in range(100_000):\n    print('x' * 1_000)\n`,
    error: /^loud\.py:1: the file printed more than 16 MiB/,
  },
  {
    what: 'more processes than anybody needs',
    path: 'forks.ts',
    text: `import { spawn } from 'node:child_process';
for (let i = 0; i < 60; i++) spawn('sleep', ['30'], { detached: true }).on('error', () => undefined);
await new Promise((resolve) => setTimeout(resolve, 30_000));
`,
    error: /^forks\.ts:1: the file started more than 32 processes/,
  },
];

const THIEF = 'thief.yaml';
const LINK = 'link.ts';
const SELF_DELETING = 'writable/vanishes.ts';
const OUTSIDE = join(tmpdir(), `dagmesh-outside-${process.pid}.ts`);

let mesh: TestMesh;

beforeAll(async () => {
  mesh = await createTestMesh({ readTimeMaxMs: 5_000, readMemoryMaxMib: 256, childrenMax: 3 });
  await mesh.write('good.yaml', GOOD);
  await mesh.start();
  await mesh.stored('good.yaml');
  for (const { path, text } of [...ENDLESS, ...GREEDY]) await mesh.write(path, text);
  await mesh.write(THIEF, GOOD);
  await writeFile(OUTSIDE, 'export {};\n');
  await symlink(OUTSIDE, join(mesh.folder, LINK));
  await mesh.write('writable/README.md', 'children may delete files here');
  await chmod(join(mesh.folder, 'writable'), 0o777);
  await mesh.write(
    SELF_DELETING,
    `import { rmSync } from 'node:fs';
import { dag } from '@dagmesh/sdk';
rmSync(new URL(import.meta.url));
export const d = dag('vanishes', {}, (d) => d.emptyTask('only'));
`,
  );
});

afterAll(async () => {
  await rm(OUTSIDE, { force: true });
  await mesh.end();
});

describe.each([
  { group: 'what never comes back', files: ENDLESS },
  { group: 'what takes too much', files: GREEDY },
])('$group gets an import error with line, cause and advice', ({ files }) => {
  test.each(files)('$what', { timeout: 120_000 }, (file) => expectError(mesh, file));
});

describe('what reaches elsewhere', () => {
  test('a DAG id that another file has is refused', async () => {
    expect(await mesh.errorOf(THIEF)).toContain('good belongs to good.yaml');
  });

  test('a link to a place outside the folder is refused', async () => {
    const error = await mesh.errorOf(LINK);
    const cause = 'the file is a link to a place outside the DAG folder; copy what it links to';
    expect(error).toBe(`link.ts:1: ${cause}`);
  });

  test('a file that deletes itself is gone, and so is its DAG', async () => {
    await eventually(
      async () => {
        const { files } = await mesh.client.listFiles({});
        return !files.some(({ path }) => path === SELF_DELETING);
      },
      { deadlineMs: 20_000, what: 'the file is forgotten' },
    );
    expect(existsSync(join(mesh.folder, SELF_DELETING))).toBe(false);
    expect(mesh.catalog.files.has(SELF_DELETING)).toBe(false);
  });
});

test('after all of them the good file is still read', async () => {
  await mesh.write('good.yaml', GOOD.replace('only:', 'another:'));
  await eventually(
    () => mesh.catalog.files.get('good.yaml')?.dags[0]?.tasks[0]?.taskId === 'another',
    { deadlineMs: 20_000, what: 'the good file was read again' },
  );
});

test('what killed children is counted', async () => {
  const text = await mesh.metrics.text();
  for (const limit of ['time', 'memory', 'output', 'processes']) {
    expect(text).toMatch(new RegExp(`children_killed_total\\{.*limit="${limit}".*\\} [1-9]`));
  }
});

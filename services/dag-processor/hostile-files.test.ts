// What bad DAG files do to themselves, and not to the good one beside them. Real children.
import { existsSync } from 'node:fs';
import { chmod, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../tests/kit/wait.ts';
import { createTestMesh, type TestMesh } from './test-mesh.ts';

/** A bad file and the import error it must get: all of it, or what it must match. */
type BadFile = {
  readonly what: string;
  readonly path: string;
  readonly text: string;
  readonly error: string | RegExp;
};

const GOOD = `dag_id: good
tasks:
  only: { handler: "good.ts:only" }
`;

const WRONG: readonly BadFile[] = [
  {
    what: 'a TypeScript file with a syntax error',
    path: 'syntax.ts',
    text: `import { dag } from '@dagmesh/sdk';\n\nconst x: number = ;\n`,
    error: 'syntax.ts:3: SyntaxError: Expression expected',
  },
  {
    what: 'a Python file with a syntax error',
    path: 'syntax.py',
    text: 'import dagmesh\n\ndef broken(:\n    pass\n',
    error: /^syntax\.py:3: SyntaxError: /,
  },
  {
    what: 'a YAML file with a syntax error',
    path: 'syntax.yaml',
    text: 'dag_id: bad\ntasks:\n  a: [1, 2\n  b: 3\n',
    error: /^syntax\.yaml:4: not YAML: /,
  },
  {
    what: 'an error thrown while the file is imported',
    path: 'throws.ts',
    text: `const later = () => {\n  throw new TypeError('boom');\n};\nlater();\n`,
    error: 'throws.ts:2: TypeError: boom',
  },
  {
    what: 'an import that is not there',
    path: 'lonely.ts',
    text: `\nimport { x } from './nowhere.ts';\nx();\n`,
    error: /^lonely\.ts:2: Error: Cannot find module .*nowhere\.ts/,
  },
  {
    what: 'tasks that wait for each other in a circle',
    path: 'cycle.yaml',
    text: `dag_id: cycle
tasks:
  a: { handler: h, upstream: [c] }
  b: { handler: h, upstream: [a] }
  c: { handler: h, upstream: [b] }
`,
    error:
      'cycle.yaml:3: the tasks wait for each other in a circle: a (line 3) → b (line 4) → c (line 5) → a; remove one of these edges',
  },
  {
    what: 'a task declared twice',
    path: 'twice.ts',
    text: `import { dag } from '@dagmesh/sdk';
export const d = dag('twice', {}, (d) => {
  d.emptyTask('same');
  d.emptyTask('same');
});
`,
    error: /^twice\.ts:4: DAG "twice" already has a task "same" \(declared at twice\.ts:3\)/,
  },
  {
    what: 'two DAGs with one id',
    path: 'same.yaml',
    text: 'dag_id: same\n---\ndag_id: same\n',
    error: 'same.yaml:3: there are two DAGs with the id "same"; rename one',
  },
  {
    what: 'a bad cron expression',
    path: 'cron.ts',
    text: `import { dag } from '@dagmesh/sdk';
export const d = dag('cron', {
  schedule: '61 * * * *',
}, (d) => d.emptyTask('only'));
`,
    error:
      /^cron\.ts:3: schedule of DAG "cron": the minute field of the cron expression cannot be "61"/,
  },
  {
    what: 'an unknown time zone',
    path: 'zone.yaml',
    text: 'dag_id: zone\nschedule:\n  cron: "@daily"\n  timezone: Europe/Zurick\n',
    error: /^zone\.yaml:4: schedule of DAG "zone": there is no time zone "Europe\/Zurick"/,
  },
  {
    what: 'an unknown key',
    path: 'key.yaml',
    text: 'dag_id: key\ntasks:\n  a:\n    hanlder: h\n',
    error: 'key.yaml:4: task "a" has an unknown key "hanlder" (did you mean "handler"?)',
  },
  {
    what: 'a key that would change every object',
    path: 'proto.yaml',
    text: 'dag_id: proto\nparams:\n  p: { default: { __proto__: { admin: true } } }\n',
    error: /^proto\.yaml:\d+: param "p" has a default that has a key "__proto__", which is not/,
  },
  {
    what: 'a task named like a property of every object',
    path: 'constructor.yaml',
    text: 'dag_id: named\ntasks:\n  constructor: { handler: h }\n  __proto__: { handler: h }\n',
    error:
      'constructor.yaml:3: task "constructor" has a reserved id; rename it\nconstructor.yaml:4: task "__proto__" has a reserved id; rename it',
  },
  {
    what: 'a value nested 40 levels deep',
    path: 'deep.yaml',
    text: `dag_id: deep\nparams:\n  p: ${'['.repeat(40)}${']'.repeat(40)}\n`,
    error: /^deep\.yaml:\d+: param "p" has a default that is nested deeper than 32 levels/,
  },
  {
    what: 'a value nested without end',
    path: 'deeper.yaml',
    text: `dag_id: deeper\nparams:\n  p: ${'['.repeat(100_000)}\n`,
    error: 'deeper.yaml:3: it is nested too deeply',
  },
  {
    what: 'aliases that multiply',
    path: 'bomb.yaml',
    text: `dag_id: bomb\nparams:\n${aliasBomb()}\n`,
    error: /^bomb\.yaml:1: ReferenceError: Excessive alias count/,
  },
  {
    what: 'a pattern that never ends on its own default',
    path: 'pattern.yaml',
    text: `dag_id: pattern\nparams:\n  p: { type: string, pattern: "^(a+)+$", default: "${'a'.repeat(40)}!" }\n`,
    error: /^pattern\.yaml:\d+: param "p" takes longer than 2000 ms to check/,
  },
  {
    what: 'ten thousand tasks and one',
    path: 'many.yaml',
    text: `dag_id: many\ntasks:\n${'  t: { empty: true }\n'
      .repeat(10_001)
      .replaceAll('  t:', (_, at: number) => `  t${at}:`)}`,
    error: 'many.yaml:1: a DAG has 10001 tasks; at most 10000 are allowed, so split it',
  },
  {
    what: 'a file that wants to know our environment',
    path: 'env.ts',
    text: 'throw new Error(Object.keys(process.env).sort().join());\n',
    error: 'env.ts:1: Error: DAGMESH_DAGS_FOLDER,HOME,LANG,NODE_COMPILE_CACHE,PATH,TZ',
  },
];

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
  for (const { path, text } of [...WRONG, ...ENDLESS, ...GREEDY]) await mesh.write(path, text);
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
  { group: 'what is wrong', files: WRONG },
  { group: 'what never comes back', files: ENDLESS },
  { group: 'what takes too much', files: GREEDY },
])('$group gets an import error with line, cause and advice', ({ files }) => {
  test.each(files)('$what', async ({ path, error }) => {
    const found = await mesh.errorOf(path);
    if (typeof error === 'string') expect(found).toBe(error);
    else expect(found).toMatch(error);
  });
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

test('after all of them the good file is still read, and nothing of ours has changed', async () => {
  await mesh.write('good.yaml', GOOD.replace('only:', 'another:'));
  await eventually(
    () => mesh.catalog.files.get('good.yaml')?.dags[0]?.tasks[0]?.taskId === 'another',
    { deadlineMs: 20_000, what: 'the good file was read again' },
  );
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

test('what killed children is counted', async () => {
  const text = await mesh.metrics.text();
  for (const limit of ['time', 'memory', 'output', 'processes']) {
    expect(text).toMatch(new RegExp(`children_killed_total\\{.*limit="${limit}".*\\} [1-9]`));
  }
});

function aliasBomb(): string {
  const levels = Array.from({ length: 12 }, (_, at) => {
    const doubled = at === 0 ? '' : `*p${at - 1}, `.repeat(9);
    return `  p${at}: &p${at} [${doubled}1]`;
  });
  return levels.join('\n');
}

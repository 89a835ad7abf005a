// What bad DAG files do to themselves, and that they do nothing to the good one beside them. Real children.
import { existsSync } from 'node:fs';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../tests/kit/wait.ts';
import { createTestMesh, type TestMesh } from './test-mesh.ts';

const GOOD = `dag_id: good
tasks:
  only: { handler: "good.ts:only" }
`;

const TYPESCRIPT = `import { dag } from '@dagmesh/sdk';
export const d = dag('typescript', {}, (d) => d.emptyTask('only'));
`;

let mesh: TestMesh;

beforeEach(async () => {
  mesh = await createTestMesh({ readTimeMaxMs: 5_000, readMemoryMaxMib: 256 });
  await mesh.write('good.yaml', GOOD);
  await mesh.start();
});

afterEach(async () => {
  // Whatever happened, the good file is still read.
  await mesh.write('good.yaml', GOOD.replace('only:', 'another:'));
  await eventually(
    () => mesh.catalog.files.get('good.yaml')?.dags[0]?.tasks[0]?.taskId === 'another',
    { deadlineMs: 20_000, what: 'the good file was read again' },
  );
  await mesh.end();
});

/** Writes a file, waits for its import error, and answers it. */
async function errorOf(path: string, text: string): Promise<string> {
  await mesh.write(path, text);
  return mesh.errorOf(path);
}

describe('files that are wrong', () => {
  test('a TypeScript file with a syntax error names the line', async () => {
    const error = await errorOf(
      'bad.ts',
      `import { dag } from '@dagmesh/sdk';\n\nconst x: number = ;\n`,
    );
    expect(error).toBe('bad.ts:3: SyntaxError: Expression expected');
  });

  test('a Python file with a syntax error names the line', async () => {
    const error = await errorOf('bad.py', `import dagmesh\n\ndef broken(:\n    pass\n`);
    expect(error).toMatch(/^bad\.py:3: SyntaxError: /);
  });

  test('a YAML file with a syntax error names the line', async () => {
    const error = await errorOf('bad.yaml', `dag_id: bad\ntasks:\n  a: [1, 2\n  b: 3\n`);
    expect(error).toMatch(/^bad\.yaml:4: not YAML: /);
  });

  test('an error thrown while the file is imported names the line it came from', async () => {
    const error = await errorOf(
      'throws.ts',
      `const later = () => {\n  throw new TypeError('boom');\n};\nlater();\n`,
    );
    expect(error).toBe('throws.ts:2: TypeError: boom');
  });

  test('an import that is not there names the line', async () => {
    const error = await errorOf('lonely.ts', `\nimport { x } from './nowhere.ts';\nx();\n`);
    expect(error).toMatch(/^lonely\.ts:2: Error: Cannot find module .*nowhere\.ts/);
  });

  test('a circle is told with its tasks and lines', async () => {
    const error = await errorOf(
      'cycle.yaml',
      `dag_id: cycle
tasks:
  a: { handler: h, upstream: [c] }
  b: { handler: h, upstream: [a] }
  c: { handler: h, upstream: [b] }
`,
    );
    expect(error).toBe(
      'cycle.yaml:3: the tasks wait for each other in a circle: a (line 3) → b (line 4) → c (line 5) → a; remove one of these edges',
    );
  });

  test('a task declared twice in TypeScript names both lines', async () => {
    const error = await errorOf(
      'twice.ts',
      `import { dag } from '@dagmesh/sdk';
export const d = dag('twice', {}, (d) => {
  d.emptyTask('same');
  d.emptyTask('same');
});
`,
    );
    expect(error).toMatch(
      /^twice\.ts:4: DAG "twice" already has a task "same" \(declared at twice\.ts:3\)/,
    );
  });

  test('two DAGs with one id in one file', async () => {
    const error = await errorOf('same.yaml', `dag_id: same\n---\ndag_id: same\n`);
    expect(error).toBe('same.yaml:3: there are two DAGs with the id "same"; rename one');
  });

  test('a DAG id that another file has', async () => {
    await mesh.stored('good.yaml');
    expect(await errorOf('thief.yaml', GOOD)).toContain('good belongs to good.yaml');
  });

  test('a bad cron expression names its line', async () => {
    const error = await errorOf(
      'cron.ts',
      `import { dag } from '@dagmesh/sdk';
export const d = dag('cron', {
  schedule: '61 * * * *',
}, (d) => d.emptyTask('only'));
`,
    );
    expect(error).toMatch(
      /^cron\.ts:3: schedule of DAG "cron": the minute field of the cron expression cannot be "61"/,
    );
  });

  test('an unknown zone names its line', async () => {
    const error = await errorOf(
      'zone.yaml',
      `dag_id: zone\nschedule:\n  cron: "@daily"\n  timezone: Europe/Zurick\n`,
    );
    expect(error).toMatch(
      /^zone\.yaml:4: schedule of DAG "zone": there is no time zone "Europe\/Zurick"/,
    );
  });

  test('an unknown key names the nearest known one', async () => {
    const error = await errorOf('key.yaml', `dag_id: key\ntasks:\n  a:\n    hanlder: h\n`);
    expect(error).toBe(
      'key.yaml:4: task "a" has an unknown key "hanlder" (did you mean "handler"?)',
    );
  });

  test('keys that would change every object are refused', async () => {
    const error = await errorOf(
      'proto.yaml',
      `dag_id: proto\nparams:\n  p: { default: { __proto__: { admin: true } } }\ntasks:\n  __proto__: { handler: h }\n`,
    );
    expect(error).toContain(
      'param "p" has a default that has a key "__proto__", which is not allowed',
    );
    expect(error).toContain('proto.yaml:5: task "__proto__" has a reserved id; rename it');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('nesting without end', async () => {
    const deep = `dag_id: deep\nparams:\n  p: ${'['.repeat(40)}${']'.repeat(40)}\n`;
    expect(await errorOf('deep.yaml', deep)).toMatch(
      /^deep\.yaml:\d+: param "p" has a default that is nested deeper/,
    );
    const deeper = `dag_id: deeper\nparams:\n  p: ${'['.repeat(100_000)}\n`;
    expect(await errorOf('deeper.yaml', deeper)).toMatch(
      /^deeper\.yaml:1: RangeError: Maximum call stack/,
    );
  });

  test('aliases that multiply', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `  p${at}: &p${at} [${`*p${at - 1}, `.repeat(at ? 9 : 0)}1]`,
    );
    const error = await errorOf('bomb.yaml', `dag_id: bomb\nparams:\n${levels.join('\n')}\n`);
    expect(error).toMatch(/^bomb\.yaml:1: ReferenceError: Excessive alias count/);
  });

  test('a pattern that never ends on its own default', async () => {
    const error = await errorOf(
      'pattern.yaml',
      `dag_id: pattern\nparams:\n  p: { type: string, pattern: "^(a+)+$", default: "${'a'.repeat(40)}!" }\n`,
    );
    expect(error).toMatch(/^pattern\.yaml:\d+: param "p" takes longer than 250 ms to check/);
  });

  test('ten thousand tasks and one', async () => {
    const tasks = Array.from({ length: 10_001 }, (_, at) => `  t${at}: { empty: true }`).join('\n');
    const error = await errorOf('many.yaml', `dag_id: many\ntasks:\n${tasks}\n`);
    expect(error).toBe(
      'many.yaml:1: a DAG has 10001 tasks; at most 10000 are allowed, so split it',
    );
  });
});

describe('files that never come back', () => {
  test('an endless loop is stopped', async () => {
    const error = await errorOf('loop.ts', 'for (;;);\n');
    expect(error).toMatch(/^loop\.ts:1: reading the file took longer than 5 s and was stopped/);
  });

  test('an endless loop in Python is stopped', async () => {
    const error = await errorOf('loop.py', 'while True:\n    pass\n');
    expect(error).toMatch(/^loop\.py:1: reading the file took longer than 5 s and was stopped/);
  });

  test('a promise that is awaited for ever', async () => {
    const error = await errorOf(
      'await.ts',
      `import '@dagmesh/sdk';\nawait new Promise(() => undefined);\n`,
    );
    expect(error).toMatch(
      /^await\.ts:1: the file awaits something at its top level that never comes/,
    );
  });

  test('process.exit', async () => {
    const error = await errorOf('exit.ts', 'process.exit(0);\n');
    expect(error).toMatch(
      /^exit\.ts:1: the file ended its program with exit code 0 .*remove the call of process\.exit/,
    );
  });

  test('sys.exit', async () => {
    const error = await errorOf('exit.py', 'import sys\nsys.exit(3)\n');
    expect(error).toMatch(/^exit\.py:2: .*sys\.exit/);
  });

  test('os._exit', async () => {
    const error = await errorOf('gone.py', 'import os\nos._exit(0)\n');
    expect(error).toMatch(/^gone\.py:1: the file ended its program with exit code 0 .*os\._exit/);
  });
});

describe('files that take too much', () => {
  test('a gigabyte outside the heap', async () => {
    const error = await errorOf('fat.ts', 'export const fat = Buffer.alloc(1e9, 1);\nfor (;;);\n');
    expect(error).toMatch(/^fat\.ts:1: reading the file needed more than 256 MiB of memory/);
  });

  test('a gigabyte inside the heap', async () => {
    const error = await errorOf(
      'heap.ts',
      'const all = [];\nfor (;;) all.push(new Array(1e5).fill(1.5));\n',
    );
    expect(error).toMatch(/^heap\.ts:1: reading the file needed more than 256 MiB of memory/);
  });

  test('a gigabyte in Python', async () => {
    const error = await errorOf('fat.py', 'fat = bytearray(10**9)\nwhile True:\n    pass\n');
    expect(error).toMatch(/^fat\.py:1: (MemoryError|reading the file needed more than 256 MiB)/);
  });

  test('a hundred megabytes of print', async () => {
    const line = 'x'.repeat(1_000);
    const error = await errorOf(
      'loud.ts',
      `for (let i = 0; i < 1e5; i++) console.log('${line}');\n`,
    );
    expect(error).toMatch(/^loud\.ts:1: the file printed more than 16 MiB/);
  });

  test('processes that start processes', async () => {
    const error = await errorOf(
      'forks.ts',
      `import { spawn } from 'node:child_process';
for (let i = 0; i < 60; i++) spawn('sleep', ['30'], { detached: true }).on('error', () => undefined);
await new Promise((resolve) => setTimeout(resolve, 30_000));
`,
    );
    expect(error).toMatch(/^forks\.ts:1: the file started more than 32 processes/);
  });
});

describe('files that reach elsewhere', () => {
  test('a link to a place outside the folder is refused', async () => {
    const outside = join(tmpdir(), `dagmesh-outside-${process.pid}.ts`);
    await writeFile(outside, TYPESCRIPT);
    await symlink(outside, join(mesh.folder, 'link.ts'));
    const error = await mesh.errorOf('link.ts');
    await rm(outside);
    expect(error).toBe(
      'link.ts:1: the file is a link to a place outside the DAG folder; copy what it links to',
    );
  });

  test('a file that deletes itself is gone, and so is its DAG', async () => {
    await mesh.write(
      'suicide.ts',
      `import { rmSync } from 'node:fs';\nrmSync(new URL(import.meta.url));\n${TYPESCRIPT}`,
    );
    await eventually(
      async () => {
        const { files } = await mesh.client.listFiles({});
        return (
          !existsSync(join(mesh.folder, 'suicide.ts')) &&
          !files.some(({ path }) => path === 'suicide.ts')
        );
      },
      { deadlineMs: 20_000, what: 'the file is forgotten' },
    );
    expect(mesh.catalog.files.has('suicide.ts')).toBe(false);
  });

  test('nothing of our environment is seen', async () => {
    const error = await errorOf(
      'env.ts',
      `throw new Error(Object.keys(process.env).sort().join());\n`,
    );
    expect(error).toBe('env.ts:1: Error: DAGMESH_DAGS_FOLDER,HOME,LANG,PATH,TZ');
  });
});

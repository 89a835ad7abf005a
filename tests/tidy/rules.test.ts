// Every rule can fail: each is shown what it forbids, and what looks like it but is allowed.
import { describe, expect, it } from 'vitest';
import { blank } from './blank.ts';
import { rules } from './rules.ts';
import { unusedFiles } from './rules/unused.ts';
import { importsOf, sourceOf } from './source.ts';

/** A file by its path, as text. */
type Fixture = readonly [path: string, text: string];
type Case = { readonly bad: readonly Fixture[]; readonly good: readonly Fixture[] };

const core = 'services/scheduler/core/plan.ts';
const loop = 'services/scheduler/loops/sweeper.ts';
const rpc = 'services/kernel/rpc/client.ts';

const cases: Readonly<Record<string, Case>> = {
  'no service imports another': {
    bad: [
      [loop, "import { x } from '../../metadata/core/x.ts';"],
      [loop, "import type { X } from '../../api/x.ts';"],
      ['services/kernel/log/log.ts', "export { x } from '../../api/x.ts';"],
    ],
    good: [
      [loop, "import { x } from '../core/x.ts';\nimport { y } from '#kernel/log/log.ts';"],
      ['services/standalone/main.ts', "import { x } from '../metadata/assemble.ts';"],
      [loop, "// import { x } from '../../metadata/core/x.ts';"],
    ],
  },
  'an SDK imports nothing of the services': {
    bad: [
      ['sdk/typescript/src/dag.ts', "import { x } from '#kernel/clock/clock.ts';"],
      ['sdk/typescript/src/dag.ts', "await import('../../../services/kernel/clock/clock.ts');"],
    ],
    good: [['sdk/typescript/src/dag.ts', "import { x } from './gen/x_pb.ts';"]],
  },
  'a foreign library is imported in its own room only': {
    bad: [
      [loop, "import pg from 'pg';"],
      [loop, "import { connect } from '@nats-io/transport-node';"],
      ['services/metadata/catalog/dags.ts', "import { Client } from 'pg';"],
      [loop, "import type { ServiceError } from '@grpc/grpc-js/build/src/call.js';"],
    ],
    good: [
      [rpc, "import * as grpc from '@grpc/grpc-js';"],
      ['services/metadata/ledger/pool.ts', "import { Pool } from 'pg';"],
      ['services/metadata/catalog/dags.ts', "import { EntitySchema } from 'typeorm';"],
      [loop, "import { x } from 'pg-lite';"],
      ['sdk/typescript/src/worker/session.ts', "import * as grpc from '@grpc/grpc-js';"],
    ],
  },
  'imports inside a service run one way': {
    bad: [
      [core, "import { x } from '../rpc/explain.ts';"],
      ['services/metadata/ledger/commit.ts', "import { x } from '../rpc/commit.ts';"],
      [loop, "import { x } from '../assemble.ts';"],
      ['services/scheduler/assemble.ts', "import { x } from './main.ts';"],
    ],
    good: [
      [loop, "import { x } from '../core/plan.ts';\nimport { y } from '../rpc/explain.ts';"],
      ['services/scheduler/core/plan.test.ts', "import { x } from '../loops/sweeper.ts';"],
    ],
  },
  'imports are spelled out: node: for built-ins, .ts for files': {
    bad: [
      [loop, "import { readFile } from 'fs/promises';"],
      [loop, "import { x } from './x';"],
      [loop, "import { x } from '#kernel/clock/clock';"],
    ],
    good: [[loop, "import { readFile } from 'node:fs/promises';\nimport { x } from './x.ts';"]],
  },
  'a core has no await, clock or I/O': {
    bad: [
      [core, 'export const x = async () => 1;'],
      [core, 'const y = await x;'],
      [core, "import { readFileSync } from 'node:fs';"],
      [core, "import type { Clock } from '#kernel/clock/clock.ts';"],
      [core, "import { fail } from '#kernel/rpc/retry.ts';"],
      [core, 'type X = Promise<number>;'],
    ],
    good: [
      [core, "// We await nothing.\nimport { createHash } from 'node:crypto';"],
      [core, "import { toTimestamp } from '#kernel/clock/timestamp.ts';"],
      [loop, 'const y = await x;'],
      ['services/scheduler/core/plan.test.ts', 'const y = await x;'],
    ],
  },
  'time and timers come from kernel/clock': {
    bad: [
      [loop, 'const now = Date.now();'],
      [loop, 'const now = new Date();'],
      [loop, 'const text = `at ${Date.now()}`;'],
      [loop, 'setTimeout(run, 5);'],
      [loop, 'const at = performance.now();'],
    ],
    good: [
      [loop, "const text = 'Date.now()'; // Date.now()"],
      [loop, 'const then = new Date(ms);\nsocket.setTimeout(5);'],
      ['services/kernel/clock/clock.ts', 'const now = Date.now();'],
      ['services/scheduler/loops/sweeper.test.ts', 'const now = Date.now();'],
      ['sdk/typescript/src/worker/session.ts', 'const now = Date.now();'],
    ],
  },
  'chance comes from kernel/clock/random': {
    bad: [
      [loop, 'const x = Math.random();'],
      [loop, "import { randomUUID } from 'node:crypto';"],
    ],
    good: [[loop, "import { uuidV7 } from '#kernel/clock/random.ts';"]],
  },
  'the environment is read in kernel/config': {
    bad: [[loop, 'const url = process.env.NATS_URL;']],
    good: [['services/kernel/config/config.ts', 'const env = process.env;']],
  },
  'signals and exits are in kernel/lifecycle': {
    bad: [
      [loop, "process.on('SIGTERM', stop);"],
      [loop, 'process.exit(1);'],
    ],
    good: [
      ['services/kernel/lifecycle/lifecycle.ts', 'process.exit(1);'],
      [loop, 'process.exitCode = 1;'],
    ],
  },
  'the first line of a file says what it is for': {
    bad: [
      [loop, "import { x } from './x.ts';"],
      [loop, '//\nconst x = 1;'],
      ['deploy/launch/launch.mjs', "#!/usr/bin/env node\nimport 'x';"],
    ],
    good: [
      [loop, '// Finds leases that have ended.\n'],
      ['deploy/launch/launch.mjs', '#!/usr/bin/env node\n// Starts everything.\n'],
    ],
  },
  'a file has at most 500 lines': {
    bad: [[loop, 'x;\n'.repeat(501)]],
    good: [[loop, 'x;\n'.repeat(500)]],
  },
  'a function has at most 60 lines': {
    bad: [
      [loop, `export function sweep(\n  a: A,\n): void {\n${'  x();\n'.repeat(57)}}\n`],
      [loop, `const sweep = async (a: A) => {\n${'  x();\n'.repeat(59)}};\n`],
      [
        loop,
        `class Sweeper {\n  async #run(): Promise<void> {\n${'    x();\n'.repeat(59)}  }\n}\n`,
      ],
      [loop, `return {\n  start: async () => {\n${'    x();\n'.repeat(59)}  },\n};\n`],
    ],
    good: [
      [loop, `export function sweep(): void {\n${'  x();\n'.repeat(58)}}\n`],
      [loop, `const never = (code: Code) => ({ code });\n${'x();\n'.repeat(80)}`],
      [loop, `class Sweeper {\n${'  x(): void {\n  }\n'.repeat(40)}}\n`],
      [loop, `const table = {\n${'  a: 1,\n'.repeat(80)}};\n`],
    ],
  },
  'a line has at most 100 characters': {
    bad: [
      [loop, `// ${'x'.repeat(98)}`],
      [loop, `const x = ${'y + '.repeat(25)}z;`],
    ],
    good: [
      [loop, `// ${'x'.repeat(97)}`],
      [loop, `// https://example.org/${'x'.repeat(100)}`],
      [loop, `import { x } from '#gen/${'x'.repeat(100)}.ts';`],
      [loop, `throw new Error('${'x'.repeat(100)}');`],
    ],
  },
  'nothing is any': {
    bad: [
      [loop, 'const x: any = 1;'],
      [loop, 'const x = y as any;'],
      [loop, 'type X = Map<string, any>;'],
      [loop, 'type X = any;'],
      [loop, 'const x: Array<any> = [];'],
      [loop, 'function f(x: any[]): void {}'],
    ],
    good: [
      [loop, "const any = 1; const x = f(any, 'any'); // as any"],
      [loop, 'const x = AbortSignal.any([a, b]);'],
      [loop, 'details.map((any) => ({ type: any.typeUrl }));'],
    ],
  },
  'no non-null assertion': {
    bad: [
      [loop, 'const x = map.get(1)!;'],
      [loop, 'list[0]!.run();'],
      [loop, 'f(x!, y);'],
    ],
    good: [[loop, "if (!x && a != b && c !== d) throw new Error('no!');"]],
  },
  'exports are named': {
    bad: [[loop, 'export default function sweep() {}']],
    good: [
      ['vitest.config.ts', 'export default defineConfig({});'],
      ['dags/etl.ts', "export default dag('etl');"],
    ],
  },
  'nobody silences the compiler or the linter': {
    bad: [
      [loop, `// @ts-${'ignore'}\nx();`],
      [loop, `// eslint-${'disable'}-next-line\nx();`],
    ],
    good: [[loop, '// The compiler is right.']],
  },
  'files and exports are named after what they are': {
    bad: [
      ['services/scheduler/core/task-manager.ts', ''],
      ['services/scheduler/core/time-utils.ts', ''],
      [loop, 'export const runInfo = 1;'],
      [loop, 'export async function handleData() {}'],
      [loop, 'export type BaseTask = {};'],
    ],
    good: [
      [loop, 'export type DataInterval = {};\nexport const dataIntervalOf = 1;'],
      [loop, 'export class DagProcessor {}\nexport type Handler = () => void;'],
      [loop, 'const info = 1;'],
    ],
  },
  'nothing is left to be done later': {
    bad: [
      [loop, `// ${'TO' + 'DO'}: mend`],
      [loop, `x(); // ${'FIX' + 'ME'}`],
    ],
    good: [[loop, '// Done.']],
  },
  'no file knows the machine it was written on': {
    bad: [
      [loop, `const folder = '/${'wo' + 'rk'}/main';`],
      [loop, `// see /${'home'}/ada/notes`],
    ],
    good: [[loop, "const path = '/healthz/work';\nimport { x } from './work/x.ts';"]],
  },
};

describe.each(rules)('$name', (rule) => {
  it('is broken by what it forbids, and by nothing that only looks like it', () => {
    const found = cases[rule.name];
    if (found === undefined) throw new Error('add a case for this rule: it must be able to fail');
    for (const [path, text] of found.bad) {
      expect
        .soft(rule.check(sourceOf(path, text)), `${path}: ${text.slice(0, 200)}`)
        .not.toEqual([]);
    }
    for (const [path, text] of found.good) {
      expect.soft(rule.check(sourceOf(path, text)), `${path}: ${text.slice(0, 200)}`).toEqual([]);
    }
  });
});

describe('a file nobody imports', () => {
  const user = sourceOf('services/x/main.ts', "import { a } from './a.ts';\nspawn('child.ts');");
  const files = ['a', 'b', 'child', 'script'].map((name) =>
    sourceOf(`services/x/${name}.ts`, '//'),
  );

  it('is found; what is imported, started or named by a script is not', () => {
    const unused = unusedFiles([user, ...files], ['node services/x/script.ts']);
    expect(unused.map(({ path }) => path)).toEqual(['services/x/b.ts']);
  });

  it('is not saved by importing itself', () => {
    const self = sourceOf('services/x/b.ts', "import { b } from './b.ts';");
    expect(unusedFiles([self], [])).toHaveLength(1);
  });
});

describe('what is no code', () => {
  it('is blanked out: comments, strings, templates but not their code, regular expressions', () => {
    const text = [
      "const a = 'Date.now()'; // Date.now()",
      'const b = `x ${Date.now() + `${1}`} Date.now()`; /* Date.now() */ f();',
      "const c = /['\"`]/.test(d) / 2 / e; g('//');",
    ].join('\n');
    const { code, uncommented } = blank(text);
    expect(code.split('\n').map((line) => line.replaceAll(/\s+/g, ' ').trim())).toEqual([
      'const a = ;',
      'const b = Date.now() + 1 ; f();',
      'const c = .test(d) / 2 / e; g( );',
    ]);
    expect(uncommented).toContain("'Date.now()'");
    expect(uncommented).toContain("g('//')");
    expect(code.length).toBe(text.length);
  });
});

describe('an import', () => {
  it('is found in all its forms, also over many lines', () => {
    const text = [
      "import 'a';",
      'import {',
      '  type X,',
      "} from './b.ts';",
      "export * from './c.ts';",
      "const d = await import('./d.ts');",
      "const e = 'import from';",
    ].join('\n');
    expect(importsOf(sourceOf('x.ts', text))).toEqual([
      { name: 'a', line: 1 },
      { name: './b.ts', line: 4 },
      { name: './c.ts', line: 5 },
      { name: './d.ts', line: 6 },
    ]);
  });
});

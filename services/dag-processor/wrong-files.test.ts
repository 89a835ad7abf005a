// What is wrong in DAG files is told with line, cause and advice. Real children.
import { afterAll, beforeAll, test } from 'vitest';
import { type BadFile, expectError } from './test-bad-file.ts';
import { createTestMesh, type TestMesh } from './test-mesh.ts';

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

let mesh: TestMesh;

beforeAll(async () => {
  mesh = await createTestMesh({ childrenMax: 3 });
  for (const { path, text } of WRONG) await mesh.write(path, text);
  await mesh.start();
});

afterAll(() => mesh.end());

test.each(WRONG)('$what', { timeout: 120_000 }, (file) => expectError(mesh, file));

function aliasBomb(): string {
  const levels = Array.from({ length: 12 }, (_, at) => {
    const doubled = at === 0 ? '' : `*p${at - 1}, `.repeat(9);
    return `  p${at}: &p${at} [${doubled}1]`;
  });
  return levels.join('\n');
}

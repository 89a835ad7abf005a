// The YAML form of a DAG: every key, and what is said when one is wrong.
import { readFileSync } from 'node:fs';
import { toJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { validateDagFile } from '../../core/check/validate-dag-spec.ts';
import { readYamlDags } from './yaml-file.ts';

function problemsOf(text: string): string[] {
  return readYamlDags(text).problems.map(({ line, cause }) => `${line}: ${cause}`);
}

function jsonOf(text: string): unknown {
  const { dags, problems } = readYamlDags(text);
  expect(problems).toEqual([]);
  return dags.map((dag) => toJson(DagSpecSchema, dag));
}

test('every key finds its field', () => {
  const text = `
dag_id: all
description: one line
doc_md: "# Title"
schedule: { cron: "0 6 * * *", timezone: Europe/Zurich, data_interval: true }
start_date: 2026-01-01
end_date: 2026-12-31 18:00+01:00
catchup: true
max_active_runs: 2
max_active_tasks: 3
dagrun_timeout: 1.5h
params:
  plain: [1, two]
  typed: { type: integer, default: 3, description: how many }
tags: [x, y]
is_paused_upon_creation: true
owner: me
default_args: &defaults { queue: python, retries: 2, pool: p }
tasks:
  a:
    handler: lib.py:a
    connections: db
  b:
    handler: lib.py:b
    queue: default
    upstream: [a]
    inputs: { literal: { deep: [null] }, from_a: { xcom: a, key: rows } }
    retry_delay: 10s
    retry_exponential_backoff: true
    max_retry_delay: 1h
    execution_timeout: 250ms
    trigger_rule: all_done
    pool_slots: 2
    priority_weight: -5
    weight_rule: absolute
    max_active_tis_per_dag: 4
    max_active_tis_per_dagrun: 5
    doc_md: text
  c: { empty: true, upstream: b }
`;
  expect(jsonOf(text)).toEqual([
    {
      dagId: 'all',
      description: 'one line',
      docMd: '# Title',
      timetable: {
        cron: { expression: '0 6 * * *', timezone: 'Europe/Zurich', dataInterval: true },
      },
      startDate: '2026-01-01T00:00:00Z',
      endDate: '2026-12-31T17:00:00Z',
      catchup: true,
      activeRunsMax: 2,
      activeTasksMax: 3,
      dagrunTimeout: '5400s',
      params: [
        { name: 'plain', defaultJson: '[1,"two"]' },
        {
          name: 'typed',
          defaultJson: '3',
          schemaJson: '{"type":"integer"}',
          description: 'how many',
        },
      ],
      tags: ['x', 'y'],
      isPausedUponCreation: true,
      owner: 'me',
      tasks: [
        {
          taskId: 'a',
          handler: 'lib.py:a',
          queue: 'python',
          pool: 'p',
          priorityWeight: 1,
          retry: { retries: 2 },
          connections: ['db'],
          sourceLine: 20,
        },
        {
          taskId: 'b',
          handler: 'lib.py:b',
          queue: 'default',
          upstreamTaskIds: ['a'],
          triggerRule: 'TRIGGER_RULE_ALL_DONE',
          pool: 'p',
          poolSlots: 2,
          priorityWeight: -5,
          weightRule: 'WEIGHT_RULE_ABSOLUTE',
          retry: { retries: 2, delay: '10s', exponentialBackoff: 2, delayMax: '3600s' },
          executionTimeout: '0.250s',
          activeTisPerDagMax: 4,
          activeTisPerDagrunMax: 5,
          inputs: [
            { name: 'literal', valueJson: '{"deep":[null]}' },
            { name: 'from_a', xcom: { taskId: 'a', key: 'rows' } },
          ],
          docMd: 'text',
          sourceLine: 23,
        },
        {
          taskId: 'c',
          queue: 'python',
          upstreamTaskIds: ['b'],
          pool: 'p',
          priorityWeight: 1,
          retry: { retries: 2 },
          sourceLine: 39,
          isEmpty: true,
        },
      ],
    },
  ]);
});

test.each([
  ['"@daily"', { cron: { expression: '@daily' } }],
  ['"0 6 * * *"', { cron: { expression: '0 6 * * *' } }],
  ['"@once"', { once: {} }],
  ['{ every: 90m }', { delta: { delta: '5400s' } }],
  ['{ every: 1d, data_interval: true }', { delta: { delta: '86400s', dataInterval: true } }],
  ['null', undefined],
])('schedule: %s', (schedule, timetable) => {
  const [dag] = jsonOf(`dag_id: x\nschedule: ${schedule}\n`) as { timetable?: unknown }[];
  expect(dag?.timetable).toEqual(timetable);
});

test('numbers that stand for texts are taken as they are written', () => {
  const { dags } = readYamlDags('dag_id: 1.10\ntags: [007, 2026, 1e3]\ntasks: {}\n');
  expect(dags).toMatchObject([{ dagId: '1.10', tags: ['007', '2026', '1e3'] }]);
});

test('more documents than are read are a problem of the file', () => {
  const { problems } = readYamlDags('dag_id: x\n---\n'.repeat(1_001));
  expect(problems).toEqual([
    { line: 2_000, cause: 'it has more than 1000 documents; make several files of it' },
  ]);
});

test('a param may be an alias of a schema that stands elsewhere', () => {
  const { dags, problems } = readYamlDags(`
dag_id: x
params:
  from: &day { type: string, format: date, default: 2026-01-31 }
  to: *day
tasks: {}
`);
  expect(problems).toEqual([]);
  const param = { defaultJson: '"2026-01-31"', schemaJson: '{"type":"string","format":"date"}' };
  expect(dags[0]?.params).toMatchObject([
    { name: 'from', ...param },
    { name: 'to', ...param },
  ]);
});

describe('what is wrong is told with its line', () => {
  test.each([
    ['dag_id: x\nschedul: y', '2: the DAG has an unknown key "schedul" (did you mean "schedule"?)'],
    [
      'dag_id: x\ntasks:\n  a:\n    retires: 1',
      '4: task "a" has an unknown key "retires" (did you mean "retries"?)',
    ],
    [
      'dag_id: x\ndefault_args:\n  handler: y',
      '3: "default_args" of the DAG has an unknown key "handler"',
    ],
    ['dag_id: x\ntasks: [a]', '2: "tasks" of the DAG must be a mapping'],
    ['dag_id: x\ntags: { a: 1 }', '2: "tags" of the DAG must be a text'],
    ['dag_id: x\ncatchup: maybe', '2: "catchup" of the DAG must be true or false'],
    [
      'dag_id: x\nmax_active_runs: 0',
      '2: "max_active_runs" of the DAG must be a whole number from 1 to 2147483647',
    ],
    [
      'dag_id: x\nstart_date: 2026-02-31',
      '2: "start_date" of the DAG must be a date, such as 2026-01-31 or 2026-01-31T06:00Z',
    ],
    [
      'dag_id: x\ndagrun_timeout: 30',
      '2: "dagrun_timeout" of the DAG must be a span of time with its unit, such as 30s, 5m or 1.5h',
    ],
    ['dag_id: x\nparams: { p: .nan }', '2: "p" in "params" of the DAG cannot be written as JSON'],
    [
      'dag_id: x\ntasks: { a: { trigger_rule: all_sucess } }',
      '2: "trigger_rule" of task "a" cannot be "all_sucess" (did you mean "all_success"?)',
    ],
    [
      'dag_id: x\ntasks: { a: { inputs: { i: { xcom: b, kye: k } } } }',
      '2: "i" of "inputs" of task "a" has an unknown key "kye" (did you mean "key"?)',
    ],
    ['tasks: {}', '1: the DAG has tasks but no dag_id; give it one'],
    ['dag_id: x\ndag_id: y', '2: the key "dag_id" stands here a second time'],
    ['dag_id: x\n\tbad: 1', '2: not YAML: Tabs are not allowed as indentation'],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });
});

test('a document of another kind is no DAG', () => {
  expect(readYamlDags('')).toEqual({ dags: [], problems: [] });
  expect(readYamlDags('services: { db: {} }\n---\n- 1\n')).toEqual({ dags: [], problems: [] });
});

test('each document is a DAG', () => {
  const { dags } = readYamlDags('dag_id: x\n---\ndag_id: y\n');
  expect(dags.map(({ dagId }) => dagId)).toEqual(['x', 'y']);
});

test('the example of the repository is a DAG of three tasks', () => {
  const url = new URL('../../../../dags/hello.yaml', import.meta.url);
  const text = readFileSync(url, 'utf8');
  const { dags, problems } = readYamlDags(text);
  expect(problems).toEqual([]);
  const verdict = validateDagFile(dags, { path: 'hello.yaml', text });
  expect(verdict.kind === 'valid' ? verdict.dags[0]?.tasks : verdict.problems).toMatchObject([
    { taskId: 'greet', upstreamTaskIds: [] },
    { taskId: 'count', upstreamTaskIds: ['greet'] },
    { taskId: 'tell', upstreamTaskIds: ['count', 'greet'] },
  ]);
});

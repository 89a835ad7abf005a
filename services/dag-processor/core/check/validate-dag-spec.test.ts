// What is accepted, filled in and refused, and with which words, whatever the language.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  DagSpecSchema,
  TaskSpecSchema,
  TriggerRule,
  WeightRule,
} from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { DagSource } from '../file/dag-source.ts';
import { validateDagFile, validateDagSpec } from './validate-dag-spec.ts';

type DagInit = MessageInitShape<typeof DagSpecSchema>;
type TaskInit = MessageInitShape<typeof TaskSpecSchema>;

const NO_SOURCE: DagSource = { path: 'x.ts', text: '' };

function aTask(fields: TaskInit = {}) {
  return create(TaskSpecSchema, { taskId: 'a', handler: 'x.ts:a', sourceLine: 7, ...fields });
}

function aDag(fields: DagInit = {}) {
  return create(DagSpecSchema, { dagId: 'x', tasks: [aTask()], ...fields });
}

/** All problems of a DAG, as `line: cause`. */
function problemsOf(fields: DagInit, text = ''): string[] {
  const verdict = validateDagSpec(aDag(fields), { path: 'x.ts', text });
  if (verdict.kind === 'valid') return [];
  return verdict.problems.map(({ line, cause }) => `${line ?? '-'}: ${cause}`);
}

function cron(expression: string, timezone = ''): DagInit['timetable'] {
  return { kind: { case: 'cron', value: { expression, timezone } } };
}

describe('what is left open is filled in', () => {
  test('with the defaults of the contract', () => {
    const xcom = { case: 'xcom' as const, value: { taskId: 'a' } };
    const b = aTask({ taskId: 'b', inputs: [{ name: 'i', source: xcom }] });
    const verdict = validateDagSpec(aDag({ tasks: [aTask(), b] }), NO_SOURCE);
    expect(verdict).toMatchObject({
      kind: 'valid',
      dags: [{ activeRunsMax: 16, activeTasksMax: 16 }],
    });
    const tasks = verdict.kind === 'valid' ? verdict.dags[0]?.tasks : [];
    expect(tasks?.[0]).toMatchObject({
      queue: 'default',
      pool: 'default_pool',
      poolSlots: 1,
      triggerRule: TriggerRule.ALL_SUCCESS,
      weightRule: WeightRule.DOWNSTREAM,
      retry: { retries: 0, delay: { seconds: 300n } },
    });
    expect(tasks?.[1]).toMatchObject({
      upstreamTaskIds: ['a'],
      inputs: [{ source: { value: { taskId: 'a', key: 'return_value' } } }],
    });
  });

  test('and what is said stays as it is', () => {
    const said = aTask({ queue: 'python', pool: 'p', poolSlots: 3, priorityWeight: 0 });
    const verdict = validateDagSpec(aDag({ activeRunsMax: 1, tasks: [said] }), NO_SOURCE);
    const [dag] = verdict.kind === 'valid' ? verdict.dags : [];
    expect(dag).toMatchObject({ activeRunsMax: 1 });
    expect(dag?.tasks[0]).toMatchObject({
      queue: 'python',
      pool: 'p',
      poolSlots: 3,
      priorityWeight: 0,
    });
  });

  test('without changing the DAG that was handed in', () => {
    const dag = aDag();
    validateDagSpec(dag, NO_SOURCE);
    expect(dag.tasks[0]?.queue).toBe('');
  });
});

describe('edges', () => {
  test('a task that is not there is named with the one that was meant', () => {
    const tasks = [
      aTask({ taskId: 'extract' }),
      aTask({ taskId: 'load', upstreamTaskIds: ['extrct'] }),
    ];
    expect(problemsOf({ tasks })).toEqual([
      '7: task "load" waits for "extrct", which is no task of this DAG (did you mean "extract"?)',
    ]);
  });

  test('two tasks with one id name both lines', () => {
    expect(problemsOf({ tasks: [aTask(), aTask({ sourceLine: 9 })] })).toEqual([
      '9: there are two tasks with the id "a", the first is a (line 7); rename one',
    ]);
  });

  test('a circle is told in the order of running, from the first line on', () => {
    const tasks = [
      aTask({ taskId: 'z', sourceLine: 4 }),
      aTask({ taskId: 'c', sourceLine: 20, upstreamTaskIds: ['b'] }),
      aTask({ taskId: 'a', sourceLine: 12, upstreamTaskIds: ['z', 'c'] }),
      aTask({ taskId: 'b', sourceLine: 15, upstreamTaskIds: ['a'] }),
    ];
    expect(problemsOf({ tasks })).toEqual([
      '12: the tasks wait for each other in a circle: a (line 12) → b (line 15) → c (line 20) → a; remove one of these edges',
    ]);
  });

  test('a task that waits for itself is a circle', () => {
    expect(problemsOf({ tasks: [aTask({ upstreamTaskIds: ['a'] })] })).toEqual([
      '7: the tasks wait for each other in a circle: a (line 7) → a; remove one of these edges',
    ]);
  });

  test('an input that would close a circle is refused', () => {
    const source = { case: 'xcom' as const, value: { taskId: 'b' } };
    const tasks = [
      aTask({ inputs: [{ name: 'i', source }] }),
      aTask({ taskId: 'b', upstreamTaskIds: ['a'], sourceLine: 8 }),
    ];
    expect(problemsOf({ tasks })[0]).toContain('in a circle: a (line 7) → b (line 8) → a');
  });

  test('a chain of ten thousand tasks is fine', () => {
    const tasks = Array.from({ length: 10_000 }, (_, at) =>
      aTask({ taskId: `t${at}`, upstreamTaskIds: at === 9_999 ? [] : [`t${at + 1}`] }),
    );
    expect(problemsOf({ tasks })).toEqual([]);
  });
});

describe('schedule', () => {
  test('bad cron is told at the line where it is written', () => {
    const source = `dag('x', {\n  schedule: '0 0 31 2 *',\n`;
    expect(problemsOf({ timetable: cron('0 0 31 2 *') }, source)).toEqual([
      '2: schedule of DAG "x": the cron expression never matches: no month it allows has such a day (like 31 February)',
    ]);
  });

  test('an unknown zone is told at the line where it is written', () => {
    const source = `dag('x', {\n  schedule: '@daily',\n  zone: 'Mars/Base',\n`;
    expect(problemsOf({ timetable: cron('@daily', 'Mars/Base') }, source)[0]).toMatch(
      /^3: schedule of DAG "x": there is no time zone "Mars\/Base"/,
    );
  });

  test('a start after the end is told at the line of the DAG', () => {
    const dates = { startDate: { seconds: 172_800n }, endDate: { seconds: 86_400n } };
    expect(problemsOf(dates, `\n\ndag("x")`)).toEqual([
      '3: DAG "x" starts on 1970-01-03T00:00:00.000Z, after its end on 1970-01-02T00:00:00.000Z; swap start_date and end_date',
    ]);
  });

  test('spans must be positive', () => {
    const none = { seconds: 0n };
    expect(problemsOf({ dagrunTimeout: none })).toEqual([
      '-: DAG "x" has dagrun_timeout 0 s; it must be positive',
    ]);
    expect(problemsOf({ tasks: [aTask({ executionTimeout: none })] })).toEqual([
      '7: task "a" has execution_timeout 0 s; it must be positive',
    ]);
    const retry = { retries: 1, delay: { seconds: -5n } };
    expect(problemsOf({ tasks: [aTask({ retry })] })).toEqual([
      '7: task "a" has retry_delay -5 s; it must be at least 0',
    ]);
  });
});

describe('params', () => {
  test.each([
    [{ name: 'p', defaultJson: '{' }, /param "p" has a default that is not JSON/],
    [
      { name: 'p', defaultJson: '"x"', schemaJson: '{"$async":true,"type":"integer"}' },
      /has a schema that is checked in the background, which nobody waits for; remove "\$async"/,
    ],
    [{ name: 'p', defaultJson: '1', schemaJson: '[]' }, /neither an object nor true or false/],
    [{ name: 'p', defaultJson: '1', schemaJson: '{"type":"numbr"}' }, /is no JSON Schema/],
    [
      { name: 'p', defaultJson: '"x"', schemaJson: '{"type":"integer"}' },
      /has the default "x", which its schema refuses: must be integer/,
    ],
    [{ name: 'p', defaultJson: '{"__proto__":1}' }, /has a key "__proto__", which is not allowed/],
    [{ name: 'constructor', defaultJson: '1' }, /param "constructor" has a reserved name/],
    [
      { name: 'p', defaultJson: '"31.12."', schemaJson: '{"format":"date"}' },
      /must match format "date"/,
    ],
  ])('%j is refused', (param, cause) => {
    expect(problemsOf({ params: [param] })[0]).toMatch(cause);
  });

  test('keywords that only forms use are allowed', () => {
    const schemaJson =
      '{"type":"string","format":"multiline","section":"Main","values_display":{}}';
    expect(problemsOf({ params: [{ name: 'p', defaultJson: '"x"', schemaJson }] })).toEqual([]);
  });

  test('two params with one name are refused', () => {
    const param = { name: 'p', defaultJson: '1' };
    expect(problemsOf({ params: [param, param] })).toEqual([
      '-: param "p" is declared twice; rename one',
    ]);
  });

  test('a required param goes with triggering, but not with a schedule', () => {
    const params = [{ name: 'p' }];
    expect(problemsOf({ params })).toEqual([]);
    expect(problemsOf({ params, timetable: cron('@daily') })[0]).toContain('has no default');
  });
});

describe('tasks', () => {
  test.each<[TaskInit, string]>([
    [
      { handler: '' },
      '7: task "a" has no handler; say what the worker runs, or make it an empty task',
    ],
    [{ taskId: '..' }, '7: task ".." has a reserved id; rename it'],
    [{ taskId: '__proto__' }, '7: task "__proto__" has a reserved id; rename it'],
    [
      { triggerRule: TriggerRule.ALL_DONE_SETUP_SUCCESS },
      '7: task "a" has the trigger rule all_done_setup_success, which only teardowns get, by themselves',
    ],
    [{ queue: 'no spaces' }, '7: task "a": queue "no spaces" may have letters'],
    [{ poolSlots: -1 }, '7: task "a": pool_slots -1 must be at least 1'],
    [
      { inputs: [{ name: 'i', source: { case: 'valueJson', value: 'nope' } }] },
      '7: task "a" has an input "i" that is not JSON',
    ],
    [{ inputs: [{ name: 'i' }] }, '7: task "a": inputs[0].source is missing'],
  ])('%j is refused', (fields, problem) => {
    const [first = ''] = problemsOf({ tasks: [aTask(fields)] });
    expect(first.startsWith(problem) ? problem : first).toBe(problem);
  });

  test('an empty task needs no handler', () => {
    expect(problemsOf({ tasks: [aTask({ handler: '', isEmpty: true })] })).toEqual([]);
  });
});

describe('sizes', () => {
  test('more than ten thousand tasks are refused', () => {
    const tasks = Array.from({ length: 10_001 }, (_, at) => aTask({ taskId: `t${at}` }));
    expect(problemsOf({ tasks })[0]).toContain('has 10001 tasks; at most 10000 are allowed');
  });

  test('more than 16 MiB are refused', () => {
    const valueJson = JSON.stringify('x'.repeat(17 * 1024 * 1024));
    const inputs = [{ name: 'i', source: { case: 'valueJson' as const, value: valueJson } }];
    expect(problemsOf({ tasks: [aTask({ inputs })] })[0]).toContain('at most 16777216 are allowed');
  });
});

describe('a file with several DAGs', () => {
  test('is refused as a whole when one of them is wrong', () => {
    const verdict = validateDagFile([aDag(), aDag({ dagId: 'y', activeRunsMax: -1 })], NO_SOURCE);
    expect(verdict).toMatchObject({
      kind: 'invalid',
      problems: [{ cause: 'DAG "y": active_runs_max -1 must be at least 1' }],
    });
  });

  test('is told which of them has the task that is wrong', () => {
    const wrong = aTask({ upstreamTaskIds: ['nobody'] });
    const verdict = validateDagFile([aDag(), aDag({ dagId: 'y', tasks: [wrong] })], NO_SOURCE);
    const cause = 'in DAG "y": task "a" waits for "nobody", which is no task of this DAG';
    expect(verdict).toMatchObject({ problems: [{ line: 7, cause }] });
  });

  test('is refused when two have one id, at the line of the second', () => {
    const source = { path: 'x.ts', text: `dag('x')\n\ndag('x')\n` };
    expect(validateDagFile([aDag(), aDag()], source)).toEqual({
      kind: 'invalid',
      problems: [{ line: 3, cause: 'there are two DAGs with the id "x"; rename one' }],
    });
  });

  test('may have none at all', () => {
    expect(validateDagFile([], NO_SOURCE)).toEqual({ kind: 'valid', dags: [] });
  });
});

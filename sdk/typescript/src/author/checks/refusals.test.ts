// What an author cannot say, and the words in which that is told.
import { expect, test } from 'vitest';
import {
  chain,
  cron,
  DagError,
  type DagBuilder,
  type DagOptions,
  dag,
  every,
  param,
  type Task,
  type TaskOptions,
  toDagSpec,
} from '../../index.ts';

function declare(options: DagOptions, build: (d: DagBuilder) => void = () => undefined) {
  return toDagSpec(dag('a_dag', options, build));
}

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was refused');
}

test('a DAG without options has the defaults of Airflow', () => {
  const spec = declare({}, (d) => d.task('only', () => 1));
  expect(spec.timetable).toBeUndefined();
  expect(spec).toMatchObject({
    catchup: false,
    activeRunsMax: 16,
    activeTasksMax: 16,
    isPausedUponCreation: false,
  });
  expect(spec.tasks[0]).toMatchObject({
    queue: 'default',
    pool: 'default_pool',
    poolSlots: 1,
    priorityWeight: 1,
    triggerRule: 1,
    weightRule: 1,
    retry: { retries: 0, delay: { seconds: 300n }, exponentialBackoff: 0 },
    activeTisPerDagMax: 0,
    activeTisPerDagrunMax: 0,
  });
  expect(spec.tasks[0]?.executionTimeout).toBeUndefined();
});

test('presets and cron expressions are points in time unless told otherwise', () => {
  const kindOf = (options: DagOptions) => declare(options).timetable?.kind;
  expect(kindOf({ schedule: '@daily' })?.value).toMatchObject({
    expression: '@daily',
    timezone: '',
    dataInterval: false,
  });
  expect(kindOf({ schedule: '*/5 * * * *' })?.value).toMatchObject({ dataInterval: false });
  expect(kindOf({ schedule: every('90m', { dataInterval: true }) })?.value).toMatchObject({
    delta: { seconds: 5_400n },
    dataInterval: true,
  });
  expect(kindOf({ schedule: '@once' })?.case).toBe('once');
  expect(declare({ schedule: null }).timetable).toBeUndefined();
});

test('a time without an offset is read as UTC', () => {
  const { startDate } = declare({ startDate: '2026-03-01T06:30' });
  expect(startDate?.seconds).toBe(BigInt(Date.UTC(2026, 2, 1, 6, 30) / 1000));
});

test.each<[string, DagOptions, RegExp]>([
  ['a preset that does not exist', { schedule: '@fortnightly' }, /there is no preset @fortnightly/],
  [
    'eight cron fields',
    { schedule: '0 0 * * * * * *' },
    /has 8 fields; a cron expression has five/,
  ],
  ['an empty schedule', { schedule: ' ' }, /has 0 fields/],
  ['a date that is none', { startDate: 'yesterday' }, /startDate: "yesterday" is no date/],
  ['no runs at all', { maxActiveRuns: 0 }, /maxActiveRuns is 0; it must be a whole number from 1/],
  ['half a task', { maxActiveTasks: 1.5 }, /maxActiveTasks is 1.5/],
  ['a negative span', { dagrunTimeout: -1 }, /dagrunTimeout: -1 is not a span of time/],
  ['a long tag', { tags: ['x'.repeat(101)] }, /is longer than 100 characters/],
  ['a param JSON cannot say', { params: { n: param({ default: Number.NaN }) } }, /NaN/],
])('%s is refused at the line of the DAG', (_, options, words) => {
  const message = refusalOf(() => declare(options));
  expect(message).toMatch(words);
  expect(message).toMatch(/^refusals\.test\.ts:\d+: /);
});

test.each<[string, TaskOptions, RegExp]>([
  ['negative retries', { retries: -1 }, /retries is -1/],
  ['a queue with a blank', { queue: 'my queue' }, /queue is "my queue"/],
  ['no pool slots', { poolSlots: 0 }, /poolSlots is 0/],
  ['too steep a backoff', { retryExponentialBackoff: 5_000 }, /from 0 to 1000/],
  [
    'an unknown trigger rule',
    { triggerRule: 'sometimes' as never },
    /it must be one of all_success/,
  ],
  ['a span without a unit', { retryDelay: '5' as never }, /write e\.g\. '30s' or '5m'/],
  ['a strange connection id', { connections: ['a b'] }, /connections is "a b"/],
])('a task with %s is refused', (_, options, words) => {
  expect(refusalOf(() => declare({}, (d) => d.task('t', options, () => 1)))).toMatch(words);
});

test.each(['', 'white space', 'ümlaut', 'a/b', 'x'.repeat(251)])('%j cannot be an id', (id) => {
  expect(refusalOf(() => dag(id, {}, () => undefined))).toContain('cannot be the id of a DAG');
  expect(refusalOf(() => declare({}, (d) => d.emptyTask(id)))).toContain('the id of a task');
});

test('edges stay within one DAG', () => {
  let stranger: Task | undefined;
  dag('other', {}, (d) => {
    stranger = d.task('extract', () => 1);
  });
  const strange = stranger as unknown as Task;
  const words = 'cannot wait for task "extract" of DAG "other"; edges stay within one DAG';
  expect(refusalOf(() => declare({}, (d) => d.task('t', () => 1).upstream(strange)))).toContain(
    words,
  );
  const reading = () =>
    declare({}, (d) => d.task('t', { inputs: { row: strange.output } }, () => 1));
  expect(refusalOf(reading)).toContain(words);
});

test('only tasks can be waited for', () => {
  const run = () => declare({}, (d) => d.task('t', () => 1).upstream(undefined as never));
  expect(refusalOf(run)).toContain('undefined is not a task of any DAG');
});

test('a task cannot wait for itself', () => {
  const run = () =>
    declare({}, (d) => {
      const t = d.task('t', () => 1);
      chain(t, t);
    });
  expect(refusalOf(run)).toContain('task "t" cannot wait for itself');
});

test('lists of different length cannot be chained pairwise', () => {
  const run = () =>
    declare({}, (d) => {
      const [a, b, c] = [d.emptyTask('a'), d.emptyTask('b'), d.emptyTask('c')];
      chain([a, b], [c]);
    });
  expect(refusalOf(run)).toContain('they need the same length; these have 2 and 1');
});

test('nothing is added to a DAG once its declaration has run', () => {
  let builder: DagBuilder | undefined;
  let first: Task | undefined;
  let second: Task | undefined;
  dag('closed', {}, (d) => {
    builder = d;
    first = d.emptyTask('first');
    second = d.emptyTask('second');
  });
  expect(refusalOf(() => builder?.emptyTask('late'))).toContain('DAG "closed" is complete');
  expect(refusalOf(() => first && second?.upstream(first))).toContain('DAG "closed" is complete');
});

test('a task needs code, a handler, or to be empty on purpose', () => {
  expect(refusalOf(() => declare({}, (d) => d.task('t', {} as never)))).toContain('d.emptyTask()');
});

test('an input that JSON would lose is refused by its name', () => {
  const inputs = { when: { deep: () => 1 } };
  const run = () => declare({}, (d) => d.task('t', { inputs }, () => 1));
  expect(refusalOf(run)).toContain('"deep" of input "when" is a function, which JSON cannot say');
});

test('a time zone that does not exist is refused', () => {
  expect(refusalOf(() => cron('@daily', { timezone: 'Mars/Olympus' }))).toContain('no time zone');
});

test('what is refused is a DagError', () => {
  expect(() => declare({ maxActiveRuns: 0 })).toThrow(DagError);
});

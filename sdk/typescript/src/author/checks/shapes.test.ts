// Options that there are not, and values that can be no option's: refused where they stand.
import { expect, test } from 'vitest';
import {
  asset,
  cron,
  type DagBuilder,
  email,
  every,
  events,
  failOn,
  mapper,
  multipleCron,
  partitioned,
  remoteCallback,
  retryOn,
  sensor,
  shortCircuit,
  trigger,
  webhook,
  workday,
} from '../../index.ts';
import { refusal } from '../../testkit/declared.ts';
import { DAG_SHAPES, TASK_SHAPES } from '../option/option-shapes.ts';
import type { Shape } from './shapes.ts';

const noCode = () => undefined;

test.each<[string, string, (d: DagBuilder) => unknown]>([
  [
    'task "t" has no option "retrys" (did you mean "retries"?)',
    'a typo',
    (d) => d.task('t', { retrys: 3 } as never, noCode),
  ],
  [
    '(did you mean "retryDelay"?)',
    "Airflow's spelling",
    (d) => d.emptyTask('t', { retry_delay: '1s' } as never),
  ],
  [
    'task "t" has no option "zzz"',
    'nothing like it',
    (d) => d.latestOnly('t', { zzz: 1 } as never),
  ],
  [
    '(did you mean "softFail"?)',
    'a wait',
    (d) => d.wait('t', trigger.after('1s'), { soft_fail: true } as never),
  ],
  [
    'the question has no option "default" (did you mean "defaults"?)',
    'a question',
    (d) => d.approval('t', { subject: 's', default: ['Reject'] } as never),
  ],
  [
    'group "g" has no option "prefix"; there are prefixGroupId',
    'a group',
    (d) => d.group('g', { prefix: false } as never, noCode),
  ],
  [
    'defaultArgs of group "g" has no option "retry"',
    'what a group gives on',
    (d) => d.group('g', { defaultArgs: { retry: 1 } as never }, noCode),
  ],
  [
    'teardown "t" has no option "setup" (did you mean "setups"?)',
    'a teardown',
    (d) => d.emptyTask('t').asTeardown({ setup: [] } as never),
  ],
  [
    'sensor() has no option "interval"',
    'a sensor',
    () => sensor(() => true, { interval: '1s' } as never),
  ],
  [
    'shortCircuit() has no option',
    'a short circuit',
    () => shortCircuit(noCode, { ignore: true } as never),
  ],
  ['cron() has no option "tz"', 'a cron', () => cron('@daily', { tz: 'UTC' } as never)],
  [
    'multipleCron() has no option "dataInterval"',
    'several crons',
    () => multipleCron(['@daily'], { dataInterval: true } as never),
  ],
  ['every() has no option', 'a step', () => every('1h', { timezone: 'UTC' } as never)],
  ['events() has no option', 'events', () => events(['2026-01-01'], { restrict: true } as never)],
  ['workday() has no option', 'working days', () => workday({ holiday: [] } as never)],
  [
    'partitioned() has no option',
    'partitions',
    () => partitioned(asset('a'), { mapper: mapper.daily() } as never),
  ],
  ['the mapper has no option', 'a mapper', () => mapper.daily({ tz: 'UTC' } as never)],
  [
    'asset "a" has no option "url" (did you mean "uri"?)',
    'an asset',
    () => asset('a', { url: 's3://b' } as never),
  ],
  [
    'failOn() has no option "error" (did you mean "errors"?)',
    'a retry rule',
    () => failOn({ error: [TypeError] } as never),
  ],
  ['retryOn() has no option', 'another', () => retryOn({ wait: '1s' } as never)],
  [
    'trigger.file() has no option "filepath"',
    'a file',
    () => trigger.file({ filepath: '/in' } as never),
  ],
  ['trigger.http() has no option', 'an address', () => trigger.http({ uri: 'http://x' } as never)],
  [
    'trigger.externalTask() has no option',
    'another DAG',
    () => trigger.externalTask({ dag: 'x' } as never),
  ],
  ['webhook() has no option', 'a webhook', () => webhook({ uri: 'http://x' } as never)],
  ['email() has no option', 'a mail', () => email({ recipients: 'a@b' } as never)],
  [
    'remoteCallback() needs the option "handler"',
    'nobody to call',
    () => remoteCallback({ queue: 'q' } as never),
  ],
])('%s: the words for %s', (words, _, build) => {
  expect(refusal((d) => void build(d))).toContain(words);
});

const STRANGE: Readonly<Record<Exclude<Shape, 'any'>, readonly unknown[]>> = {
  flag: [null, 'yes', 1],
  number: [null, '3', true, Number.NaN],
  text: [null, 3, ['x']],
  texts: [null, 'x', [3]],
  list: [null, 'x', {}],
  object: [null, 'x', []],
  span: [null, true, '5 minutes', -1],
  instant: [null, 3, 'yesterday'],
};

function strange(shapes: Readonly<Record<string, Shape>>) {
  return Object.entries(shapes).flatMap(([option, shape]) =>
    shape === 'any' ? [] : STRANGE[shape].map((value) => [option, value] as const),
  );
}

test.each(strange(DAG_SHAPES))(
  'of a DAG, %s cannot be %j, and the error names it',
  (option, value) => {
    expect(refusal(noCode, { [option]: value })).toMatch(new RegExp(`^\\S+:\\d+: .*${option}`));
  },
);

test.each(strange(TASK_SHAPES))(
  'of a task, %s cannot be %j, and the error names it',
  (option, value) => {
    const words = refusal((d) => void d.task('t', { [option]: value } as never, noCode));
    expect(words).toMatch(new RegExp(`^\\S+:\\d+: .*${option}`));
  },
);

test.each(['executionTimeout', 'sla'])('a task cannot have the %s 0', (option) => {
  expect(refusal((d) => void d.emptyTask('t', { [option]: 0 }))).toContain('longer than nothing');
});

// Who is told what, what follows failures, what is waited for: as it leaves the author's file.
import { toJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { type DagSpec, DagSpecSchema, TaskSpecSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import {
  asset,
  type DagBuilder,
  type DagOptions,
  email,
  failOn,
  remoteCallback,
  retryOn,
  type TaskOptions,
  trigger,
  webhook,
} from '../index.ts';
import { declared, refusal, taskOf } from '../testkit/declared.ts';

const jsonOf = (spec: DagSpec, taskId: string) =>
  toJson(TaskSpecSchema, taskOf(spec, taskId)) as Record<string, unknown>;

test('callbacks are functions of the file, addresses, or functions of other workers', () => {
  const tell = () => undefined;
  const spec = declared(
    (d) => {
      d.emptyTask('t', {
        onFailure: [tell, email({ to: 'ada@example.com', subject: '{{ task_id }} failed' })],
        onRetry: webhook({ url: 'https://example.com/x', headers: { a: 'b' }, queue: 'net' }),
        onExecute: remoteCallback({ handler: 'x.py:f', queue: 'python' }),
      });
      d.emptyTask('u', { onSkipped: tell, onSlaMiss: () => undefined, sla: '1h' });
    },
    { onSuccess: tell, defaultArgs: { onSuccess: tell } },
  );
  expect(toJson(DagSpecSchema, spec)).toMatchObject({
    callbacks: [{ event: 'CALLBACK_EVENT_SUCCESS', handler: 'a_dag.ts:a_dag#callback_1' }],
  });
  expect(jsonOf(spec, 't')['callbacks']).toEqual([
    { event: 'CALLBACK_EVENT_EXECUTE', handler: 'x.py:f', queue: 'python' },
    { event: 'CALLBACK_EVENT_SUCCESS', handler: 'a_dag.ts:a_dag#callback_1' },
    { event: 'CALLBACK_EVENT_FAILURE', handler: 'a_dag.ts:a_dag#callback_1' },
    {
      event: 'CALLBACK_EVENT_FAILURE',
      email: { to: ['ada@example.com'], subject: '{{ task_id }} failed' },
    },
    {
      event: 'CALLBACK_EVENT_RETRY',
      queue: 'net',
      webhook: { url: 'https://example.com/x', headers: { a: 'b' } },
    },
  ]);
  expect(jsonOf(spec, 'u')).toMatchObject({
    sla: '3600s',
    callbacks: [
      { event: 'CALLBACK_EVENT_SUCCESS', handler: 'a_dag.ts:a_dag#callback_1' },
      { event: 'CALLBACK_EVENT_SKIPPED', handler: 'a_dag.ts:a_dag#callback_1' },
      { event: 'CALLBACK_EVENT_SLA_MISS', handler: 'a_dag.ts:a_dag#callback_2' },
    ],
  });
});

test('deadlines count from what their author names', () => {
  const spec = declared(() => undefined, {
    deadlines: [
      { reference: 'logicalDate', interval: '2h', callback: () => undefined },
      { name: 'soon', reference: 'queuedAt', interval: 90_000 },
      { reference: { fixed: '2026-01-01' }, interval: '-1h' },
      { reference: { averageRuntime: { maxRuns: 5, minRuns: 2 } }, interval: '10m' },
    ],
  });
  expect(toJson(DagSpecSchema, spec)).toMatchObject({
    deadlines: [
      {
        logicalDate: {},
        interval: '7200s',
        callback: { handler: 'a_dag.ts:a_dag#callback_1' },
      },
      { name: 'soon', queuedAt: {}, interval: '90s' },
      { fixed: '2026-01-01T00:00:00Z', interval: '-3600s' },
      { averageRuntime: { runsMax: 5, runsMin: 2 }, interval: '600s' },
    ],
  });
});

test('retry rules name reasons and classes of errors', () => {
  class RateLimit extends Error {}
  const spec = declared((d) => {
    d.emptyTask('t', {
      retries: 3,
      retryRules: [
        retryOn({ reasons: ['lost', 'timeout'], delay: '10s' }),
        failOn({ errors: [TypeError, RateLimit, 'psycopg.OperationalError'], note: 'no use' }),
      ],
    });
  });
  expect(jsonOf(spec, 't')['retry']).toMatchObject({
    rules: [
      { action: 'RETRY_ACTION_RETRY', reasons: ['lost', 'timeout'], delay: '10s' },
      {
        action: 'RETRY_ACTION_FAIL',
        errorClasses: ['TypeError', 'RateLimit', 'psycopg.OperationalError'],
        note: 'no use',
      },
    ],
  });
});

test('a DAG may be limited in every way that Airflow knows, and some more', () => {
  const spec = declared(
    (d) => {
      d.emptyTask('t', {
        limitKeys: ['api'],
        waitForDownstream: true,
        ignoreFirstDependsOnPast: false,
        waitForPastDependsBeforeSkipping: true,
        startDate: '2026-01-01',
        endDate: '2026-02-01',
        displayName: 'The task',
        doXcomPush: false,
      });
      d.emptyTask('plain');
    },
    {
      failFast: true,
      maxConsecutiveFailedDagRuns: 3,
      allowedRunTypes: ['scheduled', 'backfill'],
      fairShareWeight: 2.5,
      followsLatestVersion: true,
      keyLimits: { api: { maxActive: 2, rate: { count: 10, period: '1s' } } },
    },
  );
  expect(toJson(DagSpecSchema, spec)).toMatchObject({
    failFast: true,
    consecutiveFailedRunsMax: 3,
    allowedRunTypes: ['RUN_TYPE_SCHEDULED', 'RUN_TYPE_BACKFILL'],
    fairShareWeight: 2.5,
    followsLatestVersion: true,
    keyLimits: [{ key: 'api', activeMax: 2, rateCount: 10, ratePeriod: '1s' }],
  });
  expect(jsonOf(spec, 't')).toMatchObject({
    limitKeys: ['api'],
    dependsOnPast: true,
    waitForDownstream: true,
    heedsFirstDependsOnPast: true,
    waitForPastDependsBeforeSkipping: true,
    startDate: '2026-01-01T00:00:00Z',
    endDate: '2026-02-01T00:00:00Z',
    displayName: 'The task',
    dropsResult: true,
  });
  expect(jsonOf(spec, 'plain')).not.toHaveProperty('heedsFirstDependsOnPast');
});

test.each<[string, Parameters<DagBuilder['wait']>[1], unknown]>([
  ['an instant', trigger.at('2026-01-01'), { timer: { at: '2026-01-01T00:00:00Z' } }],
  ['a while', trigger.after('5m'), { timer: { after: '300s' } }],
  [
    'an answer',
    trigger.http({ url: 'http://x/health', status: 204, contains: 'ok', pollInterval: '2s' }),
    {
      http: {
        url: 'http://x/health',
        method: 'GET',
        status: 204,
        contains: 'ok',
        pollInterval: '2s',
      },
    },
  ],
  [
    'a file',
    trigger.file({ path: '/in/*.csv', isGone: true }),
    { file: { path: '/in/*.csv', isGone: true } },
  ],
  [
    'another DAG',
    trigger.externalTask({ dagId: 'other', runId: 'r', taskIds: ['a'], failedStates: ['failed'] }),
    { externalTask: { dagId: 'other', runId: 'r', taskIds: ['a'], failedStates: ['failed'] } },
  ],
  ['an asset', trigger.asset(asset('rain')), { asset: { assetName: 'rain' } }],
])('a wait for %s needs no code', (_, waited, expected) => {
  const spec = declared((d) => {
    d.wait('t', waited, { timeout: '1h', softFail: true, retries: 1 });
  });
  const written = jsonOf(spec, 't');
  expect(written).toMatchObject({ trigger: expected, triggerTimeout: '3600s', isSoftFail: true });
  expect(written).not.toHaveProperty('handler');
});

test('questions to people need no code either', () => {
  const spec = declared((d) => {
    d.humanInput('ask', {
      subject: 'Which?',
      options: ['a', 'b'],
      defaults: ['a'],
      timeout: '1h',
      form: { type: 'object' },
      formDefaults: { n: 1 },
      assignedUsers: ['ada'],
    });
    d.humanInput('form', { subject: 'Fill in' });
    const approve = d.approval('approve', { subject: 'Ship it?', failOnReject: true });
    d.approval('softly', { subject: 'Ship it?' });
    const way = d.humanBranch('way', {
      subject: 'Where?',
      options: ['Left', 'right'],
      branches: { Left: 'left' },
    });
    approve.downstream(way);
    d.latestOnly('latest');
  });
  expect(jsonOf(spec, 'ask')['humanInput']).toEqual({
    subject: 'Which?',
    options: ['a', 'b'],
    defaults: ['a'],
    timeout: '3600s',
    paramsSchemaJson: '{"type":"object"}',
    paramsJson: '{"n":1}',
    assignedUsers: ['ada'],
  });
  expect(jsonOf(spec, 'form')['humanInput']).toEqual({ subject: 'Fill in', options: ['OK'] });
  expect(jsonOf(spec, 'approve')['humanInput']).toEqual({
    subject: 'Ship it?',
    options: ['Approve', 'Reject'],
    effect: 'HUMAN_INPUT_EFFECT_APPROVAL_OR_FAIL',
  });
  expect(jsonOf(spec, 'softly')['humanInput']).toMatchObject({
    effect: 'HUMAN_INPUT_EFFECT_APPROVAL',
  });
  expect(jsonOf(spec, 'way')['humanInput']).toMatchObject({
    effect: 'HUMAN_INPUT_EFFECT_BRANCH',
    branches: { Left: 'left' },
  });
  expect(jsonOf(spec, 'latest')).toMatchObject({ isLatestOnly: true });
  expect(jsonOf(spec, 'latest')).not.toHaveProperty('isEmpty');
});

test.each<[string, TaskOptions, DagOptions, string]>([
  ['a callback that is none', { onFailure: 'x' as never }, {}, 'onFailure is no function'],
  ['a task that ends before the world', { endDate: 'never' }, {}, 'endDate: "never" is no date'],
  ['eleven keys', { limitKeys: Array(11).fill('k') }, {}, '11 limitKeys are too many'],
  ['an outlet that is a text', { outlets: ['x' as never] }, {}, 'outlets are assets'],
  ['a limit of nothing', {}, { keyLimits: { k: {} } }, 'keyLimits.k limits nothing'],
  ['no fair share', {}, { fairShareWeight: 0 }, 'fairShareWeight is 0'],
  ['an unknown run type', {}, { allowedRunTypes: ['x' as never] }, 'allowedRunTypes is "x"'],
  [
    'a deadline of nothing',
    {},
    { deadlines: [{ reference: {} as never, interval: '1h' }] },
    'the reference is logicalDate, queuedAt',
  ],
])('%s is refused', (_, task, options, words) => {
  expect(refusal((d) => void d.emptyTask('t', task), options)).toContain(words);
});

test.each<[string, (d: DagBuilder) => unknown, string]>([
  ['a wait for nothing', (d) => d.wait('t', undefined as never), 'task "t" waits for nothing'],
  ['a relative path', () => trigger.file({ path: 'in.csv' }), 'it must be absolute'],
  ['a strange address', () => trigger.http({ url: 'ftp://x' }), 'must begin with http://'],
  [
    'two names for a run',
    () => trigger.externalTask({ dagId: 'd', runId: 'r', logicalDates: ['2026-01-01'] }),
    'keep one of them',
  ],
  [
    'a default that is no option',
    (d) => d.humanInput('t', { subject: 's', options: ['a'], defaults: ['b'] }),
    'the default "b" is none of the options a',
  ],
  [
    'a branch that is no option',
    (d) => d.humanBranch('t', { subject: 's', options: ['a'], branches: { b: 'c' } }),
    'a branch for "b", which is none of the options',
  ],
  ['a mail to nobody', () => email({ to: [] }), 'a mail needs somebody to go to'],
])('%s is refused in words', (_, build, words) => {
  expect(refusal((d) => void build(d))).toContain(words);
});

// Who is told what, by when, and what follows failures: as it leaves the author's file.
import { toJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { DagSpecSchema } from '../../gen/dagmesh/dag/v1/dag_pb.ts';
import { email, failOn, remoteCallback, retryOn, webhook } from '../../index.ts';
import { declared, refusal, taskJson } from '../../testkit/declared.ts';

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
  expect(taskJson(spec, 't')['callbacks']).toEqual([
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
  expect(taskJson(spec, 'u')).toMatchObject({
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
  expect(taskJson(spec, 't')['retry']).toMatchObject({
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

test.each<[string, string, Parameters<typeof refusal>[1]]>([
  ['a callback that is none', 'onFailure is no function', { onFailure: 'x' as never }],
  [
    'a deadline of nothing',
    'the reference is logicalDate, queuedAt',
    { deadlines: [{ reference: {} as never, interval: '1h' }] },
  ],
  [
    'a deadline that calls nothing',
    'the callback of deadlines[0] is no function',
    { deadlines: [{ reference: 'queuedAt', interval: '1h', callback: 'x' as never }] },
  ],
])('%s is refused: %s', (_, words, options) => {
  expect(refusal(() => undefined, options)).toContain(words);
});

test.each<[string, string, () => unknown]>([
  ['a mail to nobody', 'a mail needs somebody to go to', () => email({ to: [] })],
  [
    'a reason that there is not',
    'reasons is "late"',
    () => retryOn({ reasons: ['late' as never] }),
  ],
  ['an error that is none', 'one of these is neither', () => failOn({ errors: [5 as never] })],
])('%s is refused: %s', (_, words, build) => {
  expect(refusal(() => void build())).toContain(words);
});

test('a rule that neither retryOn() nor failOn() made is none', () => {
  const retryRules = [{ errors: ['x'] } as never];
  expect(refusal((d) => void d.emptyTask('t', { retryRules }))).toContain('made by retryOn()');
});

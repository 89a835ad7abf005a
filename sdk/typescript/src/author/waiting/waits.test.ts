// What is waited for off any worker, triggers and people: as it leaves the author's file.
import { expect, test } from 'vitest';
import { asset, type DagBuilder, trigger } from '../../index.ts';
import { declared, refusal, taskJson } from '../../testkit/declared.ts';

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
  const written = taskJson(spec, 't');
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
  expect(taskJson(spec, 'ask')['humanInput']).toEqual({
    subject: 'Which?',
    options: ['a', 'b'],
    defaults: ['a'],
    timeout: '3600s',
    paramsSchemaJson: '{"type":"object"}',
    paramsJson: '{"n":1}',
    assignedUsers: ['ada'],
  });
  expect(taskJson(spec, 'form')['humanInput']).toEqual({ subject: 'Fill in', options: ['OK'] });
  expect(taskJson(spec, 'approve')['humanInput']).toEqual({
    subject: 'Ship it?',
    options: ['Approve', 'Reject'],
    effect: 'HUMAN_INPUT_EFFECT_APPROVAL_OR_FAIL',
  });
  expect(taskJson(spec, 'softly')['humanInput']).toMatchObject({
    effect: 'HUMAN_INPUT_EFFECT_APPROVAL',
  });
  expect(taskJson(spec, 'way')['humanInput']).toMatchObject({
    effect: 'HUMAN_INPUT_EFFECT_BRANCH',
    branches: { Left: 'left' },
  });
  expect(taskJson(spec, 'latest')).toMatchObject({ isLatestOnly: true });
  expect(taskJson(spec, 'latest')).not.toHaveProperty('isEmpty');
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
])('%s is refused in words', (_, build, words) => {
  expect(refusal((d) => void build(d))).toContain(words);
});

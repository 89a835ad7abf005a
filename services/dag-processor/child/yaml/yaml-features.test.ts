// Limits, alerts and assets in YAML; and what is written wrong is told with its line.
import { describe, expect, test } from 'vitest';
import { dagOf } from './test-yaml.ts';
import { readYamlDags } from './yaml-file.ts';

function problemsOf(text: string): string[] {
  return readYamlDags(text).problems.map(({ line, cause }) => `${line}: ${cause}`);
}

test('limits, alerts, assets and the rest of a DAG', () => {
  const dag = dagOf(`
dag_id: x
max_consecutive_failed_dag_runs: 3
allowed_run_types: [manual, backfill]
fair_share_weight: 2.5
follows_latest_version: true
on_failure_callback: [{ webhook: https://example.org/hook, queue: python }, m.py:tell]
deadlines:
  - { reference: queued_at, interval: 1h, callback: { email: ops@example.org } }
  - { reference: { average_runtime: { max_runs: 5 } }, interval: -10m }
assets:
  orders: s3://in/orders
  prices: { extra: { owner: sales }, watchers: { drop: { file: /in/prices.csv } } }
key_limits: { api: { max_active: 2, rate: 10, rate_period: 1m } }
edge_labels: [{ upstream: a, downstream: b, label: good }]
tasks:
  a:
    handler: h
    outlets: [orders, { alias: found }]
    inlets: { uri: s3://in/orders }
    limit_keys: api
    sla: 2h
    do_xcom_push: false
    on_retry_callback: m.py:again
    retry_rules: [{ reasons: timeout, action: fail }]
  b: { handler: h, upstream: a }
`);
  expect(dag).toMatchObject({
    consecutive_failed_runs_max: 3,
    allowed_run_types: ['RUN_TYPE_MANUAL', 'RUN_TYPE_BACKFILL'],
    fair_share_weight: 2.5,
    follows_latest_version: true,
    callbacks: [
      {
        event: 'CALLBACK_EVENT_FAILURE',
        webhook: { url: 'https://example.org/hook' },
        queue: 'python',
      },
      { event: 'CALLBACK_EVENT_FAILURE', handler: 'm.py:tell' },
    ],
    deadlines: [
      { queued_at: {}, interval: '3600s', callback: { email: { to: ['ops@example.org'] } } },
      { average_runtime: { runs_max: 5 }, interval: '-600s' },
    ],
    assets: [
      { name: 'orders', uri: 's3://in/orders' },
      {
        name: 'prices',
        extra_json: '{"owner":"sales"}',
        watchers: [{ name: 'drop', trigger: { file: { path: '/in/prices.csv' } } }],
      },
    ],
    key_limits: [{ key: 'api', active_max: 2, rate_count: 10, rate_period: '60s' }],
    edge_labels: [{ upstream_task_id: 'a', downstream_task_id: 'b', label: 'good' }],
    tasks: [
      {
        outlets: [{ asset: { name: 'orders' } }, { alias: 'found' }],
        inlets: [{ asset: { uri: 's3://in/orders' } }],
        limit_keys: ['api'],
        sla: '7200s',
        drops_result: true,
        callbacks: [{ event: 'CALLBACK_EVENT_RETRY', handler: 'm.py:again' }],
        retry: { rules: [{ reasons: ['timeout'], action: 'RETRY_ACTION_FAIL' }] },
      },
      {},
    ],
  });
});

describe('what is written wrong is told with its line', () => {
  const inTask = (text: string) => `dag_id: x\ntasks:\n  a: { handler: h, ${text} }\n`;
  test.each([
    [
      inTask('expnd: { a: [1] }'),
      '3: task "a" has an unknown key "expnd" (did you mean "expand"?)',
    ],
    [
      inTask('expand: { a: [1] }, expand_kwargs: [{ b: 1 }]'),
      '3: task "a" has expand and expand_kwargs; keep one of them',
    ],
    [
      inTask('trigger: { htp: https://x }'),
      '3: "trigger" of task "a" must have one of the keys after, at, http, file, external_task, asset',
    ],
    [
      inTask('trigger: { file: { path: /x, pol_interval: 5s } }'),
      '3: "file" of "trigger" of task "a" has an unknown key "pol_interval" (did you mean "poll_interval"?)',
    ],
    [
      inTask('human_input: { subject: s, options: [a], effect: brnch }'),
      '3: "effect" of "human_input" of task "a" cannot be "brnch" (did you mean "branch"?)',
    ],
    [inTask('sla: -5s'), '3: "sla" of task "a" must be a span of time that is not negative'],
    [
      'dag_id: x\nschedule: { crn: "@daily" }\ntasks: {}',
      '2: "schedule" of the DAG must have one of the keys cron, every, months, events, workdays, partition_cron, assets',
    ],
    [
      'dag_id: x\nschedule: { assets: a, tme: "@daily" }\ntasks: {}',
      '2: "schedule" of the DAG has an unknown key "tme" (did you mean "time"?)',
    ],
    [
      'dag_id: x\ndeadlines: { reference: yesterday, interval: 1h }\ntasks: {}',
      '2: "reference" of "deadlines" of the DAG (logical_date, queued_at, average_runtime, or an instant) must be a date, such as 2026-01-31 or 2026-01-31T06:00Z',
    ],
    [
      'dag_id: x\nschedule: { assets: &a { all: [*a] } }\ntasks: {}',
      '1: it is nested too deeply, or an alias stands inside what it names',
    ],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });
});

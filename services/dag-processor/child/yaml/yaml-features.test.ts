// Every feature of DAGs can be written in YAML, and what is written wrong is told with its line.
import { toJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { validateDagFile } from '../../core/validate-dag-spec.ts';
import { readYamlDags } from './yaml-file.ts';

/** The first DAG as JSON in the contract's spelling, without what is as it is by default. */
function dagOf(text: string) {
  const { dags, problems } = readYamlDags(text);
  expect(problems).toEqual([]);
  const [dag] = dags;
  if (dag === undefined) throw new Error('there is no DAG');
  expect(validateDagFile([dag], { path: 'x.yaml', text })).toMatchObject({ kind: 'valid' });
  return toJson(DagSpecSchema, dag, { useProtoFieldName: true });
}

function problemsOf(text: string): string[] {
  return readYamlDags(text).problems.map(({ line, cause }) => `${line}: ${cause}`);
}

function scheduled(schedule: string) {
  return dagOf(`dag_id: x\nschedule: ${schedule}\ntasks: { a: { handler: h } }\n`);
}

describe('schedules', () => {
  test.each([
    ['"@continuous"', { continuous: {} }],
    [
      '["0 6 * * *", "0 18 * * 1-5"]',
      { multiple_cron: { expressions: ['0 6 * * *', '0 18 * * 1-5'] } },
    ],
    [
      '{ cron: "0 6 * * *", timezone: Europe/Zurich, look_back: 1d, run_immediately: 10m }',
      {
        cron: {
          expression: '0 6 * * *',
          timezone: 'Europe/Zurich',
          look_back: '86400s',
          run_immediately: 'RUN_IMMEDIATELY_WITHIN',
          run_immediately_within: '600s',
        },
      },
    ],
    ['{ months: 1, data_interval: true }', { delta: { months: 1, data_interval: true } }],
    [
      '{ events: [2026-01-01, 2026-03-01T06:00Z], restrict_to_events: true }',
      {
        events: {
          instants: ['2026-01-01T00:00:00Z', '2026-03-01T06:00:00Z'],
          restrict_to_events: true,
        },
      },
    ],
    [
      '{ workdays: { timezone: Europe/Zurich, holidays: ["2026-08-01"] } }',
      { workday: { timezone: 'Europe/Zurich', holidays: ['2026-08-01'] } },
    ],
    [
      '{ assets: [orders, { any: [prices, { alias: rates }] }] }',
      {
        asset: {
          condition: {
            all: {
              expressions: [
                { asset: { name: 'orders' } },
                { any: { expressions: [{ asset: { name: 'prices' } }, { alias: 'rates' }] } },
              ],
            },
          },
        },
      },
    ],
    [
      '{ assets: orders, time: "@daily" }',
      {
        asset_or_time: {
          condition: { asset: { name: 'orders' } },
          time: { cron: { expression: '@daily' } },
        },
      },
    ],
    [
      '{ assets: orders, partitions: { orders: daily } }',
      {
        partitioned_asset: {
          condition: { asset: { name: 'orders' } },
          mappers: { orders: { kind: 'PARTITION_MAPPER_KIND_DAILY' } },
        },
      },
    ],
    [
      '{ partition_cron: "@hourly", run_offset: -1, key_format: "%Y-%m-%dT%H" }',
      { cron_partition: { expression: '@hourly', run_offset: -1, key_format: '%Y-%m-%dT%H' } },
    ],
  ])('%s', (schedule, timetable) => {
    expect(scheduled(schedule)).toMatchObject({ timetable });
  });
});

describe('tasks', () => {
  test('groups, mapping and what the instances are given', () => {
    const dag = dagOf(`
dag_id: x
task_groups:
  load: { tooltip: once a file, expand: { file: { xcom: list } } }
  load.check: { parent_group: load }
tasks:
  list: { handler: h }
  load.read:
    handler: h
    task_group: load
    inputs: { file: { group_argument: file, group: load } }
  load.check.count:
    handler: h
    task_group: load.check
    upstream: load.read
    expand:
      kind: [rows, bytes]
      pair: { zip: [{ xcom: load.read }, { map: m.py:double, over: { xcom: load.read } }], fillvalue: 0 }
    map_index_template: "{{ kind }}"
  each: { handler: h, expand_kwargs: { concat: [{ xcom: list }, { value: [{ a: 1 }] }] } }
`);
    expect(dag).toMatchObject({
      task_groups: [
        {
          group_id: 'load',
          tooltip: 'once a file',
          has_prefix: true,
          mapping: { product: { arguments: [{ name: 'file', source: { task_id: 'list' } }] } },
        },
        { group_id: 'load.check', parent_group_id: 'load' },
      ],
      tasks: [
        {},
        { inputs: [{ name: 'file', group_argument: { group_id: 'load', name: 'file' } }] },
        {
          map_index_template: '{{ kind }}',
          mapping: {
            product: {
              arguments: [
                { name: 'kind', source: { value_json: '["rows","bytes"]' } },
                {
                  name: 'pair',
                  source: {
                    zip: {
                      fill_json: '0',
                      sources: [
                        { task_id: 'load.read' },
                        { map: { handler: 'm.py:double', source: { task_id: 'load.read' } } },
                      ],
                    },
                  },
                },
              ],
            },
          },
        },
        {
          mapping: {
            kwargs: { concat: { sources: [{ task_id: 'list' }, { value_json: '[{"a":1}]' }] } },
          },
        },
      ],
    });
  });

  test('setups and teardowns, whose rule is not for default_args to say', () => {
    const dag = dagOf(`
dag_id: x
default_args: { trigger_rule: all_success, depends_on_past: true, ignore_first_depends_on_past: false }
tasks:
  up: { handler: h, setup: true }
  down: { handler: h, upstream: up, teardown: true, on_failure_fail_dagrun: true, depends_on_past: false }
`);
    expect(dag).toMatchObject({
      tasks: [
        {
          is_setup: true,
          trigger_rule: 'TRIGGER_RULE_ALL_SUCCESS',
          depends_on_past: true,
          heeds_first_depends_on_past: true,
        },
        { is_teardown: true, on_failure_fail_dagrun: true },
      ],
    });
    expect(dag).not.toHaveProperty('tasks.1.trigger_rule');
    expect(dag).not.toHaveProperty('tasks.1.depends_on_past');
  });

  test('triggers and questions need no code', () => {
    const dag = dagOf(`
dag_id: x
tasks:
  pause: { trigger: { after: 5m } }
  answer: { trigger: { http: { url: https://example.org, status: 200, poll_interval: 30s } }, trigger_timeout: 1h, soft_fail: true }
  file: { trigger: { file: /in/*.csv } }
  other: { trigger: { external_task: { dag_id: y, task_ids: [z], failed_states: failed } } }
  ask:
    human_input:
      subject: Go on?
      options: [yes_, no_]
      defaults: no_
      timeout: 1d
      effect: branch
      branches: { yes_: go, no_: stop }
      params_schema: { type: object }
  go: { empty: true, upstream: ask }
  stop: { latest_only: true, upstream: ask }
`);
    expect(dag).toMatchObject({
      tasks: [
        { trigger: { timer: { after: '300s' } } },
        {
          trigger: { http: { url: 'https://example.org', status: 200, poll_interval: '30s' } },
          trigger_timeout: '3600s',
          is_soft_fail: true,
        },
        { trigger: { file: { path: '/in/*.csv' } } },
        { trigger: { external_task: { dag_id: 'y', task_ids: ['z'], failed_states: ['failed'] } } },
        {
          human_input: {
            options: ['yes_', 'no_'],
            defaults: ['no_'],
            effect: 'HUMAN_INPUT_EFFECT_BRANCH',
            branches: { yes_: 'go', no_: 'stop' },
            params_schema_json: '{"type":"object"}',
          },
        },
        { is_empty: true },
        { is_latest_only: true },
      ],
    });
  });
});

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

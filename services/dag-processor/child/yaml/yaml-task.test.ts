// Every kind of task can be written in YAML.
import { expect, test } from 'vitest';
import { dagOf } from './test-yaml.ts';

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

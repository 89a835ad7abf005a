// The options of a task in the contract's form, with Airflow's defaults filled in.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type TaskSpecSchema, TriggerRule, WeightRule } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import { matching, oneOf, wholeNumber } from './checks.ts';
import { DagError, declaring } from './dag-error.ts';
import { type Duration, durationMessage } from './duration.ts';
import { jsonOf } from './json-text.ts';
import type { TaskOptions, TriggerRuleName, WeightRuleName } from './options.ts';
import { type Inputs, isXComArg } from './task.ts';

const RETRIES_MAX = 10_000;
const BACKOFF_MAX = 1_000;
const CONNECTIONS_MAX = 100;
const ID = /^[A-Za-z0-9_.~:+@-]{1,250}$/;
const QUEUE = /^[A-Za-z0-9_-]{1,100}$/;

const TRIGGER_RULES: Readonly<Record<TriggerRuleName, TriggerRule>> = {
  all_success: TriggerRule.ALL_SUCCESS,
  all_failed: TriggerRule.ALL_FAILED,
  all_done: TriggerRule.ALL_DONE,
  all_done_min_one_success: TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
  all_done_setup_success: TriggerRule.ALL_DONE_SETUP_SUCCESS,
  one_success: TriggerRule.ONE_SUCCESS,
  one_failed: TriggerRule.ONE_FAILED,
  one_done: TriggerRule.ONE_DONE,
  none_failed: TriggerRule.NONE_FAILED,
  none_failed_min_one_success: TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
  none_skipped: TriggerRule.NONE_SKIPPED,
  all_skipped: TriggerRule.ALL_SKIPPED,
  always: TriggerRule.ALWAYS,
};

const WEIGHT_RULES: Readonly<Record<WeightRuleName, WeightRule>> = {
  downstream: WeightRule.DOWNSTREAM,
  upstream: WeightRule.UPSTREAM,
  absolute: WeightRule.ABSOLUTE,
};

/**
 * What a TaskSpec says apart from where its code and its edges are. Throws a DagError that names
 * the option at fault.
 */
export function taskFields(taskId: string, options: TaskOptions, inputs: Inputs) {
  return {
    taskId,
    queue: matching('queue', options.queue ?? 'default', QUEUE),
    triggerRule: oneOf('triggerRule', options.triggerRule ?? 'all_success', TRIGGER_RULES),
    pool: matching('pool', options.pool ?? 'default_pool', ID),
    poolSlots: wholeNumber('poolSlots', options.poolSlots ?? 1, { min: 1 }),
    priorityWeight: wholeNumber('priorityWeight', options.priorityWeight ?? 1, {
      min: -2_147_483_648,
    }),
    weightRule: oneOf('weightRule', options.weightRule ?? 'downstream', WEIGHT_RULES),
    retry: retryPolicy(options),
    executionTimeout: span('executionTimeout', options.executionTimeout),
    activeTisPerDagMax: wholeNumber('maxActiveTisPerDag', options.maxActiveTisPerDag ?? 0, {
      min: 0,
    }),
    activeTisPerDagrunMax: wholeNumber(
      'maxActiveTisPerDagrun',
      options.maxActiveTisPerDagrun ?? 0,
      {
        min: 0,
      },
    ),
    inputs: Object.entries(inputs).map(([name, value]) => taskInput(name, value)),
    connections: connectionsOf(options.connections ?? []),
    docMd: options.docMd ?? '',
  } satisfies MessageInitShape<typeof TaskSpecSchema>;
}

function retryPolicy(options: TaskOptions) {
  return {
    retries: wholeNumber('retries', options.retries ?? 0, { min: 0, max: RETRIES_MAX }),
    delay: span('retryDelay', options.retryDelay ?? '300s'),
    exponentialBackoff: backoff(options.retryExponentialBackoff ?? 0),
    delayMax: span('maxRetryDelay', options.maxRetryDelay),
  };
}

function backoff(factor: number | boolean): number {
  const multiplier = typeof factor === 'boolean' ? Number(factor) * 2 : factor;
  if (multiplier >= 0 && multiplier <= BACKOFF_MAX) return multiplier;
  throw new DagError(
    `retryExponentialBackoff is ${multiplier}; it must be from 0 to ${BACKOFF_MAX}`,
  );
}

function span(option: string, value: Duration | undefined) {
  return value === undefined ? undefined : declaring(option, () => durationMessage(value));
}

function taskInput(name: string, value: unknown) {
  if (isXComArg(value)) {
    const xcom = { taskId: value.task.taskId, key: value.key };
    return { name, source: { case: 'xcom' as const, value: xcom } };
  }
  const valueJson = declaring('inputs', () => jsonOf(value, `input "${name}"`));
  return { name, source: { case: 'valueJson' as const, value: valueJson } };
}

function connectionsOf(connections: readonly string[]): string[] {
  if (connections.length > CONNECTIONS_MAX) {
    throw new DagError(
      `${connections.length} connections are too many; ${CONNECTIONS_MAX} are allowed`,
    );
  }
  return connections.map((id) => matching('connections', id, ID));
}

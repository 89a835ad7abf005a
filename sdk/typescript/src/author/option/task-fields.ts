// The options of a task in the contract's form, with Airflow's defaults filled in.
import { type TaskSpecSchema, TriggerRule, WeightRule } from '../../gen/dagmesh/dag/v1/dag_pb.ts';
import { assetPorts } from '../asset.ts';
import { matching, oneOf, wholeNumber } from '../checks/checks.ts';
import { DagError } from '../checks/dag-error.ts';
import { durationOption, positiveDuration } from '../values/duration.ts';
import type { FieldsOf } from '../values/fields.ts';
import { instantOption } from '../values/instant.ts';
import type { TaskOptions, TriggerRuleName, WeightRuleName } from './options.ts';
import { retryRuleFields } from '../alert/retry-rules.ts';

const RETRIES_MAX = 10_000;
const BACKOFF_MAX = 1_000;
const CONNECTIONS_MAX = 100;
const LIMIT_KEYS_MAX = 10;
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
 * What a TaskSpec says apart from its code, its arguments and its place in the graph. Throws a
 * DagError that names the option at fault.
 */
export function taskFields(taskId: string, options: TaskOptions) {
  return {
    taskId,
    queue: matching('queue', options.queue ?? 'default', QUEUE),
    triggerRule: oneOf('triggerRule', options.triggerRule ?? 'all_success', TRIGGER_RULES),
    ...limitFields(options),
    retry: retryPolicy(options),
    executionTimeout: positiveDuration('executionTimeout', options.executionTimeout),
    ...pastFields(options),
    startDate: instantOption('startDate', options.startDate),
    endDate: instantOption('endDate', options.endDate),
    sla: positiveDuration('sla', options.sla),
    inlets: assetPorts('inlets', options.inlets ?? []),
    outlets: assetPorts('outlets', options.outlets ?? []),
    mapIndexTemplate: options.mapIndexTemplate ?? '',
    dropsResult: options.doXcomPush === false,
    connections: connectionsOf(options.connections ?? []),
    displayName: options.displayName ?? '',
    docMd: options.docMd ?? '',
  } satisfies FieldsOf<typeof TaskSpecSchema>;
}

/** The author's word for a rule. */
export function triggerRuleName(rule: TriggerRule): string {
  const [name = String(rule)] =
    Object.entries(TRIGGER_RULES).find(([, each]) => each === rule) ?? [];
  return name;
}

function limitFields(options: TaskOptions) {
  const { maxActiveTisPerDag = 0, maxActiveTisPerDagrun = 0, limitKeys = [] } = options;
  if (limitKeys.length > LIMIT_KEYS_MAX) {
    throw new DagError(`${limitKeys.length} limitKeys are too many; ${LIMIT_KEYS_MAX} are allowed`);
  }
  return {
    pool: matching('pool', options.pool ?? 'default_pool', ID),
    poolSlots: wholeNumber('poolSlots', options.poolSlots ?? 1, { min: 1 }),
    priorityWeight: wholeNumber('priorityWeight', options.priorityWeight ?? 1, {
      min: -2_147_483_648,
    }),
    weightRule: oneOf('weightRule', options.weightRule ?? 'downstream', WEIGHT_RULES),
    activeTisPerDagMax: wholeNumber('maxActiveTisPerDag', maxActiveTisPerDag, { min: 0 }),
    activeTisPerDagrunMax: wholeNumber('maxActiveTisPerDagrun', maxActiveTisPerDagrun, { min: 0 }),
    limitKeys: [...limitKeys],
  };
}

function pastFields(options: TaskOptions) {
  const { waitForDownstream = false, ignoreFirstDependsOnPast = true } = options;
  const dependsOnPast = waitForDownstream || (options.dependsOnPast ?? false);
  return {
    dependsOnPast,
    heedsFirstDependsOnPast: dependsOnPast && !ignoreFirstDependsOnPast,
    waitForPastDependsBeforeSkipping: options.waitForPastDependsBeforeSkipping ?? false,
    waitForDownstream,
  };
}

function retryPolicy(options: TaskOptions) {
  return {
    retries: wholeNumber('retries', options.retries ?? 0, { min: 0, max: RETRIES_MAX }),
    delay: durationOption('retryDelay', options.retryDelay ?? '300s'),
    exponentialBackoff: backoff(options.retryExponentialBackoff ?? 0),
    delayMax: durationOption('maxRetryDelay', options.maxRetryDelay),
    rules: retryRuleFields(options.retryRules ?? []),
  };
}

function backoff(factor: number | boolean): number {
  const multiplier = typeof factor === 'boolean' ? Number(factor) * 2 : factor;
  if (typeof multiplier === 'number' && multiplier >= 0 && multiplier <= BACKOFF_MAX) {
    return multiplier;
  }
  throw new DagError(
    `retryExponentialBackoff is ${String(factor)}; ` +
      `it must be a number from 0 to ${BACKOFF_MAX}, or true for 2`,
  );
}

function connectionsOf(connections: readonly string[]): string[] {
  if (connections.length > CONNECTIONS_MAX) {
    throw new DagError(
      `${connections.length} connections are too many; ${CONNECTIONS_MAX} are allowed`,
    );
  }
  return connections.map((id) => matching('connections', id, ID));
}

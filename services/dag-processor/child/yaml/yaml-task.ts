// A task of a YAML DAG.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type TaskInputSchema,
  type TaskSpec,
  TaskSpecSchema,
  TriggerRule,
  WeightRule,
} from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { multiplier, span, text, texts, whole, wordOf, yesOrNo } from './yaml-fields.ts';
import {
  type Entry,
  type Field,
  hasKey,
  jsonText,
  readEntries,
  readMapping,
  type Reading,
  type Values,
} from './yaml-reader.ts';

const PRIORITY_WEIGHT_DEFAULT = 1;
const INT32_MIN = -2_147_483_648;

const TRIGGER_RULES = {
  all_success: TriggerRule.ALL_SUCCESS,
  all_failed: TriggerRule.ALL_FAILED,
  all_done: TriggerRule.ALL_DONE,
  all_done_min_one_success: TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
  one_success: TriggerRule.ONE_SUCCESS,
  one_failed: TriggerRule.ONE_FAILED,
  one_done: TriggerRule.ONE_DONE,
  none_failed: TriggerRule.NONE_FAILED,
  none_failed_min_one_success: TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
  none_skipped: TriggerRule.NONE_SKIPPED,
  all_skipped: TriggerRule.ALL_SKIPPED,
  always: TriggerRule.ALWAYS,
};

const WEIGHT_RULES = {
  downstream: WeightRule.DOWNSTREAM,
  upstream: WeightRule.UPSTREAM,
  absolute: WeightRule.ABSOLUTE,
};

/** What `default_args` may say for all tasks of a DAG. */
export const DEFAULT_ARGS = {
  queue: text,
  retries: whole(0, 10_000),
  retry_delay: span,
  retry_exponential_backoff: multiplier,
  max_retry_delay: span,
  execution_timeout: span,
  trigger_rule: wordOf(TRIGGER_RULES),
  pool: text,
  pool_slots: whole(1),
  priority_weight: whole(INT32_MIN),
  weight_rule: wordOf(WEIGHT_RULES),
  max_active_tis_per_dag: whole(0),
  max_active_tis_per_dagrun: whole(0),
  connections: texts,
};

/** Values for tasks that say nothing themselves. */
export type DefaultArgs = Values<typeof DEFAULT_ARGS>;

type TaskInputInit = MessageInitShape<typeof TaskInputSchema>;

const XCOM_REFERENCE = { xcom: text, key: text };

/** A literal, or `{ xcom: <task>, key: <key> }` for what another task pushed. */
const input: Field<NonNullable<TaskInputInit['source']>> = (node, what, reading) => {
  if (hasKey(node, 'xcom', reading)) {
    const { xcom, key } = readMapping(node, XCOM_REFERENCE, { what, reading });
    return { case: 'xcom', value: { taskId: xcom ?? '', key: key ?? '' } };
  }
  const valueJson = jsonText(node, what, reading);
  return valueJson === undefined ? undefined : { case: 'valueJson', value: valueJson };
};

const inputs: Field<TaskInputInit[]> = (node, what, reading) =>
  readEntries(node, what, reading)?.flatMap(({ key, value }) => {
    if (value === undefined) return [{ name: key, source: { case: 'valueJson', value: 'null' } }];
    const source = input(value, `"${key}" in ${what}`, reading);
    return source === undefined ? [] : [{ name: key, source }];
  });

const TASK = {
  ...DEFAULT_ARGS,
  handler: text,
  upstream: texts,
  inputs,
  empty: yesOrNo,
  doc_md: text,
};

/** Reads a task: its id is the key, what it does is the value. */
export function readTask(entry: Entry, defaults: DefaultArgs, reading: Reading): TaskSpec {
  const what = `task "${entry.key}"`;
  const own = entry.value === undefined ? {} : readMapping(entry.value, TASK, { what, reading });
  const values: Values<typeof TASK> = { ...defaults, ...own };
  return create(TaskSpecSchema, {
    taskId: entry.key,
    handler: values.handler,
    queue: values.queue,
    upstreamTaskIds: values.upstream,
    triggerRule: values.trigger_rule,
    pool: values.pool,
    poolSlots: values.pool_slots,
    priorityWeight: values.priority_weight ?? PRIORITY_WEIGHT_DEFAULT,
    weightRule: values.weight_rule,
    retry: {
      retries: values.retries,
      delay: values.retry_delay,
      exponentialBackoff: values.retry_exponential_backoff,
      delayMax: values.max_retry_delay,
    },
    executionTimeout: values.execution_timeout,
    activeTisPerDagMax: values.max_active_tis_per_dag,
    activeTisPerDagrunMax: values.max_active_tis_per_dagrun,
    inputs: values.inputs,
    connections: values.connections,
    docMd: values.doc_md,
    sourceLine: entry.line,
    isEmpty: values.empty,
  });
}

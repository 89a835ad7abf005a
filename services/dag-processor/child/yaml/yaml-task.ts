// A task of a YAML DAG.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  RetryAction,
  type RetryRuleSchema,
  type TaskInputSchema,
  type TaskSpec,
  TaskSpecSchema,
  TriggerRule,
  WeightRule,
} from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { wordsOf } from '../../core/enum-words.ts';
import { callbacksOf, TASK_CALLBACKS } from './yaml-alerts.ts';
import { ports } from './yaml-assets.ts';
import { instant, multiplier, span, text, texts, whole, wordOf, yesOrNo } from './yaml-fields.ts';
import { MAPPED, mappingOf } from './yaml-mapping.ts';
import {
  type Entry,
  type Field,
  jsonText,
  readMapping,
  type Reading,
  type Values,
} from './yaml-reader.ts';
import { byKey, listOf, named, record } from './yaml-shapes.ts';
import { humanInput, trigger } from './yaml-waiting.ts';

const PRIORITY_WEIGHT_DEFAULT = 1;
const INT32_MIN = -2_147_483_648;

type TaskInputInit = MessageInitShape<typeof TaskInputSchema>;
type InputSource = NonNullable<TaskInputInit['source']>;
type RetryRuleInit = MessageInitShape<typeof RetryRuleSchema>;

const retryRules: Field<RetryRuleInit[]> = listOf(
  record(
    {
      reasons: texts,
      error_classes: texts,
      action: wordOf(wordsOf(RetryAction)),
      delay: span,
      note: text,
    },
    ({ error_classes: errorClasses, ...values }) => ({ ...values, errorClasses }),
  ),
);

/** What `default_args` may say for all tasks of a DAG. */
export const DEFAULT_ARGS = {
  ...TASK_CALLBACKS,
  queue: text,
  retries: whole(0, 10_000),
  retry_delay: span,
  retry_exponential_backoff: multiplier,
  max_retry_delay: span,
  retry_rules: retryRules,
  execution_timeout: span,
  trigger_rule: wordOf(wordsOf(TriggerRule)),
  pool: text,
  pool_slots: whole(1),
  priority_weight: whole(INT32_MIN),
  weight_rule: wordOf(wordsOf(WeightRule)),
  max_active_tis_per_dag: whole(0),
  max_active_tis_per_dagrun: whole(0),
  connections: texts,
  depends_on_past: yesOrNo,
  ignore_first_depends_on_past: yesOrNo,
  wait_for_past_depends_before_skipping: yesOrNo,
  wait_for_downstream: yesOrNo,
  start_date: instant,
  end_date: instant,
  sla: span,
  limit_keys: texts,
  do_xcom_push: yesOrNo,
};

/** Values for tasks that say nothing themselves. */
export type DefaultArgs = Values<typeof DEFAULT_ARGS>;

/** A literal, or a mapping with one of the keys for what a task pushed or a group is given. */
const input = byKey<InputSource>(
  {
    xcom: record({ xcom: text, key: text }, ({ xcom, key }) => ({
      case: 'xcom',
      value: { taskId: xcom, key },
    })),
    group_argument: record({ group_argument: text, group: text }, ({ group_argument, group }) => ({
      case: 'groupArgument',
      value: { name: group_argument, groupId: group },
    })),
  },
  (node, what, reading) => {
    const value = jsonText(node, what, reading);
    return value === undefined ? undefined : { case: 'valueJson', value };
  },
);

const inputs: Field<TaskInputInit[]> = named(input, ({ key, value }, source) => ({
  name: key,
  // A key without value is null; one whose value is wrong was told already.
  source: value === undefined ? { case: 'valueJson', value: 'null' } : source,
}));

const TASK = {
  ...DEFAULT_ARGS,
  ...MAPPED,
  handler: text,
  upstream: texts,
  inputs,
  empty: yesOrNo,
  latest_only: yesOrNo,
  human_input: humanInput,
  trigger,
  trigger_timeout: span,
  soft_fail: yesOrNo,
  setup: yesOrNo,
  teardown: yesOrNo,
  on_failure_fail_dagrun: yesOrNo,
  task_group: text,
  map_index_template: text,
  inlets: ports,
  outlets: ports,
  display_name: text,
  doc_md: text,
};

type TaskValues = Values<typeof TASK>;

/** Reads a task: its id is the key, what it does is the value. */
export function readTask(entry: Entry, defaults: DefaultArgs, reading: Reading): TaskSpec {
  const what = `task "${entry.key}"`;
  const own = entry.value === undefined ? {} : readMapping(entry.value, TASK, { what, reading });
  // The rule of a teardown is not for defaults to say.
  const { trigger_rule, ...others } = defaults;
  const values: TaskValues = { ...(own.teardown ? others : { trigger_rule, ...others }), ...own };
  return create(TaskSpecSchema, {
    taskId: entry.key,
    sourceLine: entry.line,
    mapping: mappingOf(values, { what, line: entry.line, reading }),
    ...whatItDoes(values),
    ...whenItRuns(values),
    ...howItRuns(values),
  });
}

function whatItDoes(values: TaskValues) {
  return {
    handler: values.handler,
    inputs: values.inputs,
    isEmpty: values.empty,
    isLatestOnly: values.latest_only,
    humanInput: values.human_input,
    trigger: values.trigger,
    triggerTimeout: values.trigger_timeout,
    isSoftFail: values.soft_fail,
    mapIndexTemplate: values.map_index_template,
    inlets: values.inlets,
    outlets: values.outlets,
    dropsResult: values.do_xcom_push === false,
    displayName: values.display_name,
    docMd: values.doc_md,
    taskGroupId: values.task_group,
  };
}

function whenItRuns(values: TaskValues) {
  return {
    upstreamTaskIds: values.upstream,
    triggerRule: values.trigger_rule,
    isSetup: values.setup,
    isTeardown: values.teardown,
    onFailureFailDagrun: values.on_failure_fail_dagrun,
    dependsOnPast: values.depends_on_past,
    heedsFirstDependsOnPast: values.ignore_first_depends_on_past === false,
    waitForPastDependsBeforeSkipping: values.wait_for_past_depends_before_skipping,
    waitForDownstream: values.wait_for_downstream,
    startDate: values.start_date,
    endDate: values.end_date,
    sla: values.sla,
  };
}

function howItRuns(values: TaskValues) {
  return {
    queue: values.queue,
    pool: values.pool,
    poolSlots: values.pool_slots,
    priorityWeight: values.priority_weight ?? PRIORITY_WEIGHT_DEFAULT,
    weightRule: values.weight_rule,
    retry: {
      retries: values.retries,
      delay: values.retry_delay,
      exponentialBackoff: values.retry_exponential_backoff,
      delayMax: values.max_retry_delay,
      rules: values.retry_rules,
    },
    executionTimeout: values.execution_timeout,
    activeTisPerDagMax: values.max_active_tis_per_dag,
    activeTisPerDagrunMax: values.max_active_tis_per_dagrun,
    connections: values.connections,
    limitKeys: values.limit_keys,
    callbacks: callbacksOf(values),
  };
}

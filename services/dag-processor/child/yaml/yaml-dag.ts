// A DAG written in YAML: one document of a file.
import { create } from '@bufbuild/protobuf';
import { isMap, type Node } from 'yaml';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { wordsOf } from '../../core/enum-words.ts';
import { callbacksOf, deadlines, RUN_CALLBACKS } from './yaml-alerts.ts';
import { assets } from './yaml-assets.ts';
import { instant, number, span, text, texts, whole, wordOf, yesOrNo } from './yaml-fields.ts';
import { taskGroups } from './yaml-mapping.ts';
import { params } from './yaml-params.ts';
import {
  blame,
  type Entry,
  type Field,
  readEntries,
  readMapping,
  type Reading,
  type Values,
} from './yaml-reader.ts';
import { schedule } from './yaml-schedule.ts';
import { listOf, named, record } from './yaml-shapes.ts';
import { DEFAULT_ARGS, type DefaultArgs, readTask } from './yaml-task.ts';

const defaultArgs: Field<DefaultArgs> = record(DEFAULT_ARGS, (values) => values);

const tasks: Field<Entry[]> = (node, what, reading) => readEntries(node, what, reading);

const keyLimits = named(
  record(
    { max_active: whole(0), rate: whole(0), rate_period: span },
    ({ max_active, rate, rate_period }) => ({
      activeMax: max_active,
      rateCount: rate,
      ratePeriod: rate_period,
    }),
  ),
  ({ key }, values) => ({ ...values, key }),
);

const edgeLabels = listOf(
  record({ upstream: text, downstream: text, label: text }, ({ upstream, downstream, label }) => ({
    upstreamTaskId: upstream,
    downstreamTaskId: downstream,
    label,
  })),
);

const DAG = {
  ...RUN_CALLBACKS,
  dag_id: text,
  description: text,
  doc_md: text,
  schedule,
  start_date: instant,
  end_date: instant,
  catchup: yesOrNo,
  max_active_runs: whole(1),
  max_active_tasks: whole(1),
  max_consecutive_failed_dag_runs: whole(0, 1_000),
  dagrun_timeout: span,
  fail_fast: yesOrNo,
  follows_latest_version: yesOrNo,
  fair_share_weight: number,
  allowed_run_types: listOf(wordOf(wordsOf(RunType))),
  params,
  tags: texts,
  is_paused_upon_creation: yesOrNo,
  owner: text,
  deadlines,
  assets,
  key_limits: keyLimits,
  default_args: defaultArgs,
  task_groups: taskGroups,
  edge_labels: edgeLabels,
  tasks,
};

/**
 * Reads a document; undefined when it is no DAG: a mapping without `dag_id` and `tasks` is somebody
 * else's.
 */
export function readYamlDag(reading: Reading): DagSpec | undefined {
  const root = reading.document.contents;
  if (!isMap<Node, Node>(root) || (!root.has('dag_id') && !root.has('tasks'))) return undefined;
  const values = readMapping(root, DAG, { what: 'the DAG', reading });
  if (values.dag_id === undefined && !root.has('dag_id')) {
    return blame(reading, root, 'the DAG has tasks but no dag_id; give it one');
  }
  const read = values.tasks?.map((entry) => readTask(entry, values.default_args ?? {}, reading));
  return create(DagSpecSchema, {
    ...dagFields(values),
    taskGroups: values.task_groups?.map((group) => withPrefix(group, read ?? [])),
    tasks: read,
  });
}

function dagFields(values: Values<typeof DAG>) {
  return {
    dagId: values.dag_id,
    description: values.description,
    docMd: values.doc_md,
    timetable: values.schedule,
    startDate: values.start_date,
    endDate: values.end_date,
    catchup: values.catchup,
    activeRunsMax: values.max_active_runs,
    activeTasksMax: values.max_active_tasks,
    consecutiveFailedRunsMax: values.max_consecutive_failed_dag_runs,
    dagrunTimeout: values.dagrun_timeout,
    failFast: values.fail_fast,
    followsLatestVersion: values.follows_latest_version,
    fairShareWeight: values.fair_share_weight,
    allowedRunTypes: values.allowed_run_types,
    params: values.params,
    tags: values.tags,
    isPausedUponCreation: values.is_paused_upon_creation,
    owner: values.owner,
    callbacks: callbacksOf(values),
    deadlines: values.deadlines,
    assets: values.assets,
    keyLimits: values.key_limits,
    edgeLabels: values.edge_labels,
  };
}

/** Ids are written in full here, so whether a group prefixes them shows in its tasks. */
function withPrefix<G extends { readonly groupId: string }>(group: G, read: DagSpec['tasks']) {
  const members = read.filter(({ taskGroupId }) => taskGroupId === group.groupId);
  return {
    ...group,
    hasPrefix: members.every(({ taskId }) => taskId.startsWith(`${group.groupId}.`)),
  };
}

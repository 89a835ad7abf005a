// Fills in what an author left open, with the defaults that the contract and Airflow name.
import { clone, create } from '@bufbuild/protobuf';
import { type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { AssetSpecSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import {
  type DagSpec,
  DagSpecSchema,
  RetryPolicySchema,
  type TaskSpec,
  TriggerRule,
  WeightRule,
} from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { TaskGroupSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import { assetRefs } from '../check/asset-refs.ts';
import { countEdges, EDGES_MAX } from '../check/check-contract.ts';
import { putInOrder } from './canonical-order.ts';
import { GROUP_DEPTH_MAX } from '../check/dag-view.ts';
import { mappedTaskIds } from '../check/mapping-sources.ts';

const ACTIVE_RUNS_MAX = 16;
const ACTIVE_TASKS_MAX = 16;
const RETRY_DELAY_S = 300n;
const XCOM_KEY = 'return_value';
const AVERAGED_RUNS_MAX = 10;

/**
 * A copy with every default filled in, every upstream task named as one (what a task reads or is
 * mapped over, it waits for), every asset declared, and all that has no order of its own in one:
 * two files that say the same yield the same bytes. What is wrong stays as it is, for the checks to
 * find.
 */
export function fillDefaults(spec: DagSpec): DagSpec {
  const dag = clone(DagSpecSchema, spec);
  const isContinuous = dag.timetable?.kind.case === 'continuous';
  dag.activeRunsMax ||= isContinuous ? 1 : ACTIVE_RUNS_MAX;
  dag.activeTasksMax ||= ACTIVE_TASKS_MAX;
  dag.fairShareWeight ||= 1;
  for (const task of dag.tasks) fillTask(task);
  waitForMappedGroups(dag);
  fillDeadlines(dag);
  declareAssets(dag);
  putInOrder(dag);
  return dag;
}

function fillTask(task: TaskSpec): void {
  task.queue ||= 'default';
  task.pool ||= 'default_pool';
  task.poolSlots ||= 1;
  task.triggerRule ||= task.isTeardown
    ? TriggerRule.ALL_DONE_SETUP_SUCCESS
    : TriggerRule.ALL_SUCCESS;
  task.weightRule ||= WeightRule.DOWNSTREAM;
  task.retry ??= create(RetryPolicySchema);
  task.retry.delay ??= seconds(RETRY_DELAY_S);
  task.dependsOnPast ||= task.waitForDownstream;
  const upstream = new Set(task.upstreamTaskIds);
  for (const { source } of task.inputs) {
    if (source.case !== 'xcom') continue;
    source.value.key ||= XCOM_KEY;
    if (source.value.taskId !== '') upstream.add(source.value.taskId);
  }
  if (task.mapping !== undefined) {
    for (const taskId of mappedTaskIds(task.mapping)) upstream.add(taskId);
  }
  task.upstreamTaskIds = [...upstream];
}

/**
 * A mapped group waits for what it is mapped over: each task in it that waits for no other one in
 * it gets the edge.
 */
function waitForMappedGroups(dag: DagSpec): void {
  const groups = new Map(dag.taskGroups.map((group) => [group.groupId, group]));
  const around = new Map<string, ReadonlySet<TaskGroupSpec>>();
  const groupsAround = (groupId: string) => {
    const known = around.get(groupId) ?? chainOf(groupId, groups);
    around.set(groupId, known);
    return known;
  };
  const sources = new Map(
    dag.taskGroups.map((group) => [group, group.mapping && mappedTaskIds(group.mapping)]),
  );
  const groupIds = new Map(dag.tasks.map((task) => [task.taskId, task.taskGroupId]));
  let edgesCount = countEdges(dag);
  for (const task of dag.tasks) {
    // So many are refused anyway, and a few groups could make them billions.
    if (edgesCount > EDGES_MAX) return;
    const edges = [...task.upstreamTaskIds];
    for (const group of groupsAround(task.taskGroupId)) {
      const isInside = (taskId: string) => groupsAround(groupIds.get(taskId) ?? '').has(group);
      const taskIds = sources.get(group);
      if (taskIds === undefined || task.upstreamTaskIds.some(isInside)) continue;
      for (const taskId of taskIds) edges.push(taskId);
      edgesCount += taskIds.length;
    }
    task.upstreamTaskIds = [...new Set(edges)];
  }
}

/** A group and those around it; a chain too deep, or a circle, is cut for checks to find. */
function chainOf(
  groupId: string,
  groups: ReadonlyMap<string, TaskGroupSpec>,
): ReadonlySet<TaskGroupSpec> {
  const chain = new Set<TaskGroupSpec>();
  let group = groups.get(groupId);
  while (group !== undefined && !chain.has(group) && chain.size < GROUP_DEPTH_MAX) {
    chain.add(group);
    group = groups.get(group.parentGroupId);
  }
  return chain;
}

function fillDeadlines(dag: DagSpec): void {
  for (const [at, deadline] of dag.deadlines.entries()) {
    deadline.name ||= String(at);
    // What it is about is the deadline itself.
    if (deadline.callback !== undefined) deadline.callback.event = CallbackEvent.FAILURE;
    if (deadline.reference.case !== 'averageRuntime') continue;
    deadline.reference.value.runsMax ||= AVERAGED_RUNS_MAX;
    deadline.reference.value.runsMin ||= deadline.reference.value.runsMax;
  }
}

/**
 * Assets that are named anywhere are declared, with as little as is known of them; a reference by
 * URI alone gets the name that the DAG declares for it. One that the DAG does not know is left to
 * the catalog.
 */
function declareAssets(dag: DagSpec): void {
  const names = new Set(dag.assets.map(({ name }) => name));
  const nameByUri = new Map(dag.assets.map(({ name, uri }) => [uri, name]));
  for (const ref of assetRefs(dag)) {
    if (ref.name === '' && ref.uri !== '') ref.name = nameByUri.get(ref.uri) ?? '';
    if (ref.name === '' || names.has(ref.name)) continue;
    dag.assets.push(create(AssetSpecSchema, { name: ref.name, uri: ref.uri }));
    names.add(ref.name);
  }
}

function seconds(count: bigint): Duration {
  return create(DurationSchema, { seconds: count });
}

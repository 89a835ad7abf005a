// Puts into one order what has none of its own, so that the same DAG has the same bytes every time.
import { equals } from '@bufbuild/protobuf';
import type { CallbackSpec } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { type AssetSpec, AssetSpecSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { DagSpec, TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { TaskGroupSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import type { TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';

/**
 * Changes the DAG in place. Authors collect tags, edges and ports in sets, whose order differs from
 * one reading to the next; what people see in their own order (tasks, params) keeps it.
 */
export function putInOrder(dag: DagSpec): void {
  dag.tags = sortedSet(dag.tags);
  dag.allowedRunTypes = [...new Set(dag.allowedRunTypes)].sort((a, b) => a - b);
  dag.assets = sortedAssets(dag.assets);
  dag.taskGroups = outerFirst(dag.taskGroups);
  sortBy(dag.keyLimits, ({ key }) => key);
  sortBy(dag.edgeLabels, (edge) => `${edge.upstreamTaskId}\0${edge.downstreamTaskId}`);
  sortMappers(dag);
  for (const task of dag.tasks) putTaskInOrder(task);
  const deadlines = dag.deadlines.flatMap(({ callback }) => callback ?? []);
  for (const callback of [...dag.callbacks, ...deadlines]) putCallbackInOrder(callback);
}

function putTaskInOrder(task: TaskSpec): void {
  task.upstreamTaskIds = sortedSet(task.upstreamTaskIds);
  task.connections = sortedSet(task.connections);
  task.limitKeys = sortedSet(task.limitKeys);
  for (const ports of [task.inlets, task.outlets]) {
    sortBy(ports, ({ kind }) =>
      kind.case === 'asset' ? `${kind.value.name}\0${kind.value.uri}` : `\uffff${kind.value}`,
    );
  }
  for (const callback of task.callbacks) putCallbackInOrder(callback);
  putTriggerInOrder(task.trigger);
  if (task.humanInput === undefined) return;
  task.humanInput.assignedUsers = sortedSet(task.humanInput.assignedUsers);
  task.humanInput.branches = sortedKeys(task.humanInput.branches);
}

function putCallbackInOrder({ action }: CallbackSpec): void {
  if (action.case === 'webhook') action.value.headers = sortedKeys(action.value.headers);
}

function putTriggerInOrder(trigger: TriggerSpec | undefined): void {
  const { kind } = trigger ?? {};
  if (kind?.case === 'http') kind.value.headers = sortedKeys(kind.value.headers);
  if (kind?.case !== 'externalTask') return;
  const wanted = kind.value;
  wanted.taskIds = sortedSet(wanted.taskIds);
}

function sortMappers({ timetable }: DagSpec): void {
  const { kind } = timetable ?? {};
  if (kind?.case === 'partitionedAsset') kind.value.mappers = sortedKeys(kind.value.mappers);
}

/** By name; what is declared twice in the same words is declared once. */
function sortedAssets(assets: readonly AssetSpec[]): AssetSpec[] {
  const byName = new Map<string, AssetSpec[]>();
  for (const asset of assets) {
    for (const { trigger } of asset.watchers) putTriggerInOrder(trigger);
    const twins = byName.get(asset.name) ?? [];
    if (!twins.some((twin) => equals(AssetSpecSchema, twin, asset))) twins.push(asset);
    byName.set(asset.name, twins);
  }
  const sorted = [...byName.values()].flat();
  sortBy(sorted, ({ name }) => name);
  return sorted;
}

/** Each group after the one around it, else in the author's order. Groups in a circle come last. */
function outerFirst(groups: readonly TaskGroupSpec[]): TaskGroupSpec[] {
  const known = new Set(groups.map(({ groupId }) => groupId));
  const inner = new Map<string, TaskGroupSpec[]>();
  for (const group of groups) {
    const parentId = known.has(group.parentGroupId) ? group.parentGroupId : '';
    inner.set(parentId, [...(inner.get(parentId) ?? []), group]);
  }
  // A set can grow while it is walked.
  const ordered = new Set(inner.get(''));
  for (const { groupId } of ordered) for (const each of inner.get(groupId) ?? []) ordered.add(each);
  for (const group of groups) ordered.add(group);
  return [...ordered];
}

function sortedSet(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

function sortedKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(record);
  sortBy(entries, ([key]) => key);
  return Object.fromEntries(entries);
}

function sortBy<T>(values: T[], keyOf: (value: T) => string): void {
  values.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : Number(keyOf(a) > keyOf(b))));
}

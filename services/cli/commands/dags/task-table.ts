// The tasks of a DAG as a table: what each waits for, and what is special in it.
import {
  type DagSpec,
  type TaskSpec,
  TriggerRule,
  TriggerRuleSchema,
} from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { enumName } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';

/** The columns for the tasks of this DAG; its edges carry their labels. */
export function taskColumns(spec: DagSpec | undefined): readonly Column<TaskSpec>[] {
  const labels = new Map(
    spec?.edgeLabels.map((edge) => [
      edgeKey(edge.upstreamTaskId, edge.downstreamTaskId),
      edge.label,
    ]),
  );
  const named = (upstreamId: string, taskId: string) => {
    const label = labels.get(edgeKey(upstreamId, taskId));
    return label === undefined ? upstreamId : `${upstreamId} (${label})`;
  };
  const mappedGroupIds = mappedGroupsOf(spec);
  return [
    { title: 'task_id', cell: (task) => task.taskId },
    {
      title: 'waits for',
      cell: (task) => task.upstreamTaskIds.map((id) => named(id, task.taskId)).join(', '),
    },
    { title: 'special', cell: (task) => traitsOf(task, mappedGroupIds).join(', ') },
    { title: 'queue', cell: (task) => (task.isEmpty ? '' : task.queue || 'default') },
    { title: 'pool', cell: (task) => task.pool || 'default_pool' },
    { title: 'retries', cell: (task) => String(task.retry?.retries ?? 0), align: 'right' },
    { title: 'handler', cell: (task) => task.handler, wide: true },
  ];
}

/** Upstream tasks first, otherwise the author's order. */
export function tasksInOrder(spec: DagSpec | undefined): readonly TaskSpec[] {
  const waiting = [...(spec?.tasks ?? [])];
  const placed = new Set<string>();
  const ordered: TaskSpec[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex((task) => task.upstreamTaskIds.every((id) => placed.has(id)));
    // A spec has no cycle; should one come anyway, its tasks are shown in the author's order.
    const [task] = waiting.splice(Math.max(ready, 0), 1);
    if (task === undefined) break;
    placed.add(task.taskId);
    ordered.push(task);
  }
  return ordered;
}

function traitsOf(task: TaskSpec, mappedGroupIds: ReadonlySet<string>): readonly string[] {
  const rule = task.triggerRule || TriggerRule.ALL_SUCCESS;
  const traits: readonly (readonly [boolean, string])[] = [
    [rule !== TriggerRule.ALL_SUCCESS, enumName(TriggerRuleSchema, rule)],
    [task.isSetup, 'setup'],
    [task.isTeardown, 'teardown'],
    [task.mapping !== undefined || mappedGroupIds.has(task.taskGroupId), 'mapped'],
    [task.isLatestOnly, 'latest only'],
    [task.humanInput !== undefined, 'asks people'],
    [task.trigger !== undefined, 'waits for a trigger'],
    [task.dependsOnPast, 'depends on past'],
    [task.waitForDownstream, 'waits for downstream of past'],
  ];
  return traits.filter(([holds]) => holds).map(([, words]) => words);
}

/** Groups that are mapped, and those inside of them; outer groups come first in a spec. */
function mappedGroupsOf(spec: DagSpec | undefined): ReadonlySet<string> {
  const mapped = new Set<string>();
  for (const group of spec?.taskGroups ?? []) {
    if (group.mapping !== undefined || mapped.has(group.parentGroupId)) mapped.add(group.groupId);
  }
  return mapped;
}

function edgeKey(upstreamId: string, downstreamId: string): string {
  return `${upstreamId}\n${downstreamId}`;
}

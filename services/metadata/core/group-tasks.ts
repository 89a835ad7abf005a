// Which tasks a group holds: its own and those of the groups inside it, as a version of the DAG has
// it.
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';

/** Ids of the tasks in a group, in the DAG's order; undefined when there is no such group. */
export function tasksOfGroup(spec: DagSpec, groupId: string): readonly string[] | undefined {
  if (!spec.taskGroups.some((group) => group.groupId === groupId)) return undefined;
  const inside = new Set([groupId]);
  // Outer groups stand before inner ones, so one pass finds all.
  for (const group of spec.taskGroups) {
    if (inside.has(group.parentGroupId)) inside.add(group.groupId);
  }
  return spec.tasks.filter((task) => inside.has(task.taskGroupId)).map((task) => task.taskId);
}

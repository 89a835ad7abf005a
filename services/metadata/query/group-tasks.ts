// Which tasks a group of a DAG holds.
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';

/** Ids of the tasks of a group and of the groups in it; undefined when there is no such group. */
export function tasksOfGroup(spec: DagSpec, groupId: string): readonly string[] | undefined {
  if (!spec.taskGroups.some((group) => group.groupId === groupId)) return undefined;
  const inside = new Set([groupId]);
  // Outer groups stand before the groups in them, so that one pass finds all.
  for (const group of spec.taskGroups) {
    if (inside.has(group.parentGroupId)) inside.add(group.groupId);
  }
  return spec.tasks.filter((task) => inside.has(task.taskGroupId)).map((task) => task.taskId);
}

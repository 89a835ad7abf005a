// The groups of a DAG: names of their own, a tree that is one, and every member in a known group.
import type { TaskGroupSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import { isReservedId } from './check-tasks.ts';
import { type Check, type DagView, GROUP_DEPTH_MAX } from './dag-view.ts';
import { didYouMean } from '../nearest.ts';

/** What is wrong with the groups, apart from their mapping. */
export const checkGroups: Check = function* (view) {
  const { dag, groups } = view;
  for (const group of dag.taskGroups) {
    for (const cause of groupCauses(group, view)) yield view.ofGroup(group, cause);
  }
  for (const task of dag.tasks) {
    const { taskGroupId } = task;
    if (taskGroupId === '' || groups.has(taskGroupId)) continue;
    const hint = didYouMean(taskGroupId, groups.keys());
    yield view.ofTask(
      task,
      `is in group "${taskGroupId}", which is no group of this DAG${hint || '; declare it in task_groups'}`,
    );
  }
};

function* groupCauses(group: TaskGroupSpec, view: DagView): Iterable<string> {
  const { groupId, parentGroupId } = group;
  if (view.groups.get(groupId) !== group) yield 'is declared twice; rename one';
  if (view.tasks.has(groupId)) yield 'has the id of a task; rename one of them';
  if (isReservedId(groupId)) yield 'has a reserved id; rename it';
  if (parentGroupId !== '' && !view.groups.has(parentGroupId)) {
    const hint = didYouMean(parentGroupId, view.groups.keys());
    yield `has the parent_group_id "${parentGroupId}", which is no group of this DAG${hint}`;
  }
  const chain = view.groupsFrom(groupId);
  if (chain.indexOf(group, 1) > 0) {
    const path = chain.slice(0, chain.indexOf(group, 1) + 1).map((each) => each.groupId);
    yield `is inside itself: ${path.join(' in ')}; change one parent_group_id`;
  } else if (chain.length > GROUP_DEPTH_MAX) {
    yield `is nested deeper than ${GROUP_DEPTH_MAX} levels; put it further out`;
  }
}

// Where tasks stand among the groups of their DAG: the groups and mappings around each of them.
import { type DagSpec, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { TaskGroupSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import { compileMapping, type MappingLevel, sourcesOf } from '../mapping/mapping.ts';

/** A task's place among the groups. */
export type TaskPlace = {
  /** Ids of the groups around it, outermost first. */
  readonly groups: readonly string[];
  /** Mappings around it and its own, outermost first. */
  readonly levels: readonly MappingLevel[];
  /** True when the innermost group around it is mapped. */
  readonly isInMappedGroup: boolean;
};

/** Groups lie in each other at most so deep. */
const DEPTH_MAX = 100;

/** The place of each task, in the order of the spec. */
export function placeTasks(spec: DagSpec): readonly TaskPlace[] {
  const groups = new Map(spec.taskGroups.map((group) => [group.groupId, group]));
  const levels = new Map(
    spec.taskGroups.flatMap(({ groupId, mapping }) => {
      if (mapping === undefined) return [];
      return [[groupId, { key: groupId, isGroup: true, plan: compileMapping(mapping) }] as const];
    }),
  );
  return spec.tasks.map(({ taskId, taskGroupId, mapping }) => {
    const around = groupsAround(groups, taskGroupId);
    const outer = around.flatMap((groupId) => levels.get(groupId) ?? []);
    if (mapping === undefined) {
      return { groups: around, levels: outer, isInMappedGroup: levels.has(taskGroupId) };
    }
    const own = { key: taskId, isGroup: false, plan: compileMapping(mapping) };
    return { groups: around, levels: [...outer, own], isInMappedGroup: levels.has(taskGroupId) };
  });
}

/** The place of one task. */
export function placeAt(places: readonly TaskPlace[], index: number): TaskPlace {
  return places[index] ?? { groups: [], levels: [], isInMappedGroup: false };
}

/** Ids of the tasks whose results the levels need. */
export function sourceIds(levels: readonly MappingLevel[]): readonly string[] {
  return levels.flatMap(({ plan }) => sourcesOf(plan));
}

/** How many mapped groups, outermost first, two tasks have in common. */
export function sharedDepth(a: readonly MappingLevel[], b: readonly MappingLevel[]): number {
  const end = a.findIndex((level, depth) => !level.isGroup || level.key !== b[depth]?.key);
  return end < 0 ? a.length : end;
}

/**
 * Rules that decide at the first result look at all instances above, whatever mapped group they
 * share: Airflow's behaviour for tasks directly in a mapped group.
 */
export function looksAtAll(rule: TriggerRule, place: TaskPlace): boolean {
  return place.isInMappedGroup && FAST_RULES.has(rule);
}

const FAST_RULES: ReadonlySet<TriggerRule> = new Set([
  TriggerRule.ONE_SUCCESS,
  TriggerRule.ONE_FAILED,
  TriggerRule.ONE_DONE,
]);

function groupsAround(
  groups: ReadonlyMap<string, TaskGroupSpec>,
  innermost: string,
): readonly string[] {
  const around: string[] = [];
  let id = innermost;
  while (id !== '' && around.length < DEPTH_MAX) {
    around.unshift(id);
    id = groups.get(id)?.parentGroupId ?? '';
  }
  return around;
}

// The shape of a plan, read anew for every question: relatives, scopes of setups, leaves, groups.
import type { Plan, Source, TaskPlan } from './plan.ts';

/** A mapping around a task, or its own. */
export type Level = {
  readonly key: string;
  readonly isGroup: boolean;
  readonly over: readonly Source[];
};

export function taskIn(plan: Plan, id: string): TaskPlan {
  const task = plan.tasks[id];
  if (task === undefined) throw new Error(`the plan has no task "${id}"`);
  return task;
}

export function above(plan: Plan, id: string): readonly string[] {
  return taskIn(plan, id).after ?? [];
}

export function below(plan: Plan, id: string): readonly string[] {
  return Object.keys(plan.tasks).filter((other) => above(plan, other).includes(id));
}

/** Everything upstream or downstream, however far. */
export function far(plan: Plan, id: string, next: typeof above): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (at: string): void => {
    for (const each of next(plan, at)) {
      if (found.has(each)) continue;
      found.add(each);
      visit(each);
    }
  };
  visit(id);
  return found;
}

/**
 * The setups in whose scope a task is, but that are not directly above it: those upstream without
 * teardown, or with one downstream of the task. Teardowns have none.
 */
export function scopeOf(plan: Plan, id: string): readonly string[] {
  if (taskIn(plan, id).teardown === true) return [];
  const later = far(plan, id, below);
  return [...far(plan, id, above)].filter((each) => {
    if (taskIn(plan, each).setup !== true || above(plan, id).includes(each)) return false;
    const teardowns = below(plan, each).filter((other) => taskIn(plan, other).teardown === true);
    return teardowns.length === 0 || teardowns.some((other) => later.has(other));
  });
}

/** The tasks whose states decide about the run. */
export function leavesOf(plan: Plan): readonly string[] {
  const ids = Object.keys(plan.tasks);
  const isPlain = (id: string) => {
    const task = taskIn(plan, id);
    return task.teardown === true && task.decisive !== true;
  };
  const leaves = ids.filter((id) => !isPlain(id) && below(plan, id).every(isPlain));
  return leaves.length > 0 ? leaves : ids.filter((id) => below(plan, id).length === 0);
}

/** Groups around a task, outermost first. */
export function groupsOf(plan: Plan, id: string): readonly string[] {
  const around: string[] = [];
  for (let group = taskIn(plan, id).group; group !== undefined; group = plan.groups?.[group]?.in) {
    around.unshift(group);
  }
  return around;
}

/** Mappings around a task and its own, outermost first. */
export function levelsOf(plan: Plan, id: string): readonly Level[] {
  const groups = groupsOf(plan, id).flatMap((key): Level[] => {
    const over = plan.groups?.[key]?.over;
    return over === undefined ? [] : [{ key, isGroup: true, over }];
  });
  const own = taskIn(plan, id).over;
  return own === undefined ? groups : [...groups, { key: id, isGroup: false, over: own }];
}

/** How many mapped groups two tasks have in common, outermost first. */
export function sharedDepth(plan: Plan, a: string, b: string): number {
  const theirs = levelsOf(plan, b);
  const levels = levelsOf(plan, a);
  const end = levels.findIndex((level, at) => !level.isGroup || theirs[at]?.key !== level.key);
  return end < 0 ? levels.length : end;
}

/** True when the innermost group around a task is mapped. */
export function isDirectlyInMappedGroup(plan: Plan, id: string): boolean {
  const group = taskIn(plan, id).group;
  return group !== undefined && plan.groups?.[group]?.over !== undefined;
}

/** Tasks whose results decide how often a task is run. */
export function sourcesOf(plan: Plan, id: string): ReadonlySet<string> {
  const all = levelsOf(plan, id).flatMap(({ over }) => over);
  return new Set(all.filter((source) => typeof source === 'string'));
}

/** True when a task's result decides how often others are run. */
export function isMappedOver(plan: Plan, id: string): boolean {
  return Object.keys(plan.tasks).some((other) => sourcesOf(plan, other).has(id));
}

/** A task, or the tasks of a group that have nothing of it above them. */
export function rootsNamed(plan: Plan, id: string): readonly string[] {
  if (plan.tasks[id] !== undefined) return [id];
  const members = Object.keys(plan.tasks).filter((task) => groupsOf(plan, task).includes(id));
  return members.filter((task) => !above(plan, task).some((each) => members.includes(each)));
}

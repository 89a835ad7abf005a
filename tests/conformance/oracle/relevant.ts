// Which instances of an upstream task an instance looks at.
import type { Instance, OracleRun } from './run.ts';
import { ruleOf } from './plan.ts';
import { sharedDepth, isDirectlyInMappedGroup, levelsOf, sourcesOf, taskIn } from './shape.ts';

const FAST = new Set(['one_success', 'one_failed', 'one_done']);

/** All of them, unless both share a mapped group. */
export function relevantOf(run: OracleRun, instance: Instance, id: string): readonly Instance[] {
  const { plan } = run;
  const isApart = sharedDepth(plan, instance.task, id) === 0 || looksAtAll(run, instance, id);
  return isApart ? (run.instances.get(id) ?? []) : counterpartsOf(run, instance, id);
}

/**
 * Those of the instance's own instance of the groups that both are in. With n instances of its own
 * and a of the groups, that is number i·a // n.
 */
export function counterpartsOf(run: OracleRun, instance: Instance, id: string) {
  const all = run.instances.get(id) ?? [];
  const isExpanded = (all[0]?.index ?? -1) >= 0;
  // Before it is expanded it has no counterparts among those that are.
  if (instance.index < 0) return isExpanded ? [] : all;
  if (!isExpanded) return all;
  const groups = groupsCount(run, instance.task, sharedDepth(run.plan, instance.task, id));
  const own = run.instances.get(instance.task)?.length ?? 1;
  const group = Math.floor((instance.index * groups) / own);
  const factor = all.length / groups;
  return all.filter(({ index }) => index >= group * factor && index < (group + 1) * factor);
}

/**
 * Directly in a mapped group, rules that do not wait look at all instances of tasks that are not
 * what the mapping needs.
 */
function looksAtAll({ plan }: OracleRun, { task }: Instance, id: string): boolean {
  if (!isDirectlyInMappedGroup(plan, task) || sourcesOf(plan, task).has(id)) return false;
  return FAST.has(ruleOf(taskIn(plan, task))) && !taskIn(plan, id).setup;
}

/** How many instances the mapped groups down to a depth make. */
function groupsCount(run: OracleRun, task: string, depth: number): number {
  const sources = levelsOf(run.plan, task)
    .slice(0, depth)
    .flatMap(({ over }) => over);
  return sources.reduce<number>((product, source) => {
    if (typeof source === 'number') return product * source;
    const instances = run.instances.get(source) ?? [];
    const returned = instances.flatMap((each) => each.returned ?? []);
    const isMapped = levelsOf(run.plan, source).length > 0;
    return product * (isMapped ? returned.length : (returned[0] ?? 1));
  }, 1);
}

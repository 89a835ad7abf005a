// Which instances of an upstream task an instance looks at.
import { lengthOf } from './lengths.ts';
import { ruleOf } from './plan.ts';
import type { Instance, OracleRun } from './run.ts';
import { isDirectlyInMappedGroup, sharedDepth, sourcesOf, taskIn } from './shape.ts';

const FAST = new Set(['one_success', 'one_failed', 'one_done']);

/** All of them, unless both share a mapped group. */
export function relevantOf(run: OracleRun, instance: Instance, id: string): readonly Instance[] {
  const { plan } = run;
  const isApart = sharedDepth(plan, instance.task, id) === 0 || looksAtAll(run, instance, id);
  return isApart ? (run.instances.get(id) ?? []) : counterpartsOf(run, instance, id);
}

/**
 * Those of the instance's own instance of the groups that both are in. With n instances of its own
 * and a of the groups, that is number i·a // n; n / a is what is mapped further inside.
 */
export function counterpartsOf(run: OracleRun, instance: Instance, id: string) {
  const all = run.instances.get(id) ?? [];
  const own = run.sizes.get(instance.task);
  const theirs = run.sizes.get(id);
  // Before it is expanded it has no counterparts among those that are.
  if (own === undefined) return theirs === undefined ? all : [];
  if (theirs === undefined) return all;
  const depth = sharedDepth(run.plan, instance.task, id);
  const group = Math.floor(instance.index / lengthOf(own.slice(depth)));
  const factor = lengthOf(theirs.slice(depth));
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

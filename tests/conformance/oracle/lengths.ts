// How many instances a mapped task has, and what becomes of those it has when that changes.
import { all, fresh, type Instance, type OracleRun } from './run.ts';
import type { Outcome } from './rules.ts';
import { levelsOf } from './shape.ts';

/** How many there are of each mapping around a task and its own; undefined while not known. */
export function sizesOf(run: OracleRun, task: string): readonly number[] | undefined {
  const sizes: number[] = [];
  for (const { over } of levelsOf(run.plan, task)) {
    let size = 1;
    for (const source of over) {
      const one = typeof source === 'number' ? source : returnedBy(run, source);
      if (one === undefined) return undefined;
      size *= one;
    }
    sizes.push(size);
  }
  return sizes;
}

/** Mappings multiply. */
export function lengthOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

/** Makes the instances that a task lacks; the one without index becomes the first. */
export function expand(run: OracleRun, task: string, sizes: readonly number[]): Instance[] {
  const known = run.instances.get(task) ?? [];
  const [first] = known;
  if (first !== undefined && first.index < 0) first.index = 0;
  const lacking = Math.max(lengthOf(sizes) - known.length, 0);
  const made = Array.from({ length: lacking }, (_, at) => fresh(run.plan, task, known.length + at));
  known.push(...made);
  run.sizes.set(task, sizes);
  return made;
}

/**
 * An instance of a mapped task may run: now there have to be as many as there are elements. Those
 * beyond are removed, whatever they are at. Answers the new ones, and what is decided.
 */
export function reviseLength(
  run: OracleRun,
  instance: Instance,
): { readonly made: readonly Instance[]; readonly decisions: ReadonlyMap<Instance, Outcome> } {
  const sizes = sizesOf(run, instance.task);
  const isFirst = instance.index < 0;
  const decide = (outcome: Outcome) => ({ made: [], decisions: new Map([[instance, outcome]]) });
  if (sizes === undefined) return decide(isFirst ? 'upstream_failed' : 'run');
  const length = lengthOf(sizes);
  if (isFirst && length < 1) return decide('skipped');
  const made = expand(run, instance.task, sizes);
  const decisions = new Map<Instance, Outcome>();
  for (const each of all(run)) {
    if (each.task !== instance.task || each.index < length) continue;
    if (each.state !== 'removed') decisions.set(each, 'removed');
  }
  // The rules look at one that was just given an index anew: others may be relevant now.
  if (isFirst) return { made: [instance, ...made], decisions };
  if (!decisions.has(instance)) decisions.set(instance, 'run');
  return { made, decisions };
}

function returnedBy(run: OracleRun, task: string): number | undefined {
  const instances = run.instances.get(task) ?? [];
  if (levelsOf(run.plan, task).length === 0) return instances[0]?.returned;
  return instances.filter(({ returned, state }) => state === 'success' && returned !== undefined)
    .length;
}

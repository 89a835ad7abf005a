// Which instances of a run are meant: by task, group or instance, with their relatives, setups and
// teardowns.
import { tasksNamed } from '../graph/dag-version.ts';
import { scopeSetups, teardownsOf } from '../graph/graph.ts';
import type { Instance } from '../instance.ts';
import { instancesOf } from '../instance.ts';
import type { Run } from '../run/run.ts';
import { relevantSpan } from '../graph/relevant.ts';
import { sharedDepth } from '../graph/task-groups.ts';
import { hasFailed, TaskInstanceState } from '../state.ts';

/** What is meant in one run. */
export type Selection = {
  /** `task`, `group` or `task[3]`; empty means all. */
  readonly taskIds: readonly string[];
  readonly includeUpstream: boolean;
  readonly includeDownstream: boolean;
  /** True: the setups and teardowns of what is chosen are meant as well. */
  readonly addsScope: boolean;
  /** Of all these only those that failed (or could not run because of that), or that run. */
  readonly only?: 'failed' | 'running' | undefined;
};

/**
 * The first id that names nothing in any of some runs; undefined when all do. Not all of them need
 * have every task: versions differ.
 */
export function unknownId(runs: readonly Run[], taskIds: readonly string[]): string | undefined {
  return taskIds.find((id) => {
    const { taskId } = readName(id);
    return runs.every(({ version }) => tasksNamed(version, taskId).length === 0);
  });
}

/** The instances a selection means, in the order of the DAG, then of map indexes. */
export function selectInstances(run: Run, selection: Selection): readonly Instance[] {
  const { only } = selection;
  const chosen = chooseInstances(run, selection);
  if (only === 'running') return chosen.filter(({ state }) => state === TaskInstanceState.RUNNING);
  return only === 'failed' ? chosen.filter(({ state }) => hasFailed(state)) : chosen;
}

function chooseInstances(run: Run, selection: Selection): readonly Instance[] {
  const all = [...instancesOf(run)];
  if (selection.taskIds.length === 0) return all;
  const chosen = new Set(selection.taskIds.flatMap((id) => namedInstances(run, id)));
  const named = [...chosen];
  if (selection.includeUpstream) for (const each of relatives(named, 'above')) chosen.add(each);
  if (selection.includeDownstream) for (const each of relatives(named, 'below')) chosen.add(each);
  if (selection.addsScope) for (const each of aroundOf(run, chosen)) chosen.add(each);
  return all.filter((instance) => chosen.has(instance));
}

/** The instances that can be reached from some, within mapped groups by counterpart. */
export function relatives(
  from: readonly Instance[],
  side: 'above' | 'below',
): ReadonlySet<Instance> {
  const found = new Set<Instance>();
  const open = [...from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const each of neighbours(next, side)) {
      if (found.has(each)) continue;
      found.add(each);
      open.push(each);
    }
  }
  return found;
}

/** By the groups that both are in: rules that look at more than that make no relatives. */
function neighbours(instance: Instance, side: 'above' | 'below'): readonly Instance[] {
  const { run, task } = instance;
  return task[side].flatMap(({ index }) => {
    const node = run.nodes[index];
    if (node === undefined) return [];
    const depth = sharedDepth(task.levels, node.task.levels);
    const { from, to } = relevantSpan(instance, { index, depth });
    return node.instances.slice(from, to);
  });
}

/** The setups and teardowns of the work among some instances: what it needs runs again with it. */
function aroundOf(run: Run, chosen: ReadonlySet<Instance>): readonly Instance[] {
  const { tasks } = run.version;
  if (!tasks.some(({ isSetup, isTeardown }) => isSetup || isTeardown)) return [];
  const indexes = new Set([...chosen].map(({ task }) => task.index));
  const added = new Set<number>();
  for (const index of indexes) {
    const task = tasks[index];
    // A setup that runs again is torn down again; around it nothing starts over for that.
    if (task?.isSetup) for (const each of teardownsOf(tasks, index)) added.add(each);
    if (task === undefined || task.isSetup || task.isTeardown) continue;
    for (const setup of scopeSetups(tasks, index)) {
      added.add(setup);
      for (const teardown of teardownsOf(tasks, setup)) added.add(teardown);
    }
  }
  return [...added].flatMap((index) => run.nodes[index]?.instances ?? []);
}

function namedInstances(run: Run, id: string): readonly Instance[] {
  const { taskId, mapIndex } = readName(id);
  return tasksNamed(run.version, taskId).flatMap((index) => {
    const instances = run.nodes[index]?.instances ?? [];
    // An index is nothing to a task that is not mapped.
    const isMapped = (run.version.tasks[index]?.levels.length ?? 0) > 0;
    if (mapIndex === undefined || !isMapped) return instances;
    return instances.filter((each) => each.mapIndex === mapIndex);
  });
}

/** `task[3]` in its parts. */
function readName(id: string): { readonly taskId: string; readonly mapIndex: number | undefined } {
  const match = /^(.*)\[(\d+)\]$/.exec(id);
  if (match?.[1] === undefined) return { taskId: id, mapIndex: undefined };
  return { taskId: match[1], mapIndex: Number(match[2]) };
}

// Which instances of a run are meant: by task, group or instance, with their relatives, setups and
// teardowns.
import { tasksNamed } from '../graph/dag-version.ts';
import { relativesOf, scopeSetups, teardownsOf } from '../graph/graph.ts';
import type { Instance } from '../instance.ts';
import { instancesOf } from '../instance.ts';
import type { Run } from '../picture.ts';
import { relevantSpan, spanBelow } from '../graph/relevant.ts';

/** What is meant in one run. */
export type Selection = {
  /** `task`, `group` or `task[3]`; empty means all. */
  readonly taskIds: readonly string[];
  readonly includeUpstream: boolean;
  readonly includeDownstream: boolean;
  /** True: the setups and teardowns of what is chosen are meant as well. */
  readonly addsScope: boolean;
};

/** The first id that names nothing in the run; undefined when all do. */
export function unknownId(run: Run, taskIds: readonly string[]): string | undefined {
  return taskIds.find((id) => tasksNamed(run.version, readName(id).taskId).length === 0);
}

/** The instances a selection means, in the order of the DAG, then of map indexes. */
export function selectInstances(run: Run, selection: Selection): readonly Instance[] {
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

function neighbours(instance: Instance, side: 'above' | 'below'): readonly Instance[] {
  const { run, task } = instance;
  return task[side].flatMap((relation) => {
    const node = run.nodes[relation.index];
    if (node === undefined) return [];
    const { from, to } =
      side === 'above'
        ? relevantSpan(instance, relation)
        : spanBelow(instance, node, relation.depth);
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
    for (const setup of scopeSetups(tasks, index)) {
      added.add(setup);
      for (const teardown of teardownsOf(tasks, setup)) added.add(teardown);
    }
    // A setup that runs again is torn down again.
    if (tasks[index]?.isSetup) for (const each of teardownsOf(tasks, index)) added.add(each);
  }
  return [...added].flatMap((index) => run.nodes[index]?.instances ?? []);
}

/** Tasks above some, without looking at instances: for a subset of a whole DAG. */
export function withUpstream(run: Run, indexes: Iterable<number>): ReadonlySet<number> {
  const chosen = new Set(indexes);
  for (const index of relativesOf(run.version.tasks, [...chosen], 'upstream')) chosen.add(index);
  return chosen;
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

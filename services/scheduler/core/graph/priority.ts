// Priority weights added up along the graph, so that a task that much depends on runs earlier.
import { WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';

/** What a task's priority depends on. */
export type WeighedTask = {
  readonly weight: number;
  readonly weightRule: WeightRule;
  /** Indexes of the direct upstream tasks. */
  readonly upstream: readonly number[];
  /** Indexes of the direct downstream tasks. */
  readonly downstream: readonly number[];
};

/**
 * The priority of each task by its rule: own weight, or own weight plus the weights of all unique
 * downstream (upstream) tasks. `order` lists all indexes so that upstream tasks come first. At most
 * 10,000 tasks: the sets are bits.
 */
export function prioritiesOf(
  tasks: readonly WeighedTask[],
  order: readonly number[],
): readonly number[] {
  const sums = new Map<WeightRule, readonly number[]>();
  const sumsOf = (rule: WeightRule) => {
    const known = sums.get(rule);
    if (known !== undefined) return known;
    const isUpward = rule === WeightRule.UPSTREAM;
    const made = reachableSums(tasks, isUpward ? order : order.toReversed(), isUpward);
    sums.set(rule, made);
    return made;
  };
  return tasks.map((task, index) => {
    if (task.weightRule === WeightRule.ABSOLUTE) return task.weight;
    const rule =
      task.weightRule === WeightRule.UPSTREAM ? WeightRule.UPSTREAM : WeightRule.DOWNSTREAM;
    return task.weight + (sumsOf(rule)[index] ?? 0);
  });
}

/** For each task the weights of all tasks that can be reached from it. */
function reachableSums(
  tasks: readonly WeighedTask[],
  order: readonly number[],
  isUpward: boolean,
): readonly number[] {
  const words = (tasks.length + 31) >> 5;
  const reachable: (Uint32Array | undefined)[] = tasks.map(() => undefined);
  const sums = tasks.map(() => 0);
  for (const index of order) {
    const task = tasks[index];
    const next = (isUpward ? task?.upstream : task?.downstream) ?? [];
    // Most tasks of a wide DAG are leaves: they need no set of their own.
    if (next.length === 0) continue;
    const set = new Uint32Array(words);
    for (const neighbour of next) {
      const theirs = reachable[neighbour];
      if (theirs !== undefined) for (let w = 0; w < words; w++) set[w] = at(set, w) | at(theirs, w);
      set[neighbour >> 5] = at(set, neighbour >> 5) | (1 << (neighbour & 31));
    }
    reachable[index] = set;
    sums[index] = weightOf(set, tasks);
  }
  return sums;
}

function weightOf(set: Uint32Array, tasks: readonly WeighedTask[]): number {
  let sum = 0;
  for (let w = 0; w < set.length; w++) {
    for (let bits = at(set, w); bits !== 0; bits &= bits - 1) {
      sum += tasks[w * 32 + 31 - Math.clz32(bits & -bits)]?.weight ?? 0;
    }
  }
  return sum;
}

function at(set: Uint32Array, index: number): number {
  return set[index] ?? 0;
}

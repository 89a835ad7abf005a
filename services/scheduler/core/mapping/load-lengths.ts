// How many instances loaded tasks have on each level of their mappings: rows tell how many there
// are, and what they are mapped over tells how many there would be now.
import { isAllDone, PAGE_SIZE, returnedLength } from './expand.ts';
import type { Node } from '../instance.ts';
import { lengthOf } from './mapping.ts';
import type { Run } from '../run/run.ts';
import { TaskInstanceState } from '../state.ts';

/** What is known of a task that was expanded before its run was loaded. */
export type KnownLengths = {
  readonly lengths: readonly number[];
  /** True when it would have another number of instances now. */
  readonly isStale: boolean;
  /** Instances that are still to be made. */
  readonly missingCount: number;
};

/** Works out the lengths of a task with instances. */
export function recallLengths(run: Run, node: Node): KnownLengths {
  const lengths = node.task.levels.map(({ plan }) => lengthOf(plan, (id) => lengthNow(run, id)));
  const rowsCount = node.instances.length;
  const keptCount = countKept(node);
  if (!lengths.every((length) => length !== undefined)) {
    return { lengths: fit(lengths, rowsCount), isStale: true, missingCount: 0 };
  }
  const count = lengths.reduce((product, length) => product * length, 1);
  // An expansion that was under way has its first page at least.
  const isUnderWay = count > rowsCount && rowsCount > PAGE_SIZE;
  if (isUnderWay) return { lengths, isStale: false, missingCount: count - rowsCount };
  if (keptCount <= count && count <= rowsCount) return { lengths, isStale: false, missingCount: 0 };
  const [, ...inner] = lengths;
  return { lengths: fit([undefined, ...inner], rowsCount), isStale: true, missingCount: 0 };
}

/** Instances up to the last that was not removed. */
function countKept({ instances }: Node): number {
  return instances.findLastIndex(({ state }) => state !== TaskInstanceState.REMOVED) + 1;
}

/** Only what has finished can be counted. */
function lengthNow(run: Run, taskId: string): number | undefined {
  const index = run.version.taskIndexes.get(taskId);
  if (index === undefined || !isAllDone(run.nodes[index])) return undefined;
  return returnedLength(run, taskId);
}

/**
 * Lengths that make so many instances, with those that are known as far as that is possible: what
 * is left goes to the first that is not.
 */
function fit(known: readonly (number | undefined)[], count: number): readonly number[] {
  const product = known.reduce<number>((so, length) => so * (length ?? 1), 1);
  const isFitting = product > 0 && count % product === 0;
  const open = known.indexOf(undefined);
  if (isFitting && (open >= 0 || product === count)) {
    return known.map((length, at) => length ?? (at === open ? count / product : 1));
  }
  return known.map((_, at) => (at === 0 ? count : 1));
}

// Expansion: as many instances of a mapped task as there is data, made page by page.
import { laneOf } from '../limit/admission.ts';
import { putOnAgenda } from '../agenda.ts';
import type { Deciding } from '../deciding.ts';
import { countTotal, type Look } from '../graph/relevant.ts';
import type { Task } from '../graph/task.ts';
import type { Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { type Instance, isUnexpanded, type Node, newInstance } from '../instance.ts';
import { lengthOf } from './mapping.ts';
import { TaskInstanceState } from '../state.ts';

/** Instances that one decision makes of one task; the rest follows. */
export const PAGE_SIZE = 1_000;
/** Most instances of a mapped task when nothing else was configured. */
export const MAPPING_MAX = 100_000;

/**
 * Most instances of a run: whatever ends or clears all of them at once is one commit, with some 300
 * bytes for each, and the ledger takes messages of 64 MiB.
 */
export const RUN_INSTANCES_MAX = 220_000;

/** Why an instance is REMOVED that was one too many. */
export const NO_ELEMENT = 'there is no such element any more';

/** How often a task is to be run, or why that cannot be said. */
export type Expansion =
  | { readonly kind: 'wait' }
  | { readonly kind: 'lengths'; readonly lengths: readonly number[]; readonly count: number }
  | { readonly kind: 'fail'; readonly reason: string };

/** Looks whether a mapped task can be expanded, and to how many instances. */
export function expansionOf(picture: Picture, node: Node): Expansion {
  const { run, task } = node;
  if (!task.sources.every((index) => isAllDone(run.nodes[index]))) return { kind: 'wait' };
  const lengths: number[] = [];
  for (const { key, plan } of task.levels) {
    const length = lengthOf(plan, (taskId) => returnedLength(run, taskId));
    if (length === undefined) {
      return { kind: 'fail', reason: `the number of elements for "${key}" is not known` };
    }
    lengths.push(length);
  }
  const count = lengths.reduce((product, length) => product * length, 1);
  const max = picture.timing.mappingMax ?? MAPPING_MAX;
  if (count > max) {
    return { kind: 'fail', reason: `${count} instances are more than the ${max} allowed` };
  }
  const inRun = run.nodes.reduce((sum, { own }) => sum + own.total, count - node.own.total);
  if (inRun <= RUN_INSTANCES_MAX) return { kind: 'lengths', lengths, count };
  const words = `the run would have ${inRun} task instances, more than the ${RUN_INSTANCES_MAX}`;
  return { kind: 'fail', reason: `${words} that can end in one commit` };
}

/** Makes the instances of a task that has been one so far, or has more elements than before. */
export function expandTo(
  deciding: Deciding,
  node: Node,
  { lengths, count }: { readonly lengths: readonly number[]; readonly count: number },
): void {
  const [first] = node.instances;
  if (first !== undefined && first.mapIndex < 0) {
    first.mapIndex = 0;
    deciding.changes.instances.add(first);
  }
  node.lengths = lengths;
  // Those of an earlier expansion that were not made yet are among them, or are not made any more.
  addMissing(node, count - node.instances.length - node.missingCount);
  makePage(deciding, node);
}

/** Makes the next instances that are missing, and answers them; the agenda brings the rest. */
export function makePage({ picture, changes, newId, nowMs }: Deciding, node: Node): Look {
  const from = node.instances.length;
  const to = from + Math.min(node.missingCount, PAGE_SIZE);
  for (let at = from; at < to; at++) changes.instances.add(addInstance(picture, node, newId()));
  node.missingCount -= to - from;
  if (node.missingCount > 0) putOnAgenda(picture.agenda, nowMs, { kind: 'expand', node });
  return { node, from, to };
}

/** An instance in state NONE, at the end of its node's. */
export function addInstance(picture: Picture, node: Node, id: string): Instance {
  const isMapped = node.lengths !== undefined && node.task.levels.length > 0;
  const mapIndex = isMapped ? node.instances.length : -1;
  const lane = laneOf(picture, node.run, node.task);
  const instance = newInstance(node, lane, { id, seq: picture.nextSeq++, mapIndex });
  node.instances.push(instance);
  node.openCount += 1;
  return instance;
}

/** Announces instances that will be made: whoever is below waits for them. */
export function addMissing(node: Node, count: number): void {
  const { run, task } = node;
  node.missingCount += count;
  run.unfinishedCount += count;
  countTotal(node.own, task.isSetup, count);
  for (const { index, depth } of task.below) {
    const below = run.nodes[index];
    if (below !== undefined && depth === 0) countTotal(below.above, task.isSetup, count);
  }
}

/** A task, and those who map over it, may have another number of instances afterwards. */
export function markStale({ nodes }: Run, task: Task): void {
  for (const index of [task.index, ...task.sourceFor]) {
    const node = nodes[index];
    if (node !== undefined && !isUnexpanded(node) && node.task.levels.length > 0) {
      node.isStale = true;
    }
  }
}

/** True when every instance of a task has finished, and none is still to be made. */
export function isAllDone(node: Node | undefined): boolean {
  if (node === undefined) return true;
  const { success, skipped, failed, upstreamFailed, removed, total } = node.own;
  return success + skipped + failed + upstreamFailed + removed >= total;
}

/** How many elements a task has for those that map over it; undefined when it returned none. */
export function returnedLength(run: Run, taskId: string): number | undefined {
  const index = run.version.taskIndexes.get(taskId);
  const node = index === undefined ? undefined : run.nodes[index];
  if (node === undefined) return undefined;
  if (node.task.levels.length > 0) return returnedIndexes(node).length;
  const length = node.instances[0]?.mapLength;
  return length === undefined || length < 0 ? undefined : length;
}

/** The map indexes of the instances that returned something. */
export function returnedIndexes(node: Node): readonly number[] {
  node.returned ??= node.instances.flatMap(({ mapIndex, mapLength, state }) =>
    state === TaskInstanceState.SUCCESS && mapLength !== undefined ? [mapIndex] : [],
  );
  return node.returned;
}

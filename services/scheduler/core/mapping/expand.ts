// Expansion: as many instances of a mapped task as there is data, made page by page.
import { laneOf } from '../limit/admission.ts';
import { putOnAgenda } from '../agenda.ts';
import type { Deciding } from '../advance.ts';
import { type Instance, type Node, newInstance } from '../instance.ts';
import { lengthOf } from './mapping.ts';
import type { Picture, Run } from '../picture.ts';
import { countTotal } from '../graph/relevant.ts';
import { TaskInstanceState } from '../state.ts';

/** Instances that one decision makes of one task; the rest follows. */
export const PAGE_SIZE = 1_000;
/** Most instances of a mapped task when nothing else was configured. */
export const MAPPING_MAX = 100_000;

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
  if (count <= max) return { kind: 'lengths', lengths, count };
  return { kind: 'fail', reason: `${count} instances are more than the ${max} allowed` };
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

/** Makes the next instances that are missing; the agenda brings the rest. */
export function makePage({ picture, changes, newId, nowMs }: Deciding, node: Node): void {
  const end = Math.min(node.missingCount, PAGE_SIZE);
  for (let made = 0; made < end; made++) {
    const instance = addInstance(picture, node, newId());
    changes.instances.add(instance);
  }
  node.missingCount -= end;
  if (node.missingCount > 0) putOnAgenda(picture.agenda, nowMs, { kind: 'expand', node });
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

/** Those who map over what a task returned may have another number of instances afterwards. */
export function markStale(run: Run, index: number): void {
  for (const node of run.nodes) {
    if (node.lengths === undefined || node.task.levels.length === 0) continue;
    if (node.task.index === index || node.task.sources.includes(index)) node.isStale = true;
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

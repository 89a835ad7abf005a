// Which instances of another task an instance looks at, and what they have come to.
import type { Instance, Node } from '../instance.ts';
import { spreadBelow } from '../mapping/mapping.ts';
import { TaskInstanceState } from '../state.ts';
import type { Relation } from './task.ts';
import { noCounts, type UpstreamCounts } from './trigger-rule.ts';

/** Some of a node's instances, by place: from `from`, before `to`. */
export type Span = { readonly from: number; readonly to: number };

/**
 * The instances of another task that an instance looks at: all of them, or within mapped groups
 * that both belong to those of its own instance of the groups.
 */
export function relevantSpan(instance: Instance, relation: Relation): Span {
  const other = instance.run.nodes[relation.index];
  return counterparts(instance.node, instance.mapIndex, other, relation.depth);
}

/** The instances of a task that look at an instance which is above them. */
export function spanBelow(instance: Instance, below: Node, depth: number): Span {
  return counterparts(instance.node, instance.mapIndex, below, depth);
}

/** What the instances directly above have come to. The answer may be the node's own counts. */
export function countsAbove(instance: Instance): UpstreamCounts {
  const { node, task } = instance;
  if (!task.sharesGroups) return node.above;
  const counts = { ...node.above };
  for (const relation of task.above) {
    if (relation.depth > 0) countRelevant(instance, relation, counts);
  }
  return counts;
}

/** What the setups around an instance have come to, which are not directly above. */
export function countsOfSetups(instance: Instance): UpstreamCounts {
  const counts = noCounts();
  for (const relation of instance.task.setups) countRelevant(instance, relation, counts);
  return counts;
}

/** Counts a final state, or takes it back with −1. */
export function countState(
  counts: UpstreamCounts,
  state: TaskInstanceState,
  isSetup: boolean,
  by: 1 | -1,
): void {
  if (state === TaskInstanceState.SUCCESS) counts.success += by;
  if (state === TaskInstanceState.SKIPPED) counts.skipped += by;
  if (state === TaskInstanceState.FAILED) counts.failed += by;
  if (state === TaskInstanceState.UPSTREAM_FAILED) counts.upstreamFailed += by;
  if (state === TaskInstanceState.REMOVED) counts.removed += by;
  if (!isSetup) return;
  if (state === TaskInstanceState.SUCCESS) counts.setupSuccess += by;
  if (state === TaskInstanceState.SKIPPED) counts.setupSkipped += by;
}

/** Adds counts to others. */
export function addCounts(counts: UpstreamCounts, more: UpstreamCounts): void {
  counts.total += more.total;
  counts.success += more.success;
  counts.skipped += more.skipped;
  counts.failed += more.failed;
  counts.upstreamFailed += more.upstreamFailed;
  counts.removed += more.removed;
  counts.setupTotal += more.setupTotal;
  counts.setupSuccess += more.setupSuccess;
  counts.setupSkipped += more.setupSkipped;
}

/** Adds to the number of instances. */
export function countTotal(counts: UpstreamCounts, isSetup: boolean, by: number): void {
  counts.total += by;
  if (isSetup) counts.setupTotal += by;
}

function counterparts(node: Node, mapIndex: number, other: Node | undefined, depth: number): Span {
  if (other === undefined) return { from: 0, to: 0 };
  const all = { from: 0, to: other.instances.length + other.missingCount };
  if (depth === 0 || mapIndex < 0) return all;
  if (node.lengths === undefined || other.lengths === undefined) return all;
  const groupIndex = Math.floor(mapIndex / spreadBelow(node.lengths, depth));
  const spread = spreadBelow(other.lengths, depth);
  return { from: groupIndex * spread, to: (groupIndex + 1) * spread };
}

function countRelevant(instance: Instance, relation: Relation, counts: UpstreamCounts): void {
  const other = instance.run.nodes[relation.index];
  if (other === undefined) return;
  // Before it is expanded it has no counterparts among those that are.
  const isApart = instance.node.lengths === undefined && other.lengths !== undefined;
  if (relation.depth > 0 && isApart) return;
  const { from, to } = relevantSpan(instance, relation);
  countTotal(counts, other.task.isSetup, to - from);
  for (let at = from; at < to; at++) {
    const each = other.instances[at];
    if (each !== undefined) countState(counts, each.state, other.task.isSetup, 1);
  }
}

/** Instances to look at: some of a node's by place, or all that are open. */
export type Look = { readonly node: Node; readonly from: number; readonly to: number };

/** All open instances of a task. */
export function lookAt(node: Node): Look {
  return { node, from: 0, to: Number.POSITIVE_INFINITY };
}

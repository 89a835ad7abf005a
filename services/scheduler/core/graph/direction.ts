// What a task decided about the tasks below it: branches, short circuits, latest only.
import type { Direction } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { type DagVersion, tasksNamed } from './dag-version.ts';
import type { Task } from './task.ts';
import { relativesOf } from './graph.ts';

/** A decision that stays with the instance that made it, so that it holds after clearing, too. */
export type SkipDecision = {
  /** As it is stored: `{"followed": […]}` or `{"skipped": […]}`, task ids. */
  readonly json: string;
  /** Whether a task directly below is not to run. */
  readonly skips: (taskId: string) => boolean;
};

/** A decision, and the tasks that are skipped at once. */
export type Directed = {
  readonly decision: SkipDecision | undefined;
  /** Indexes of tasks. */
  readonly skipped: readonly number[];
};

/** Applies what a task reported. Throws a plain Error naming an id that is no task or group. */
export function direct(version: DagVersion, task: Task, direction: Direction): Directed {
  switch (direction.kind.case) {
    case 'branch':
      return followOnly(version, task, direction.kind.value.followIds);
    case 'shortCircuit':
      return shortCircuit(version, task, direction.kind.value.respectsTriggerRules);
    default:
      return { decision: undefined, skipped: [] };
  }
}

/** Only what leads to these tasks or groups is followed. */
export function followOnly(version: DagVersion, task: Task, ids: readonly string[]): Directed {
  const chosen = ids.flatMap((id) => rootsNamed(version, id));
  const kept = relativesOf(version.tasks, chosen, 'downstream');
  for (const index of chosen) kept.add(index);
  const followed = task.downstream.filter((index) => kept.has(index));
  const skipped = task.downstream.filter((index) => !kept.has(index));
  if (task.downstream.length === 0) return { decision: undefined, skipped };
  return { decision: decisionOf('followed', idsOf(version, followed)), skipped };
}

/** Nothing below is followed, teardowns aside. */
export function shortCircuit(
  version: DagVersion,
  task: Task,
  respectsTriggerRules: boolean,
): Directed {
  const below = respectsTriggerRules
    ? task.downstream
    : [...relativesOf(version.tasks, [task.index], 'downstream')];
  const skipped = below.filter((index) => !version.tasks[index]?.isTeardown);
  if (skipped.length === 0) return { decision: undefined, skipped };
  return { decision: decisionOf('skipped', idsOf(version, skipped)), skipped };
}

/** A decision as it was stored; undefined for an empty or unreadable text. */
export function readDecision(json: string): SkipDecision | undefined {
  if (json === '') return undefined;
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return undefined;
  const { followed, skipped } = value as Record<string, unknown>;
  if (Array.isArray(followed)) return decisionOf('followed', followed.map(String));
  return Array.isArray(skipped) ? decisionOf('skipped', skipped.map(String)) : undefined;
}

function decisionOf(kind: 'followed' | 'skipped', taskIds: readonly string[]): SkipDecision {
  const named = new Set(taskIds);
  const isFollowed = kind === 'followed';
  return {
    json: JSON.stringify({ [kind]: taskIds }),
    skips: (taskId) => named.has(taskId) !== isFollowed,
  };
}

/** A task, or the tasks of a group that have nothing of it above them. */
function rootsNamed(version: DagVersion, id: string): readonly number[] {
  const named = tasksNamed(version, id);
  // A run of a part of the DAG need not have all its branches.
  if (named.length === 0 && !version.isWhole) return [];
  if (named.length === 0) throw new Error(`there is no task or group "${id}" to follow`);
  const members = new Set(named);
  return named.filter((index) => {
    const upstream = version.tasks[index]?.upstream ?? [];
    return !upstream.some((above) => members.has(above));
  });
}

function idsOf(version: DagVersion, indexes: readonly number[]): readonly string[] {
  return indexes.flatMap((index) => version.tasks[index]?.taskId ?? []);
}

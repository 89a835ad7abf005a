// Nodes of the graph as edges see them: a task, or a group whose edges attach to its roots and
// leaves.
import { DagError } from '../checks/dag-error.ts';
import { type GroupDraft, isWithin, type TaskDraft } from '../draft.ts';
import type { TaskGroup } from './group.ts';
import type { Task } from '../task.ts';

/** What edges connect. */
export type DagNode = Task | TaskGroup;

type Part =
  | { readonly kind: 'task'; readonly draft: TaskDraft }
  | { readonly kind: 'group'; readonly draft: GroupDraft };

const PARTS = new WeakMap<object, Part>();

/** Remembers what is behind a task or group that an author holds. */
export function registerNode(node: DagNode, part: Part): void {
  PARTS.set(node, part);
}

/** The draft behind a task. Throws a DagError for anything that is no task. */
export function draftOf(task: Task): TaskDraft {
  const part = partOf(task);
  if (part.kind === 'task') return part.draft;
  throw new DagError(`group "${part.draft.groupId}" is no task; give what d.task() returned`);
}

/**
 * Makes `after` wait for `before`: of a group its leaves, and its roots. Throws a DagError when
 * they cannot be in one graph.
 */
export function connect(before: DagNode, after: DagNode, label?: string): void {
  const from = partOf(before);
  const to = partOf(after);
  const { dag } = to.draft;
  if (from.draft.dag !== dag) {
    throw new DagError(
      `${nameOf(to)} of DAG "${dag.dagId}" cannot wait for ${nameOf(from)} of DAG ` +
        `"${from.draft.dag.dagId}"; edges stay within one DAG`,
    );
  }
  if (from.draft === to.draft) throw new DagError(`${nameOf(to)} cannot wait for itself`);
  if (dag.isClosed) {
    throw new DagError(
      `DAG "${dag.dagId}" is complete; declare its edges inside the function given to dag()`,
    );
  }
  requireApart(from, to);
  const tails = from.kind === 'task' ? [from.draft] : leavesOf(tasksIn(from.draft));
  const heads = to.kind === 'task' ? [to.draft] : rootsOf(tasksIn(to.draft));
  for (const tail of tails) for (const head of heads) link(tail, head, label);
}

/** Makes one task wait for another of the same DAG. */
export function link(tail: TaskDraft, head: TaskDraft, label?: string): void {
  head.upstream.add(tail.taskId);
  if (label === undefined) return;
  const edge = { upstreamTaskId: tail.taskId, downstreamTaskId: head.taskId, label };
  head.dag.edgeLabels.push(edge);
}

/** The tasks of a group and of the groups in it. */
export function tasksIn(group: GroupDraft): readonly TaskDraft[] {
  return [...group.dag.tasks.values()].filter((task) => isWithin(task.group, group));
}

/** Those of some tasks that wait for none of the others. */
export function rootsOf(tasks: readonly TaskDraft[]): readonly TaskDraft[] {
  const ids = new Set(tasks.map(({ taskId }) => taskId));
  return tasks.filter(({ upstream }) => !intersects(upstream, ids));
}

/**
 * Those of some tasks that lead to none of the others, teardowns aside: what comes after work does
 * not wait for the cleaning up. A setup counts only where there is nothing else.
 */
export function leavesOf(tasks: readonly TaskDraft[]): readonly TaskDraft[] {
  const leading = new Set<string>();
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  const open = tasks.filter(({ role }) => role.kind !== 'teardown');
  for (let task = open.pop(); task !== undefined; task = open.pop()) {
    for (const id of task.upstream) {
      const before = byId.get(id);
      if (before === undefined || leading.has(id)) continue;
      leading.add(id);
      // A teardown between two tasks leads from one to the other.
      if (before.role.kind === 'teardown') open.push(before);
    }
  }
  const last = tasks.filter(({ taskId, role }) => role.kind !== 'teardown' && !leading.has(taskId));
  const work = last.filter(({ role }) => role.kind === 'work');
  return work.length > 0 ? work : last;
}

/** `task "a"`, `group "b"`. */
function nameOf(part: Part): string {
  return part.kind === 'task' ? `task "${part.draft.taskId}"` : `group "${part.draft.groupId}"`;
}

function partOf(node: DagNode): Part {
  const part = typeof node === 'object' && node !== null ? PARTS.get(node) : undefined;
  if (part !== undefined) return part;
  throw new DagError(
    `${String(node)} is not a task of any DAG, nor a group; give what d.task() or d.group() returned`,
  );
}

/** A group and what is in it would wait for each other. */
function requireApart(from: Part, to: Part): void {
  for (const [outer, inner] of [
    [from, to],
    [to, from],
  ] as const) {
    if (outer.kind !== 'group') continue;
    const around = inner.kind === 'task' ? inner.draft.group : inner.draft.parent;
    if (isWithin(around, outer.draft)) {
      throw new DagError(`${nameOf(inner)} is in ${nameOf(outer)}; there is no edge between them`);
    }
  }
}

function intersects(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const each of some) if (others.has(each)) return true;
  return false;
}

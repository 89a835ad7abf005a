// What comes after a task: all tasks that wait for it, directly or not, and the groups they are in.
import type { DagView } from './dag-view.ts';

/** How many edges are followed in one DAG. */
const EDGES_MAX = 2_000_000;

/**
 * Ids of the tasks downstream of a task and of the groups that have such tasks. Undefined in a DAG
 * with so many edges that finding out would hold up others.
 */
export type DownstreamSearch = (taskId: string) => ReadonlySet<string> | undefined;

/** A search over the edges of a DAG; costs nothing before it is used. */
export function createDownstreamSearch(view: DagView): DownstreamSearch {
  let direct: ReadonlyMap<string, readonly string[]> | undefined;
  let edgesLeft = EDGES_MAX;
  return (taskId) => {
    direct ??= directDownstream(view);
    const found = new Set<string>();
    const open = [taskId];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const below of direct.get(next) ?? []) {
        if (--edgesLeft < 0) return undefined;
        if (found.has(below)) continue;
        found.add(below);
        open.push(below);
      }
    }
    return new Set([...found, ...groupsOf(found, view)]);
  };
}

function* groupsOf(taskIds: ReadonlySet<string>, view: DagView): Iterable<string> {
  for (const taskId of taskIds) {
    const task = view.tasks.get(taskId);
    if (task !== undefined) for (const { groupId } of view.groupsAround(task)) yield groupId;
  }
}

function directDownstream({ dag }: DagView): ReadonlyMap<string, readonly string[]> {
  const direct = new Map<string, string[]>();
  for (const { taskId, upstreamTaskIds } of dag.tasks) {
    for (const upstreamId of upstreamTaskIds) {
      const known = direct.get(upstreamId);
      if (known === undefined) direct.set(upstreamId, [taskId]);
      else known.push(taskId);
    }
  }
  return direct;
}

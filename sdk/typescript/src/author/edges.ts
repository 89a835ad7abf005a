// Shorthands for many edges at once, as Airflow has them, and the search for cycles.
import { DagError } from './dag-error.ts';
import { connect, type Task, type TaskDraft } from './task.ts';

/** One task, or several side by side. */
export type Link = Task | readonly Task[];

/**
 * Runs tasks one after another: `chain(a, [b, c], d)`. Between a task and a list every pair is
 * connected; two neighbouring lists are connected pairwise and must have the same length. Throws a
 * DagError otherwise.
 */
export function chain(...links: readonly Link[]): void {
  links.slice(1).forEach((link, index) => {
    const before = links[index];
    if (before !== undefined) join(before, link);
  });
}

/** Every task of `after` waits for every task of `before`. */
export function crossDownstream(before: readonly Task[], after: readonly Task[]): void {
  for (const from of before) for (const to of after) connect(from, to);
}

/** The tasks of one cycle in order, or undefined where the graph has none. */
export function findCycle(drafts: ReadonlyMap<string, TaskDraft>): readonly string[] | undefined {
  const waitsFor = new Map([...drafts].map(([id, draft]) => [id, new Set(draft.upstream)]));
  const free = [...waitsFor].filter(([, upstream]) => upstream.size === 0).map(([id]) => id);
  const followers = followersOf(drafts);
  for (let next = free.pop(); next !== undefined; next = free.pop()) {
    waitsFor.delete(next);
    for (const follower of followers.get(next) ?? []) {
      const upstream = waitsFor.get(follower);
      if (upstream?.delete(next) && upstream.size === 0) free.push(follower);
    }
  }
  const [start] = waitsFor.keys();
  return start === undefined ? undefined : walkCycle(start, waitsFor);
}

function join(before: Link, after: Link): void {
  if (!isList(before)) return crossDownstream([before], isList(after) ? after : [after]);
  if (!isList(after)) return crossDownstream(before, [after]);
  if (before.length !== after.length) {
    throw new DagError(
      'chain() connects lists pairwise, so they need the same length; these have ' +
        `${before.length} and ${after.length} (crossDownstream connects every pair)`,
    );
  }
  before.forEach((from, index) => {
    const to = after[index];
    if (to !== undefined) connect(from, to);
  });
}

function isList(link: Link): link is readonly Task[] {
  return Array.isArray(link);
}

function followersOf(drafts: ReadonlyMap<string, TaskDraft>): Map<string, string[]> {
  const followers = new Map<string, string[]>();
  for (const [id, { upstream }] of drafts) {
    for (const before of upstream) {
      const known = followers.get(before);
      if (known === undefined) followers.set(before, [id]);
      else known.push(id);
    }
  }
  return followers;
}

/**
 * Every task left over waits for another one left over, so walking upstream must come back to a
 * task seen before.
 */
function walkCycle(start: string, waitsFor: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const path: string[] = [];
  let at: string | undefined = start;
  while (at !== undefined && !path.includes(at)) {
    path.push(at);
    [at] = waitsFor.get(at) ?? [];
  }
  return at === undefined ? path : [...path.slice(path.indexOf(at)), at].reverse();
}

// Shorthands for many edges at once, as Airflow has them, words on edges, and the search for
// cycles.
import { DagError } from '../checks/dag-error.ts';
import type { TaskDraft } from '../draft.ts';
import { connect, type DagNode } from './node.ts';

/** One task or group, or several side by side. */
export type Link = DagNode | readonly DagNode[];

/** Words on the edges between its neighbours in a chain; made by `label`. */
export type Label = { readonly kind: 'label'; readonly text: string };

const LABEL_LENGTH_MAX = 250;

/** Words on an edge: `chain(check, label('all good'), load)`. At most 250 characters. */
export function label(text: string): Label {
  if (text.length <= LABEL_LENGTH_MAX) return { kind: 'label', text };
  throw new DagError(
    `a label has at most ${LABEL_LENGTH_MAX} characters; this one has ${text.length}`,
  );
}

/**
 * Runs tasks and groups one after another: `chain(a, [b, c], d)`. Between a node and a list every
 * pair is connected; two neighbouring lists are connected pairwise and must have the same length.
 * Throws a DagError otherwise.
 */
export function chain(...links: readonly (Link | Label)[]): void {
  eachPair(links, (before, after, text) => {
    if (!isList(before) || !isList(after)) return connectAll(listOf(before), listOf(after), text);
    if (before.length !== after.length) {
      throw new DagError(
        'chain() connects lists pairwise, so they need the same length; these have ' +
          `${before.length} and ${after.length} (crossDownstream connects every pair)`,
      );
    }
    before.forEach((from, index) => {
      const to = after[index];
      if (to !== undefined) connect(from, to, text);
    });
  });
}

/**
 * As `chain`, but every node of a list is connected with every node of the next one; lists may
 * differ in length. Throws a DagError for fewer than two links.
 */
export function chainLinear(...links: readonly (Link | Label)[]): void {
  const nodes = links.filter((link) => !isLabel(link) && listOf(link).length > 0);
  if (nodes.length < 2) throw new DagError('chainLinear() connects at least two tasks or lists');
  eachPair(links, (before, after, text) => connectAll(listOf(before), listOf(after), text));
}

/** Every node of `after` waits for every node of `before`. */
export function crossDownstream(before: readonly DagNode[], after: readonly DagNode[]): void {
  connectAll(before, after);
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

/** Each link with the one before it, and the words between them. */
function eachPair(
  links: readonly (Link | Label)[],
  join: (before: Link, after: Link, text: string | undefined) => void,
): void {
  let before: Link | undefined;
  let text: string | undefined;
  for (const link of links) {
    if (isLabel(link)) {
      if (before === undefined || text !== undefined) throw misplaced(link);
      ({ text } = link);
      continue;
    }
    if (before !== undefined) join(before, link, text);
    before = link;
    text = undefined;
  }
  if (text !== undefined) throw misplaced({ kind: 'label', text });
}

function connectAll(before: readonly DagNode[], after: readonly DagNode[], text?: string): void {
  for (const from of before) for (const to of after) connect(from, to, text);
}

function misplaced({ text }: Label): DagError {
  return new DagError(`the label "${text}" must stand between two tasks or groups`);
}

function isLabel(link: Link | Label): link is Label {
  return typeof link === 'object' && link !== null && 'kind' in link && link.kind === 'label';
}

function isList(link: Link): link is readonly DagNode[] {
  return Array.isArray(link);
}

function listOf(link: Link): readonly DagNode[] {
  return isList(link) ? link : [link];
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

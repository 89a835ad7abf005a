// How states follow from one another inside a run: what a finished instance decides, to a fixpoint
// in one go.
import { cancelAttempt } from './attempt/attempts.ts';
import type { Deciding } from './deciding.ts';
import { startBuiltIn } from './graph/built-in.ts';
import { type Look, lookAt } from './graph/relevant.ts';
import type { Verdict } from './graph/trigger-rule.ts';
import { isOutOfDates, verdictOf } from './graph/verdict.ts';
import { type Instance, isUnexpanded, type Node } from './instance.ts';
import { expandTo, expansionOf, NO_ELEMENT } from './mapping/expand.ts';
import { awaitsPast } from './past/past.ts';
import { endIfDone } from './run/run-end.ts';
import type { Run } from './run/run.ts';
import { DagRunState, TaskInstanceState } from './state.ts';
import { conclude, settle } from './transition.ts';

/**
 * Looks at instances whose dependencies may be met now, and at all that follows from that; ends the
 * run when it is done. Nothing begins in a run that has not, or that the past is not known of: all
 * of it is looked at when the ledger has told.
 */
export function advance(deciding: Deciding, run: Run, first: Iterable<Look>): void {
  if (run.state === DagRunState.RUNNING && awaitsPast(deciding.picture, run)) return;
  let level = [...first];
  while (level.length > 0 && run.state === DagRunState.RUNNING) {
    level = decideLevel(deciding, level);
  }
  endIfDone(deciding, run);
}

/** An instance finished by its own doing: sets its state and advances its run. */
export function finish(
  deciding: Deciding,
  instance: Instance,
  state: TaskInstanceState,
  reason = '',
): void {
  advance(deciding, instance.run, conclude(deciding, instance, state, reason));
}

/** What was decided about an instance. */
type Decision = { readonly verdict: Exclude<Verdict, 'wait'>; readonly reason: string };

/** What is looked at on one level, and what was decided there. */
type Level = {
  readonly open: Look[];
  readonly decisions: Map<Instance, Decision>;
  /** Nodes all of whose instances were looked at. */
  readonly seen: Set<Node>;
  /** What the next level looks at beside what follows from the decisions. */
  readonly next: Look[];
};

/**
 * Decides about everything that is looked at before any of it takes effect; answers what to look at
 * next. So the end does not depend on the order within a level: a task above which one is skipped
 * and another fails at once has failed, as with Airflow, which freezes what it knows for each pass.
 */
function decideLevel(deciding: Deciding, looks: readonly Look[]): Look[] {
  const level: Level = { open: [...looks], decisions: new Map(), seen: new Set(), next: [] };
  // It grows while it is walked: new instances are looked at on the level that makes them.
  for (const look of level.open) examine(deciding, look, level);
  const below = [...level.decisions].flatMap(([instance, decision]) =>
    carryOut(deciding, instance, decision),
  );
  return [...level.next, ...below];
}

/** Looks at the open ones among some instances. */
function examine(deciding: Deciding, { node, from, to }: Look, level: Level): void {
  const isWhole = from === 0 && to >= node.instances.length;
  if (node.openCount === 0 || (isWhole && level.seen.has(node))) return;
  if (isWhole) level.seen.add(node);
  const end = Math.min(to, node.instances.length);
  for (let at = from; at < end; at++) {
    const instance = node.instances[at];
    if (instance?.state !== TaskInstanceState.NONE || level.decisions.has(instance)) continue;
    const verdict = verdictOf(instance);
    if (verdict === 'wait') {
      if (sharesVerdict(node)) return;
      continue;
    }
    const mayExpand = verdict === 'run' && (isUnexpanded(node) || node.isStale);
    if (mayExpand && reexpand(deciding, instance, level)) continue;
    const reason = verdict === 'skip' && isOutOfDates(instance) ? 'outside of its dates' : '';
    level.decisions.set(instance, { verdict, reason });
  }
}

function carryOut(deciding: Deciding, instance: Instance, { verdict, reason }: Decision): Look[] {
  if (verdict === 'remove') {
    cancelAttempt(deciding, instance, reason);
    return settle(deciding, instance, TaskInstanceState.REMOVED, reason);
  }
  // Another decision of the level may have skipped it.
  if (instance.state !== TaskInstanceState.NONE) return [];
  if (verdict === 'run') return startBuiltIn(deciding, instance);
  const isSkip = verdict === 'skip';
  const state = isSkip ? TaskInstanceState.SKIPPED : TaskInstanceState.UPSTREAM_FAILED;
  return settle(deciding, instance, state, reason);
}

/** True when one instance that waits means that all others of the task do. */
function sharesVerdict({ task, above, isDirected }: Node): boolean {
  const looksAtSame = !task.sharesGroups && task.setups.every(({ depth }) => depth === 0);
  return looksAtSame && above.removed === 0 && !isDirected;
}

/**
 * Gives a mapped task its instances, or mends their number after what it maps over has changed.
 * Answers false when the instance goes on as it is.
 */
function reexpand(deciding: Deciding, instance: Instance, level: Level): boolean {
  const { node } = instance;
  const expansion = expansionOf(deciding.picture, node);
  if (expansion.kind === 'wait') return true;
  const isFirst = isUnexpanded(node);
  node.isStale = false;
  if (expansion.kind === 'fail') {
    if (isFirst) level.decisions.set(instance, { verdict: 'fail', reason: expansion.reason });
    return isFirst;
  }
  if (expansion.count === 0 && isFirst) {
    level.decisions.set(instance, { verdict: 'skip', reason: 'there is nothing to map over' });
    return true;
  }
  for (const extra of node.instances.slice(expansion.count)) {
    if (extra.state === TaskInstanceState.REMOVED) continue;
    level.decisions.set(extra, { verdict: 'remove', reason: NO_ELEMENT });
  }
  expandTo(deciding, node, {
    ...expansion,
    count: Math.max(expansion.count, node.instances.length),
  });
  level.seen.delete(node);
  level.open.push(lookAt(node));
  // In the groups that they share, who follows it no longer waits for this one as a whole.
  const followers = node.task.below.filter(({ depth }) => depth > 0).map(({ index }) => index);
  for (const index of [...followers, ...node.task.setupFor]) {
    const follower = node.run.nodes[index];
    if (follower !== undefined && isUnexpanded(follower)) level.next.push(lookAt(follower));
  }
  return true;
}

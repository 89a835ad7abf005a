// Whether an instance may run: its mapping, its setups, its trigger rule, earlier decisions to skip
// it, its dates, and the run before.
import type { Instance, Node } from './instance.ts';
import { isPastMet } from './past.ts';
import type { Picture } from './picture.ts';
import { countsAbove, countsOfSetups, relevantSpan } from './relevant.ts';
import { isFinished } from './state.ts';
import { judge, judgeSetups, type Verdict } from './trigger-rule.ts';

/** What is to become of an instance in state NONE. */
export function verdictOf(picture: Picture, instance: Instance): Verdict {
  const verdict = withoutPast(instance);
  const { task } = instance;
  const heedsPast =
    (verdict === 'run' && task.dependsOnPast) || (verdict === 'skip' && task.waitsForPastToSkip);
  return heedsPast && !isPastMet(picture, instance) ? 'wait' : verdict;
}

/** True for a task that its dates keep from running in this run. */
export function isOutOfDates({ run, task }: Instance): boolean {
  const { logicalDateMs } = run;
  if (logicalDateMs === undefined) return false;
  if (task.startMs !== undefined && logicalDateMs < task.startMs) return true;
  return task.endMs !== undefined && logicalDateMs > task.endMs;
}

/** True when a task directly above decided that this one is not followed. */
export function wasSkippedBefore(instance: Instance): boolean {
  const { node: own, run, task } = instance;
  if (!own.isDirected) return false;
  return task.above.some((relation) => {
    const node = run.nodes[relation.index];
    const { from, to } = relevantSpan(instance, relation);
    // The decision of one instance counts, not that of several.
    const above = to - from === 1 ? node?.instances[from] : undefined;
    if (above === undefined || !isFinished(above.state)) return false;
    return above.skipDecision?.skips(task.taskId) ?? false;
  });
}

/** True for a mapped task that has not been expanded yet. */
export function isUnexpanded(node: Node): boolean {
  return node.lengths === undefined;
}

function withoutPast(instance: Instance): Verdict {
  const { node, task } = instance;
  if (isOutOfDates(instance)) return 'skip';
  if (isUnexpanded(node)) {
    const verdict = judgeSources(node);
    if (verdict !== undefined) return verdict;
    // In a mapped group each instance follows its own counterparts: it must exist to do so.
    if (task.levels[0]?.isGroup) return 'run';
  }
  if (task.setups.length > 0) {
    const verdict = judgeSetups(countsOfSetups(instance), instance.mapIndex);
    if (verdict !== 'run') return verdict;
  }
  const verdict = judge(task.rule, countsAbove(instance), instance.mapIndex);
  if (verdict === 'fail' || verdict === 'remove') return verdict;
  return wasSkippedBefore(instance) ? 'skip' : verdict;
}

/**
 * What the finished tasks say whose results a mapping needs: a failure or skip of one decides,
 * whatever the rule; undefined when they leave it to the rule.
 */
export function judgeSources(node: Node): Verdict | undefined {
  const sources = node.task.sources.flatMap((index) => node.run.nodes[index] ?? []);
  if (sources.some(({ own }) => own.failed + own.upstreamFailed > 0)) return 'fail';
  if (sources.some(({ own }) => own.skipped > 0)) return 'skip';
  return sources.some(({ own }) => own.removed > 0) ? 'wait' : undefined;
}

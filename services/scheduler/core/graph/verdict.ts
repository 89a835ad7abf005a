// Whether an instance may run: its mapping, its setups, its trigger rule, earlier decisions to skip
// it, its dates, and the run before.
import { type Instance, isUnexpanded, type Node } from '../instance.ts';
import { isAllDone } from '../mapping/expand.ts';
import { isPastMet } from '../past/past.ts';
import { countsAbove, countsOfSetups, relevantSpan } from './relevant.ts';
import { isFinished } from '../state.ts';
import { sharedDepth } from './task-groups.ts';
import { judge, judgeSetups, type Verdict } from './trigger-rule.ts';

/** What is to become of an instance in state NONE. */
export function verdictOf(instance: Instance): Verdict {
  const verdict = withoutPast(instance);
  const { node, task } = instance;
  if (verdict === 'run' && awaitsSources(node)) return 'wait';
  const heedsPast =
    (verdict === 'run' && task.dependsOnPast) || (verdict === 'skip' && task.waitsForPastToSkip);
  return heedsPast && !isPastMet(instance) ? 'wait' : verdict;
}

/** True for a task that its dates keep from running in this run. */
export function isOutOfDates({ run, task }: Instance): boolean {
  const { logicalDateMs } = run;
  if (logicalDateMs === undefined) return false;
  if (task.startMs !== undefined && logicalDateMs < task.startMs) return true;
  return task.endMs !== undefined && logicalDateMs > task.endMs;
}

/** The instance directly above that decided that this one is not followed, if one did. */
export function skippingInstance(instance: Instance): Instance | undefined {
  const { node: own, task } = instance;
  if (!own.isDirected) return undefined;
  for (const index of task.upstream) {
    const above = decidingInstance(instance, index);
    if (above === undefined || !isFinished(above.state)) continue;
    if (above.skipDecision?.skips(task.taskId)) return above;
  }
  return undefined;
}

/**
 * The instance of a task above whose decision counts: the counterpart in a mapped group that both
 * are in, otherwise that of the same index, or the only one of a task that is not mapped.
 */
function decidingInstance(instance: Instance, index: number): Instance | undefined {
  const { mapIndex, run, task } = instance;
  const node = run.nodes[index];
  if (node === undefined) return undefined;
  const { levels } = node.task;
  const depth = sharedDepth(task.levels, levels);
  if (depth === 0) return node.instances[levels.length === 0 ? 0 : mapIndex];
  if (mapIndex < 0 || depth < levels.length) return undefined;
  return node.instances[relevantSpan(instance, { index, depth }).from];
}

function withoutPast(instance: Instance): Verdict {
  const { node, task } = instance;
  if (isOutOfDates(instance)) return 'skip';
  if (isUnexpanded(node)) {
    const verdict = judgeSources(node);
    if (verdict !== undefined) return verdict;
  }
  const setups: Verdict =
    task.setups.length === 0 ? 'run' : judgeSetups(countsOfSetups(instance), instance.mapIndex);
  if (setups !== 'run' && setups !== 'wait') return setups;
  // While setups are awaited the rule may still end the task, but not let it run.
  const verdict = judge(task.rule, countsAbove(instance), instance.mapIndex);
  if (verdict === 'fail' || verdict === 'remove') return verdict;
  if (skippingInstance(instance) !== undefined) return 'skip';
  return verdict === 'run' ? setups : verdict;
}

/** True while nobody knows how many instances there have to be. */
function awaitsSources(node: Node): boolean {
  if (!isUnexpanded(node) && !node.isStale) return false;
  return node.task.sources.some((index) => !isAllDone(node.run.nodes[index]));
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

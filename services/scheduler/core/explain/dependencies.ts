// Which dependencies of an instance are not met: tasks above, setups, the run before, mappings,
// decisions of branches, dates.
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { type Blocker, spellInstant } from './blocker.ts';
import type { Relation } from '../graph/task.ts';
import { isAllDone } from '../mapping/expand.ts';
import { type Instance, isUnexpanded, nameOf } from '../instance.ts';
import { unmetPast } from '../past/past.ts';
import { countsAbove, countsOfSetups, relevantSpan } from '../graph/relevant.ts';
import { isFinished, nameOfState, TaskInstanceState } from '../state.ts';
import { judge, judgeSetups, nameOfRule } from '../graph/trigger-rule.ts';
import { missingWords, seenWords } from '../graph/trigger-words.ts';
import { skippingInstance } from '../graph/verdict.ts';

/** Open instances that are named, of each kind; the rest is counted. */
const NAMED_MAX = 20;

/** What is not met, or, of one that is finished without having run, what decided that. */
export function dependencyBlockers(instance: Instance): readonly Blocker[] {
  if (instance.state === TaskInstanceState.NONE) {
    return [
      ...dateBlockers(instance),
      ...mappingBlockers(instance),
      ...setupBlockers(instance),
      ...openBlockers(instance, instance.task.above, 'upstream'),
      ...ruleBlockers(instance),
      ...skipBlockers(instance),
      ...pastBlockers(instance),
    ];
  }
  if (instance.state === TaskInstanceState.SKIPPED) {
    return [...dateBlockers(instance), ...skipBlockers(instance)];
  }
  const isFailed = instance.state === TaskInstanceState.UPSTREAM_FAILED;
  return isFailed ? failedBlockers(instance) : [];
}

function dateBlockers({ run, task }: Instance): readonly Blocker[] {
  const { logicalDateMs } = run;
  if (logicalDateMs === undefined) return [];
  const { startMs, endMs, taskId: subject } = task;
  const date = `the logical date ${spellInstant(logicalDateMs)} of its run`;
  if (startMs !== undefined && logicalDateMs < startMs) {
    const message = `${date} is before its start_date ${spellInstant(startMs)}`;
    return [{ kind: 'start_date', subject, message, remedy: 'move start_date of the task' }];
  }
  if (endMs === undefined || logicalDateMs <= endMs) return [];
  const message = `${date} is after its end_date ${spellInstant(endMs)}`;
  return [{ kind: 'end_date', subject, message, remedy: 'move end_date of the task' }];
}

/** Tasks that must end before it is known how many instances there are. */
function mappingBlockers({ node, run, task }: Instance): readonly Blocker[] {
  const isFirst = isUnexpanded(node);
  if (!isFirst && !node.isStale) return [];
  return task.sources.flatMap((index): Blocker[] => {
    const source = run.nodes[index];
    const isGone = isFirst && (source?.own.removed ?? 0) > 0;
    if (source === undefined || (isAllDone(source) && !isGone)) return [];
    const subject = source.task.taskId;
    const states = [...new Set(source.instances.map(({ state }) => nameOfState(state)))].join(', ');
    if (isAllDone(source)) {
      const message = `it cannot be mapped over "${subject}", which is ${states}`;
      return [{ kind: 'mapping', subject, message, remedy: `clear what "${subject}" maps over` }];
    }
    const ends = `how many instances there are is known when "${subject}" has ended`;
    return [{ kind: 'mapping', subject, message: `${ends}; it is ${states}` }];
  });
}

/** Setups around it that are not finished, or that are gone: those it waits for in vain. */
function setupBlockers(instance: Instance): readonly Blocker[] {
  const { mapIndex, task } = instance;
  const open = openBlockers(instance, task.setups, 'setup');
  const counts = countsOfSetups(instance);
  if (open.length > 0 || judgeSetups(counts, mapIndex) !== 'wait') return open;
  const missing = missingWords(TriggerRule.ALL_SUCCESS, counts, mapIndex);
  const message = `the setups around it: ${seenWords(counts)}; ${missing}`;
  return [{ kind: 'setup', subject: '', message }];
}

/** Instances of other tasks that are not finished. */
function openBlockers(
  instance: Instance,
  relations: readonly Relation[],
  kind: 'setup' | 'upstream',
): readonly Blocker[] {
  const named: Blocker[] = [];
  let openCount = 0;
  for (const relation of relations) {
    const node = instance.run.nodes[relation.index];
    if (node === undefined) continue;
    const { from, to } = relevantSpan(instance, relation);
    for (const other of node.instances.slice(from, to)) {
      if (isFinished(other.state)) continue;
      openCount += 1;
      if (named.length < NAMED_MAX) named.push(openBlocker(other, kind));
    }
    // A wide mapping is made page by page: the rest is open, too.
    openCount += Math.max(to - Math.max(node.instances.length, from), 0);
  }
  const restCount = openCount - named.length;
  if (restCount === 0) return named;
  const message = `${restCount} more ${kind} task instances are not finished (${openCount} in all)`;
  return [...named, { kind, subject: '', message }];
}

function openBlocker(other: Instance, kind: 'setup' | 'upstream'): Blocker {
  const subject = nameOf(other);
  return { kind, subject, message: `${kind} task "${subject}" is ${nameOfState(other.state)}` };
}

function ruleBlockers(instance: Instance): readonly Blocker[] {
  const { mapIndex, task } = instance;
  const counts = countsAbove(instance);
  if (judge(task.rule, counts, mapIndex) !== 'wait') return [];
  const subject = nameOfRule(task.rule);
  const missing = missingWords(task.rule, counts, mapIndex);
  const message = `its trigger rule ${subject} sees ${seenWords(counts)}; ${missing}`;
  return [{ kind: 'trigger_rule', subject, message }];
}

function skipBlockers(instance: Instance): readonly Blocker[] {
  const above = skippingInstance(instance);
  if (above === undefined) return [];
  const subject = nameOf(above);
  const message = `"${subject}" decided that "${instance.task.taskId}" is not followed`;
  const remedy = `clear "${subject}" as well, so that it decides again`;
  return [{ kind: 'previously_skipped', subject, message, remedy }];
}

function pastBlockers(instance: Instance): readonly Blocker[] {
  const unmet = unmetPast(instance);
  const { run, task } = instance;
  if (unmet === undefined) return [];
  if (unmet.runId === undefined) {
    const message = 'what became of the run before is being asked for';
    return [{ kind: 'depends_on_past', subject: task.taskId, message }];
  }
  return unmet.tasks.slice(0, NAMED_MAX).map(({ taskId, states }) => {
    const isOwn = taskId === task.taskId;
    const is = states.length === 0 ? 'not there' : [...new Set(states.map(nameOfState))].join(', ');
    return {
      kind: isOwn ? 'depends_on_past' : 'wait_for_downstream',
      subject: taskId,
      message: `in the run before ("${unmet.runId}") task "${taskId}" is ${is}`,
      remedy: `clear or mark it there: dagmesh runs show ${run.dag.dagId} ${unmet.runId}`,
    };
  });
}

/** What failed above one that could not run because of that. */
function failedBlockers(instance: Instance): readonly Blocker[] {
  const { run, task } = instance;
  const failed = [...task.above, ...task.setups].flatMap((relation) => {
    const { from, to } = relevantSpan(instance, relation);
    return (run.nodes[relation.index]?.instances.slice(from, to) ?? []).filter(hasFailed);
  });
  return failed.slice(0, NAMED_MAX).map((other) => {
    const subject = nameOf(other);
    const message = `upstream task "${subject}" is ${nameOfState(other.state)}`;
    return { kind: 'upstream', subject, message, remedy: `clear "${subject}" as well` };
  });
}

function hasFailed({ state }: Instance): boolean {
  return state === TaskInstanceState.FAILED || state === TaskInstanceState.UPSTREAM_FAILED;
}

// Why is it waiting? Everything that holds a task instance back, by name and with values.
import { type Blocker, spellInstant, spellTarget } from './blocker.ts';
import type { Dag } from '../dag.ts';
import type { Task } from '../graph/task.ts';
import type { Moment, Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { dependencyBlockers } from './dependencies.ts';
import { admissionBlockers } from './limits.ts';
import { plannedBlockers, runBlockers } from './run.ts';
import { timeBlockers, workerBlockers } from './waiting.ts';
import { type Instance, nameOf } from '../instance.ts';
import { isFinished, nameOfState, TaskInstanceState } from '../state.ts';

/** What an instance is about, and what holds it back, most decisive first. */
export type Explanation = {
  readonly state: string;
  readonly summary: string;
  readonly blockers: readonly Blocker[];
};

/** What is asked about; `instance` is undefined while it has not been made. */
export type Question = {
  readonly run: Run;
  readonly task: Task;
  readonly instance: Instance | undefined;
};

/** Explains an instance. Looks only: nothing changes. */
export function explain(
  picture: Picture,
  moment: Pick<Moment, 'nowMs' | 'monotonicMs'>,
  { run, task, instance }: Question,
): Explanation {
  const state = instance?.state ?? TaskInstanceState.NONE;
  const isUnderWay = state === TaskInstanceState.RUNNING || state === TaskInstanceState.RESTARTING;
  const blockers = isUnderWay
    ? []
    : [
        ...(isFinished(state) ? [] : runBlockers(run, moment.nowMs)),
        ...(instance === undefined
          ? unmadeBlockers(run, task)
          : instanceBlockers(picture, moment, instance)),
      ];
  const summary = summarise(task, instance, blockers);
  return { state: nameOfState(state), summary, blockers };
}

/** Explains a task of a run that a backfill is to make; undefined when none is to make it. */
export function explainPlanned(
  dag: Dag,
  runId: string,
  task: Task,
  nowMs: number,
): Explanation | undefined {
  const blockers = plannedBlockers(dag, runId, nowMs);
  if (blockers === undefined) return undefined;
  const summary = summarise(task, undefined, blockers);
  return { state: nameOfState(TaskInstanceState.NONE), summary, blockers };
}

function instanceBlockers(
  picture: Picture,
  moment: Pick<Moment, 'nowMs' | 'monotonicMs'>,
  instance: Instance,
): readonly Blocker[] {
  switch (instance.state) {
    case TaskInstanceState.SCHEDULED:
      return admissionBlockers(instance);
    case TaskInstanceState.QUEUED:
      return workerBlockers(picture, moment, instance);
    case TaskInstanceState.UP_FOR_RETRY:
    case TaskInstanceState.UP_FOR_RESCHEDULE:
    case TaskInstanceState.DEFERRED:
    case TaskInstanceState.AWAITING_INPUT:
      return timeBlockers(instance, moment.nowMs);
    case TaskInstanceState.NONE:
      return dependencyBlockers(instance);
    default:
      return [finishedBlocker(instance), ...dependencyBlockers(instance)];
  }
}

/** Instances of a wide mapping are made page by page. */
function unmadeBlockers(run: Run, task: Task): readonly Blocker[] {
  const node = run.nodes[task.index];
  if (node === undefined || node.missingCount === 0) return [];
  const total = node.instances.length + node.missingCount;
  const message = `${node.instances.length} of ${total} instances have been made so far`;
  return [{ kind: 'mapping', subject: task.taskId, message }];
}

function finishedBlocker(instance: Instance): Blocker {
  const { endMs, state, stateReason } = instance;
  const why = stateReason === '' ? '' : `: ${stateReason}`;
  const message = `it is ${nameOfState(state)} since ${spellInstant(endMs)}${why}`;
  const remedy = `clear it to run it again: dagmesh tasks clear ${spellTarget(instance)}`;
  return { kind: 'finished', subject: nameOf(instance), message, remedy };
}

function summarise(
  task: Task,
  instance: Instance | undefined,
  blockers: readonly Blocker[],
): string {
  const name = `"${instance === undefined ? task.taskId : nameOf(instance)}"`;
  const [first] = blockers;
  if (instance?.state === TaskInstanceState.RUNNING) return `${name} ${runningWords(instance)}`;
  if (instance?.state === TaskInstanceState.RESTARTING) {
    return `${name} ${runningWords(instance)}; it was cleared and starts over once that has ended`;
  }
  if (first === undefined) return `nothing holds ${name} back: it is about to go on`;
  if (first.kind === 'finished') return `${name} does not wait: ${first.message}`;
  const others = blockers.length - 1;
  const more = others === 0 ? '' : ` (and ${others} more)`;
  return `${name} waits: ${first.message}${more}`;
}

function runningWords({ attempt, deadlineMs, startMs, tryNumber }: Instance): string {
  const where = `is running on worker ${attempt?.workerId ?? 'unknown'}`;
  const since = `since ${spellInstant(startMs)} (try ${tryNumber})`;
  const end = deadlineMs === undefined ? 'no timeout' : `timeout at ${spellInstant(deadlineMs)}`;
  return `${where} ${since}, ${end}`;
}

// What an instance waits for that has nothing to do with others: time, triggers, people, workers.
import type { TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { awaitedWords } from './awaited.ts';
import { type Blocker, spellCount, spellInstant, spellSpan, spellTarget } from './blocker.ts';
import { countAhead } from '../limit/ahead.ts';
import { type Instance, nameOf } from '../instance.ts';
import { queueOf } from '../lines.ts';
import type { Moment, Picture } from '../picture.ts';
import { TaskInstanceState } from '../state.ts';
import { queuedTimeoutMs } from '../limit/stuck-queues.ts';
import { countPresent } from '../attempt/worker-register.ts';

/** So soon after it was queued nobody may have asked for it yet, though workers have room. */
const OFFERED_MS = 1_000;
/** Those that go first are counted up to here. */
const AHEAD_MAX = 100;
/** Options of a question that are named. */
const OPTIONS_MAX = 10;

/**
 * What one waits for between two tries, or off any worker in the middle of one; nothing once that
 * is over.
 */
export function timeBlockers(instance: Instance, nowMs: number): readonly Blocker[] {
  const blocker = timeBlocker(instance);
  const isOver = blocker.untilMs !== undefined && blocker.untilMs <= nowMs;
  return isOver ? [] : [blocker];
}

function timeBlocker(instance: Instance): Blocker {
  const { state, wait } = instance;
  const sinceMs = fromTimestamp(wait?.since);
  const untilMs = fromTimestamp(wait?.until);
  const subject = nameOf(instance);
  if (state === TaskInstanceState.UP_FOR_RETRY) return retryBlocker(instance);
  if (state === TaskInstanceState.UP_FOR_RESCHEDULE) {
    const looked = spellCount(instance.reschedulesCount, 'time');
    const message = `it looked ${looked} and looks again at ${spellInstant(untilMs)}`;
    return { kind: 'reschedule', subject, message, untilMs };
  }
  const end =
    untilMs === undefined ? 'without a timeout' : `at most until ${spellInstant(untilMs)}`;
  if (state === TaskInstanceState.DEFERRED) {
    const firesMs = timerMs(wait?.trigger, sinceMs);
    const kind = firesMs === undefined ? awaitedWords(wait?.trigger) : spellInstant(firesMs);
    const message = `since ${spellInstant(sinceMs)} it waits for ${kind}, ${end}`;
    return { kind: 'trigger', subject, message, untilMs: earlier(firesMs, untilMs) };
  }
  const { dag, runId } = instance.run;
  const users = wait?.humanInput?.assignedUsers ?? [];
  const who = users.length === 0 ? 'every user who may change runs' : users.join(', ');
  const asked = `"${wait?.humanInput?.subject ?? subject}"`;
  const message = `it asks ${asked} since ${spellInstant(sinceMs)}, ${end}; answered by: ${who}`;
  const { mapIndex, task } = instance;
  const target = `${dag.dagId} ${runId} ${task.taskId}${mapIndex < 0 ? '' : ` --map-index ${mapIndex}`}`;
  const options = wait?.humanInput?.options.slice(0, OPTIONS_MAX).join('", "');
  const remedy = `answer it with one of "${options}": dagmesh inputs respond ${target} --option <option>`;
  return { kind: 'human_input', subject, message, untilMs, remedy };
}

function retryBlocker(instance: Instance): Blocker {
  const { nextTryMs, stateReason, tryNumber, triesMax } = instance;
  const why = stateReason === '' ? 'failed' : `ended (${stateReason})`;
  const tries = `try ${tryNumber} of ${triesMax + 1} ${why}`;
  const message = `${tries}; the next one begins at ${spellInstant(nextTryMs)}`;
  const remedy = `to try at once: dagmesh tasks clear ${spellTarget(instance)}`;
  return { kind: 'retry_delay', subject: nameOf(instance), message, untilMs: nextTryMs, remedy };
}

/** When a trigger fires that is a timer. */
function timerMs(trigger: TriggerSpec | undefined, sinceMs: number | undefined) {
  if (trigger?.kind.case !== 'timer') return undefined;
  const { moment } = trigger.kind.value;
  if (moment.case === 'at') return fromTimestamp(moment.value);
  const afterMs = moment.case === 'after' ? fromDuration(moment.value) : undefined;
  return sinceMs === undefined || afterMs === undefined ? undefined : sinceMs + afterMs;
}

function earlier(oneMs: number | undefined, otherMs: number | undefined): number | undefined {
  if (oneMs === undefined || otherMs === undefined) return oneMs ?? otherMs;
  return Math.min(oneMs, otherMs);
}

/** Why no worker has a QUEUED instance yet. */
export function workerBlockers(
  picture: Picture,
  moment: Pick<Moment, 'nowMs' | 'monotonicMs'>,
  instance: Instance,
): readonly Blocker[] {
  // Its slots are being claimed: that takes a moment.
  if (picture.heldBack.has(instance)) return [];
  const { queue } = instance.task;
  const waitedMs = moment.nowMs - (instance.queuedAtMs ?? moment.nowMs);
  const count = countPresent(picture.workers, queue, moment.monotonicMs);
  if (count === 0) {
    const stuck = waitedMs >= queuedTimeoutMs(picture.timing) ? 'stuck' : 'queued';
    const message = `no worker serves queue "${queue}"; it is ${stuck} for ${spellSpan(waitedMs)}`;
    const remedy = `start one: dagmesh worker --queues ${queue} --language <language>`;
    return [{ kind: 'no_worker', subject: queue, message, remedy }];
  }
  if (waitedMs < OFFERED_MS) return [];
  const { ready } = queueOf(picture, queue);
  const busy = `all slots of the ${spellCount(count, 'worker')} of queue "${queue}" are busy`;
  const message = `${busy}; ${aheadWords(countAhead(ready, instance, AHEAD_MAX))}`;
  const remedy = `start another: dagmesh worker --queues ${queue} --language <language>`;
  return [{ kind: 'worker_busy', subject: queue, message, remedy }];
}

function aheadWords(count: number): string {
  if (count === 0) return 'it is next';
  const atLeast = count === AHEAD_MAX ? 'at least ' : '';
  return `by rank and by the turns of DAGs ${atLeast}${count} ${count === 1 ? 'goes' : 'go'} first`;
}

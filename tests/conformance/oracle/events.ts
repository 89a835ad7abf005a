// What happens to the instances of a run: workers begin and end them, news come, time passes.
import type { Ending, News } from './plan.ts';
import {
  all,
  conclude,
  type Instance,
  isFinal,
  isHeld,
  type OracleDag,
  type OracleRun,
  settle,
  soonest,
  takeAway,
} from './run.ts';
import { below, far, isMappedOver, levelsOf, rootsNamed, taskIn } from './shape.ts';

/** Between a failure and the next try. */
const RETRY_MS = 10_000;
/** So much longer a worker has to end what has overstayed, until that is done without it. */
const GRACE_MS = 11_001;
/** So many workers are lost in a row with an instance before it is held to be the cause. */
const LOSSES_MAX = 3;

/**
 * A worker began an instance; answers the number of its stay. A try has its time from its beginning
 * on, also while it waits to be called back; who looks again later has as much for each look.
 */
export function startInstance({ dag, plan }: OracleRun, instance: Instance): number {
  if (instance.state !== 'ready') throw new Error(`${instance.task} was started unasked`);
  instance.state = 'running';
  const { timeout_s } = taskIn(plan, instance.task);
  if (!instance.isMidTry || instance.looksAgain) {
    instance.deadlineMs = soonest(dag.nowMs, timeout_s);
  }
  instance.overstaysMs = overstaysAt(dag.nowMs, instance);
  if (!instance.isMidTry) instance.triesCount += 1;
  instance.stay += 1;
  return instance.stay;
}

/** A stay ended; one that was taken away from its worker before changes nothing. */
export function endInstance(
  run: OracleRun,
  instance: Instance,
  { stay, ending }: { readonly stay: number; readonly ending: Ending },
): void {
  if (!isHeld(instance) || instance.stay !== stay) return;
  if (ending.as === 'rejected' && !instance.isMidTry) instance.triesCount -= 1;
  if (ending.as !== 'rejected' && ending.as !== 'lost') instance.lossesCount = 0;
  if (instance.state === 'restarting') startOver(instance);
  else endAs(run, instance, ending);
  settle(run);
}

function endAs(run: OracleRun, instance: Instance, ending: Ending): void {
  switch (ending.as) {
    case 'success': {
      const isMappable = ending.returns !== undefined || !isMappedOver(run.plan, instance.task);
      if (isMappable || levelsOf(run.plan, instance.task).length > 0) {
        return succeed(run, instance, ending);
      }
      return fail(run, instance, false);
    }
    case 'skipped':
      return conclude(instance, 'skipped');
    case 'failed':
    case 'fatal':
      return fail(run, instance, ending.as === 'fatal');
    case 'deferred':
      return wait(run, instance, 'deferred', ending.for_s);
    case 'asking':
      return wait(run, instance, 'awaiting_input', ending.for_s);
    case 'rescheduled':
      return wait(run, instance, 'up_for_reschedule', ending.for_s ?? 0);
    case 'rejected':
      instance.state = 'ready';
      return;
    case 'lost':
      return lose(run, instance);
  }
}

/** News of what an instance waits for: code goes on with them, a task without code ends. */
export function hear(run: OracleRun, instance: Instance, news: News): void {
  const { waits } = taskIn(run.plan, instance.task);
  instance.dueMs = undefined;
  if (news === 'skip') conclude(instance, 'skipped');
  else if (waits === undefined) instance.state = 'ready';
  else if (news === 'error') fail(run, instance, false);
  // Who refuses ends everything below, whatever the rules there.
  else if (news === 'no' && waits === 'approval') {
    succeed(run, instance, { as: 'success', circuit: 'all' });
  } else succeed(run, instance, { as: 'success' });
  settle(run);
}

/** Time passes: everything is done that is due until then, earliest first. */
export function passTime(dag: OracleDag, untilMs: number): void {
  for (let due = nextDue(dag); due !== undefined && due.atMs <= untilMs; due = nextDue(dag)) {
    dag.nowMs = Math.max(dag.nowMs, due.atMs);
    due.happen();
  }
  dag.nowMs = Math.max(dag.nowMs, untilMs);
}

/** Something that time brings about. */
export type Due = { readonly atMs: number; readonly happen: () => void };

/** The next of them; undefined when there is none. */
export function nextDue(dag: OracleDag): Due | undefined {
  return duesOf(dag).toSorted((a, b) => a.atMs - b.atMs)[0];
}

/** All that time will bring about as things are. */
export function duesOf(dag: OracleDag): readonly Due[] {
  const live = dag.runs.filter(({ state }) => state === 'running');
  return live.flatMap((run) => [
    ...timeoutsOf(run),
    ...all(run).flatMap((each): readonly Due[] => {
      const { dueMs, overstaysMs, stay } = each;
      if (dueMs !== undefined) return [{ atMs: dueMs, happen: () => goOn(run, each) }];
      if (overstaysMs === undefined || !isHeld(each)) return [];
      const ending = { as: 'failed' } as const;
      return [{ atMs: overstaysMs, happen: () => endInstance(run, each, { stay, ending }) }];
    }),
  ]);
}

/** Another scheduler goes on: workers have as long to tell it what they could not tell before. */
export function tellAnew(dag: OracleDag): void {
  for (const run of dag.runs) {
    for (const each of all(run)) each.overstaysMs = overstaysAt(dag.nowMs, each);
  }
}

function overstaysAt(nowMs: number, { deadlineMs }: Instance): number | undefined {
  return deadlineMs === undefined ? undefined : Math.max(deadlineMs, nowMs) + GRACE_MS;
}

function timeoutsOf(run: OracleRun): readonly Due[] {
  const { timeout_s } = run.plan;
  if (timeout_s === undefined) return [];
  return [{ atMs: run.beganMs + timeout_s * 1_000, happen: () => timeOut(run) }];
}

/** Its time has come: a try that waited is looked at anew, a wait without news goes on. */
function goOn(run: OracleRun, instance: Instance): void {
  const { waits, has_defaults } = taskIn(run.plan, instance.task);
  instance.dueMs = undefined;
  if (instance.state === 'up_for_retry' || instance.state === 'up_for_reschedule') {
    instance.state = 'none';
  } else if (waits === undefined) instance.state = 'ready';
  else if (has_defaults === true) succeed(run, instance, { as: 'success' });
  else fail(run, instance, false);
  settle(run);
}

/** Nothing of a run goes on any more, teardowns neither. */
function timeOut(run: OracleRun): void {
  for (const each of all(run)) if (!isFinal(each.state)) takeAway(each, 'skipped');
  Object.assign(run, { state: 'failed', reason: 'timed_out', isSetToFailed: false });
  settle(run);
}

/** As if nothing had ever happened to it, but for the number of its tries. */
export function startOver(instance: Instance): void {
  conclude(instance, 'none');
  instance.returned = undefined;
  instance.skips = new Set();
}

function succeed(run: OracleRun, instance: Instance, ending: Ending): void {
  const { plan } = run;
  const { task } = instance;
  const direct = below(plan, task);
  let skipped: readonly string[] = [];
  if (ending.branch !== undefined) {
    const chosen = new Set(ending.branch.flatMap((id) => rootsNamed(plan, id)));
    for (const id of Array.from(chosen)) for (const each of far(plan, id, below)) chosen.add(each);
    skipped = direct.filter((id) => !chosen.has(id));
  } else if (ending.circuit !== undefined) {
    const reached = ending.circuit === 'all' ? [...far(plan, task, below)] : direct;
    skipped = reached.filter((id) => taskIn(plan, id).teardown !== true);
  }
  conclude(instance, 'success');
  instance.returned = ending.returns;
  instance.skips = new Set(skipped);
  // Instances of a mapped task leave it to the rules.
  if (instance.index >= 0) return;
  for (const each of skipped.flatMap((id) => run.instances.get(id) ?? [])) {
    if (!isFinal(each.state) && !isHeld(each)) conclude(each, 'skipped');
  }
}

function fail(run: OracleRun, instance: Instance, isFatal: boolean): void {
  const task = taskIn(run.plan, instance.task);
  if (!isFatal && instance.triesCount <= instance.triesMax) {
    conclude(instance, 'up_for_retry');
    instance.dueMs = run.dag.nowMs + RETRY_MS;
    return;
  }
  conclude(instance, 'failed');
  if (run.plan.fail_fast !== true || task.teardown === true) return;
  for (const each of all(run)) {
    if (taskIn(run.plan, each.task).teardown === true || isFinal(each.state)) continue;
    takeAway(each, each.state === 'running' ? 'failed' : 'skipped');
  }
}

function wait(run: OracleRun, instance: Instance, state: Instance['state'], forS?: number): void {
  instance.state = state;
  instance.isMidTry = true;
  instance.looksAgain = state === 'up_for_reschedule';
  instance.dueMs = soonest(run.dag.nowMs, forS);
  if (instance.looksAgain || instance.deadlineMs === undefined) return;
  instance.dueMs = Math.min(instance.dueMs ?? instance.deadlineMs, instance.deadlineMs);
}

/** Not the fault of the task: it costs no try, unless it happens over and over. */
function lose(run: OracleRun, instance: Instance): void {
  instance.lossesCount += 1;
  if (instance.lossesCount >= LOSSES_MAX) return fail(run, instance, true);
  if (!instance.isMidTry) instance.triesMax += 1;
  instance.state = 'none';
}

// What becomes of an instance whose dependencies are met: tasks with code wait for a worker, those
// without are done here.
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { planRun } from '#kernel/timetable/timetable.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Deciding } from '../deciding.ts';
import type { Run } from '../run/run.ts';
import { conclude, schedule, skipTasks } from '../transition.ts';
import type { Look } from './relevant.ts';
import { announceBegin } from '../alert/begins.ts';
import { noteOutlets } from '../asset/asset-updates.ts';
import { shortCircuit } from './direction.ts';
import type { Instance } from '../instance.ts';
import { TaskInstanceState } from '../state.ts';
import { beginWait } from '../wait/waits.ts';

/** Starts an instance; answers where that may decide something at once. */
export function startBuiltIn(deciding: Deciding, instance: Instance): Look[] {
  const { task } = instance;
  if (task.kind !== 'code') announceBegin(deciding.picture, instance);
  switch (task.kind) {
    case 'code':
      schedule(deciding, instance);
      return [];
    case 'empty':
      noteOutlets(deciding, instance, []);
      return conclude(deciding, instance, TaskInstanceState.SUCCESS);
    case 'latest_only':
      return latestOnly(deciding, instance);
    case 'human_input':
      return askPeople(deciding, instance);
    case 'trigger':
      return awaitTrigger(deciding, instance);
  }
}

/** Skips what is directly below unless the run is the latest; runs started by hand always pass. */
function latestOnly(deciding: Deciding, instance: Instance): Look[] {
  const { run, task } = instance;
  if (isLatest(run, deciding.nowMs)) return conclude(deciding, instance, TaskInstanceState.SUCCESS);
  const { decision, skipped } = shortCircuit(run.version, task, true);
  instance.skipDecision = decision;
  const looks = conclude(deciding, instance, TaskInstanceState.SUCCESS, 'not the latest run');
  return [...skipTasks(deciding, run, skipped), ...looks];
}

/** True from the moment a run is due until the next one is. */
function isLatest(run: Run, nowMs: number): boolean {
  const { timetable, endMs } = run.version;
  if (run.runType === RunType.MANUAL || timetable === undefined) return true;
  const leftMs = run.intervalStartMs ?? run.runAfterMs;
  const lastIntervalEndMs = run.intervalEndMs ?? run.runAfterMs;
  const next = planRun(timetable, {
    ...{ lastIntervalEndMs, lastRunAfterMs: run.runAfterMs, endMs, nowMs, catchup: true },
    startMs: undefined,
  });
  const rightMs = next?.intervalEndMs ?? next?.runAfterMs;
  return rightMs === undefined || (leftMs <= nowMs && nowMs <= rightMs);
}

function askPeople(deciding: Deciding, instance: Instance): Look[] {
  const { humanInput, executionTimeoutMs } = instance.task;
  beginTry(instance);
  const state = TaskInstanceState.AWAITING_INPUT;
  const untilMs = soonest(deciding.nowMs, fromDuration(humanInput?.timeout), executionTimeoutMs);
  beginWait(deciding, instance, { state, humanInput, untilMs });
  return [];
}

function awaitTrigger(deciding: Deciding, instance: Instance): Look[] {
  const { trigger, triggerTimeoutMs, executionTimeoutMs } = instance.task;
  beginTry(instance);
  const state = TaskInstanceState.DEFERRED;
  const untilMs = soonest(deciding.nowMs, triggerTimeoutMs, executionTimeoutMs);
  beginWait(deciding, instance, { state, trigger, untilMs });
  return [];
}

/** The instant at which the first of these spans is over; undefined when there is none. */
function soonest(nowMs: number, ...spansMs: readonly (number | undefined)[]): number | undefined {
  const known = spansMs.filter((spanMs) => spanMs !== undefined);
  return known.length === 0 ? undefined : nowMs + Math.min(...known);
}

/** A task without code tries like any other: its tries are counted, though no worker sees them. */
function beginTry(instance: Instance): void {
  instance.tryNumber += 1;
  instance.startMs = undefined;
}

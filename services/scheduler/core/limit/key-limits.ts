// Limit keys: how many instances that name one go on at once, how many begin in a span of time, and
// pauses.
import type { KeyPause } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { unpark } from './admission.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { Picture } from '../picture.ts';
import { schedule } from '../transition.ts';
import { putOnAgenda } from '../agenda.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { instancesOf } from '../instance.ts';
import { keyOf, type KeyState, type RateWindow, tuneKey } from './limit.ts';
import { TaskInstanceState } from '../state.ts';

/** The DAG has a new version: its numbers count from now on. */
export function tuneKeys(dag: Dag): void {
  for (const state of dag.keys.values()) {
    tuneKey(dag, state);
    unpark(state.active);
    unpark(state.rate);
  }
}

/**
 * An instance goes to a worker. One that goes on after a wait begins again as well: what a rate
 * protects is asked again, too.
 */
export function noteBegin(picture: Picture, { attemptId, instance, startMs }: Attempt): void {
  const { dag } = instance.run;
  for (const limit of instance.lane.limits) {
    const { max, window } = limit;
    if (window === undefined) continue;
    // Queued, it counted already.
    limit.active -= 1;
    if (!Number.isFinite(max)) continue;
    if (window.reading !== undefined) {
      window.reading.begun.set(attemptId, startMs);
      limit.active += 1;
      continue;
    }
    const state = keyOf(dag, limit.subject);
    addBegin(state, startMs);
    watchRate(picture, dag, state);
  }
}

/** A worker did not begin an attempt after all: it counts towards no rate any more. */
export function forgetBegin(attempt: Attempt): void {
  for (const limit of attempt.instance.lane.limits) {
    if (limit.window === undefined || !isForgotten(limit.window, attempt)) continue;
    limit.active -= 1;
    unpark(limit);
  }
}

/** False when it did not count. */
function isForgotten({ begins, reading }: RateWindow, { attemptId, startMs }: Attempt): boolean {
  if (reading !== undefined) {
    reading.givenBack.add(attemptId);
    return reading.begun.delete(attemptId);
  }
  const place = begins.findLastIndex(({ atMs }) => atMs === startMs);
  const known = begins[place];
  if (known === undefined) return false;
  known.count -= 1;
  if (known.count === 0) begins.splice(place, 1);
  return true;
}

/** When a rate lets the next one begin, epoch milliseconds; undefined when nobody knows. */
export function rateEndMs({ rate }: KeyState): number | undefined {
  const [oldest] = rate.window.begins;
  return oldest === undefined ? undefined : oldest.atMs + rate.window.periodMs;
}

/**
 * Nothing of a key begins until an instant; undefined or past ends a pause. What no worker has yet
 * goes back behind the gate.
 */
export function pauseKey(
  deciding: Deciding,
  dag: Dag,
  key: string,
  untilMs: number | undefined,
): void {
  const { picture, changes, nowMs } = deciding;
  const until = untilMs === undefined || untilMs <= nowMs ? undefined : untilMs;
  const paused = changes.keyPauses.get(dag) ?? new Map<string, number | undefined>();
  changes.keyPauses.set(dag, paused.set(key, until));
  shutGate(picture, dag, key, until);
  if (until === undefined) return;
  for (const run of dag.runs.values()) {
    for (const instance of instancesOf(run)) {
      const isHeld = instance.task.limitKeys.includes(key);
      if (isHeld && instance.state === TaskInstanceState.QUEUED) schedule(deciding, instance);
    }
  }
}

/** The end of a pause, or of the time for which a beginning counts, may have come. */
export function keepKey({ picture, nowMs }: Deciding, dag: Dag, key: string): void {
  const state = keyOf(dag, key);
  if (state.pausedUntilMs !== undefined && state.pausedUntilMs <= nowMs) {
    shutGate(picture, dag, key, undefined);
  }
  // The one that was watched may have been given back meanwhile.
  if ((rateEndMs(state) ?? Number.POSITIVE_INFINITY) > nowMs) return watchRate(picture, dag, state);
  const { rate } = state;
  const { begins, periodMs } = rate.window;
  const counting = begins.findIndex(({ atMs }) => atMs + periodMs > nowMs);
  const over = begins.splice(0, counting < 0 ? begins.length : counting);
  rate.active -= over.reduce((sum, { count }) => sum + count, 0);
  watchRate(picture, dag, state);
  unpark(rate);
}

/** Takes over the pauses that the ledger has. */
export function loadKeyPauses(picture: Picture, pauses: readonly KeyPause[], nowMs: number): void {
  for (const { dagId, key, until } of pauses) {
    const dag = picture.dags.get(dagId);
    const untilMs = fromTimestamp(until) ?? 0;
    if (dag !== undefined && untilMs > nowMs) shutGate(picture, dag, key, untilMs);
  }
}

/** Counts a beginning that is the latest so far. */
export function addBegin({ rate }: KeyState, atMs: number): void {
  const { begins } = rate.window;
  const last = begins.at(-1);
  if (last?.atMs === atMs) last.count += 1;
  else begins.push({ atMs, count: 1 });
  rate.active += 1;
}

function shutGate(picture: Picture, dag: Dag, key: string, untilMs: number | undefined): void {
  const state = keyOf(dag, key);
  state.pausedUntilMs = untilMs;
  state.gate.max = untilMs === undefined ? Number.POSITIVE_INFINITY : 0;
  if (untilMs === undefined) unpark(state.gate);
  else putOnAgenda(picture.agenda, untilMs, { kind: 'key', dag, key });
}

/** Has the end of the oldest beginning's time noticed. */
export function watchRate(picture: Picture, dag: Dag, state: KeyState): void {
  const endMs = rateEndMs(state);
  const { window } = state.rate;
  if (endMs === undefined || window.watchedMs === endMs) return;
  window.watchedMs = endMs;
  putOnAgenda(picture.agenda, endMs, { kind: 'key', dag, key: state.key });
}

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
import { type Instance, instancesOf } from '../instance.ts';
import { keyOf, type KeyState, tuneKey } from './limit.ts';
import { TaskInstanceState } from '../state.ts';

/** After a takeover, how long what the old owner may have let begin unseen counts as new. */
const UNSEEN_MAX_MS = 600_000;
/** Most instants for which unseen beginnings are counted. */
const UNSEEN_PARTS_MAX = 1_000;

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
export function noteBegin(picture: Picture, { lane, run }: Instance, nowMs: number): void {
  for (const limit of lane.limits) {
    if (limit.window === undefined) continue;
    // Queued, it counted already.
    limit.active -= 1;
    if (!Number.isFinite(limit.max)) continue;
    const state = keyOf(run.dag, limit.subject);
    addBegins(state, nowMs, 1);
    watchRate(picture, run.dag, state);
  }
}

/** A worker did not begin an instance after all: it counts towards no rate any more. */
export function forgetBegin({ lane }: Instance, beganMs: number): void {
  for (const limit of lane.limits) {
    const { begins = [] } = limit.window ?? {};
    const place = begins.findLastIndex(({ atMs }) => atMs === beganMs);
    const known = begins[place];
    if (known === undefined) continue;
    known.count -= 1;
    if (known.count === 0) begins.splice(place, 1);
    limit.active -= 1;
    unpark(limit);
  }
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

/** Counts what the instances of live runs, which were just loaded, say of the keys they name. */
export function recallBegins(picture: Picture, dag: Dag, nowMs: number): void {
  if (dag.version.keyLimits.length === 0) return;
  const known = knownBegins(dag);
  for (const { key } of dag.version.keyLimits) {
    const state = keyOf(dag, key);
    const { max, window } = state.rate;
    const { beginsMs = [], queuedCount = 0 } = known.get(key) ?? {};
    state.rate.active = queuedCount;
    if (!Number.isFinite(max)) continue;
    for (const atMs of beginsMs.sort((a, b) => a - b)) {
      if (atMs > nowMs - window.periodMs) addBegins(state, atMs, 1);
    }
    watchRate(picture, dag, state);
  }
}

/**
 * Fills the rates of a DAG that was taken over, so that no more begin than may. Beside what live
 * runs tell, as many as would fill a rate may have begun in runs that are over or in earlier tries.
 * They are taken to have begun just now; of a period longer than `UNSEEN_MAX_MS`, evenly before
 * that, too. So within that span nothing begins in place of one that was not seen, and after it no
 * more than the rate has on the average. Where all is known nothing is lost.
 */
export function assumeBegins(picture: Picture, dag: Dag, nowMs: number): void {
  for (const { key } of dag.version.keyLimits) {
    const state = keyOf(dag, key);
    const { rate } = state;
    if (!Number.isFinite(rate.max) || rate.active >= rate.max) continue;
    const seen = rate.window.begins.splice(0);
    rate.window.assumedUntilMs = nowMs + rate.window.periodMs;
    const unseenCount = rate.max - rate.active;
    const spreadMs = Math.max(rate.window.periodMs - UNSEEN_MAX_MS, 0);
    const parts = Math.min(unseenCount, UNSEEN_PARTS_MAX);
    const unseen = Array.from({ length: parts }, (_, nth) => ({
      atMs: nowMs - Math.floor((spreadMs * nth) / parts),
      count:
        Math.floor((unseenCount * (nth + 1)) / parts) - Math.floor((unseenCount * nth) / parts),
    }));
    rate.active -= seen.reduce((sum, { count }) => sum + count, 0);
    for (const { atMs, count } of [...seen, ...unseen].sort((a, b) => a.atMs - b.atMs)) {
      addBegins(state, atMs, count);
    }
    watchRate(picture, dag, state);
  }
}

/** By key: when the instances of live runs began, and how many are about to. */
function knownBegins(dag: Dag) {
  const known = new Map<string, { readonly beginsMs: number[]; queuedCount: number }>();
  for (const run of dag.runs.values()) {
    for (const { attempt, attemptId, startMs, state, task } of instancesOf(run)) {
      for (const key of new Set(task.limitKeys)) {
        const entry = known.get(key) ?? { beginsMs: [], queuedCount: 0 };
        known.set(key, entry);
        const beganMs = attempt?.startMs ?? (attemptId === '' ? undefined : startMs);
        if (beganMs !== undefined) entry.beginsMs.push(beganMs);
        if (state === TaskInstanceState.QUEUED) entry.queuedCount += 1;
      }
    }
  }
  return known;
}

/** Counts beginnings that are the latest so far. */
function addBegins({ rate }: KeyState, atMs: number, count: number): void {
  const { begins } = rate.window;
  const last = begins.at(-1);
  if (last?.atMs === atMs) last.count += count;
  else begins.push({ atMs, count });
  rate.active += count;
}

function shutGate(picture: Picture, dag: Dag, key: string, untilMs: number | undefined): void {
  const state = keyOf(dag, key);
  state.pausedUntilMs = untilMs;
  state.gate.max = untilMs === undefined ? Number.POSITIVE_INFINITY : 0;
  if (untilMs === undefined) unpark(state.gate);
  else putOnAgenda(picture.agenda, untilMs, { kind: 'key', dag, key });
}

/** Has the end of the oldest beginning's time noticed. */
function watchRate(picture: Picture, dag: Dag, state: KeyState): void {
  const endMs = rateEndMs(state);
  const { window } = state.rate;
  if (endMs === undefined || window.watchedMs === endMs) return;
  window.watchedMs = endMs;
  putOnAgenda(picture.agenda, endMs, { kind: 'key', dag, key: state.key });
}

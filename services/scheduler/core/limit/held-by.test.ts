// Whatever happens: limits hold, and nothing waits that nothing holds.
import { expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { createSimulation, type DagInit, type Simulation } from '../../simulator/simulation.ts';
import { clearInstances } from '../operation/clear.ts';
import { type Instance, instancesOf, nameOf } from '../instance.ts';
import { pauseKey } from './key-limits.ts';
import { exhaustedLimit, type Limit } from './limit.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { setGate } from '../dag.ts';
import { freeSlots, isOversized } from './pool.ts';
import { isActive, TaskInstanceState } from '../state.ts';
import { randomOf } from '../../testing/chance.ts';

const START_MS = Date.UTC(2026, 0, 1);
const POOLS = { default_pool: 4, small: 1, wide: 50 };
const { SUCCESS, SKIPPED, LOST, REJECTED } = AttemptEnd;
const KEYS = ['k0', 'k1', 'k2'];

function randomDag(dagId: string, random: () => number): DagInit {
  const upTo = (max: number) => Math.floor(random() * (max + 1));
  const tasks = Array.from({ length: 2 + upTo(8) }, (_, at) => ({
    taskId: `t${at}`,
    upstreamTaskIds: at > 0 && random() < 0.3 ? [`t${upTo(at - 1)}`] : [],
    pool: Object.keys(POOLS)[upTo(2)] ?? '',
    poolSlots: random() < 0.2 ? 3 : 1,
    priorityWeight: 1 + upTo(3),
    activeTisPerDagMax: random() < 0.2 ? 1 + upTo(2) : 0,
    activeTisPerDagrunMax: random() < 0.2 ? 1 + upTo(1) : 0,
    limitKeys: KEYS.filter(() => random() < 0.25),
  }));
  return {
    dagId,
    tasks,
    activeTasksMax: 1 + upTo(6),
    activeRunsMax: 8,
    fairShareWeight: 1 + upTo(3),
    keyLimits: KEYS.map((key) => ({
      key,
      activeMax: upTo(3),
      rateCount: upTo(4),
      ratePeriod: toDuration(1_000 * (1 + upTo(20))),
    })),
  } as DagInit;
}

function allInstances({ picture }: Simulation): readonly Instance[] {
  return [...picture.dags.values()].flatMap((dag) =>
    [...dag.runs.values()].flatMap((run) => [...instancesOf(run)]),
  );
}

/** What a limit counts, from scratch. */
function countOf(limit: Limit, instances: readonly Instance[]): number {
  const own = instances.filter(({ lane }) => lane.limits.includes(limit));
  const { window } = limit;
  if (window === undefined) return own.filter(({ state }) => isActive(state)).length;
  const begun = window.begins.reduce((sum, { count }) => sum + count, 0);
  return begun + own.filter(({ state }) => state === TaskInstanceState.QUEUED).length;
}

function isHeld(instance: Instance): boolean {
  const { lane, task } = instance;
  const isEver = !isOversized(lane.pool, task.poolSlots);
  return exhaustedLimit(lane) !== undefined || !isEver || isTooBig(instance);
}

function isTooBig({ lane, task }: Instance): boolean {
  return task.poolSlots > freeSlots(lane.pool) && exhaustedLimit(lane) === undefined;
}

function checkLaws(simulation: Simulation): void {
  const instances = allInstances(simulation);
  const limits = new Set(instances.flatMap(({ lane }) => lane.limits));
  for (const limit of limits) {
    expect(limit.active, `${limit.kind} ${limit.subject}`).toBe(countOf(limit, instances));
    if (limit.kind !== 'dag_paused' && limit.kind !== 'key_paused') {
      expect(limit.active, `${limit.kind} ${limit.subject}`).toBeLessThanOrEqual(limit.max);
    }
  }
  for (const pool of simulation.picture.pools.values()) {
    expect(freeSlots(pool), pool.name).toBeGreaterThanOrEqual(0);
  }
  const waiting = instances.filter(({ state }) => state === TaskInstanceState.SCHEDULED);
  for (const instance of waiting) {
    if (isHeld(instance)) continue;
    // One that needs more slots than are free may have others wait until there are enough for it.
    const isBehind = (other: Instance) => other.lane.pool === instance.lane.pool && isTooBig(other);
    expect(waiting.some(isBehind), `${nameOf(instance)} is held`).toBe(true);
  }
}

/** In no span of a rate's period do more begin than may; those rejected have not begun. */
function checkRates(begun: ReadonlySet<Attempt>, nowMs: number): void {
  const counts = new Map<Limit, number>();
  for (const { instance, startMs } of begun) {
    for (const limit of instance.lane.limits) {
      if (limit.window === undefined || startMs <= nowMs - limit.window.periodMs) continue;
      counts.set(limit, (counts.get(limit) ?? 0) + 1);
    }
  }
  for (const [{ max, subject }, count] of counts) {
    expect(count, `instances of ${subject} that began`).toBeLessThanOrEqual(max);
  }
}

test.each(Array.from({ length: 30 }, (_, seed) => seed))('whatever happens (%i)', (seed) => {
  const random = randomOf(seed);
  const dags = ['a', 'b', 'c'].map((dagId) => randomDag(dagId, random));
  const simulation = createSimulation(dags, { startMs: START_MS, pools: POOLS });
  const begun = new Set<Attempt>();
  const live = new Set<Attempt>();
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)];
  for (let step = 0; step < 150; step++) {
    const what = random();
    const dag = simulation.dag(pick(['a', 'b', 'c']) ?? 'a');
    if (what < 0.1) simulation.trigger(dag.dagId);
    else if (what < 0.4) {
      const leases = simulation.lease(1 + Math.floor(random() * 4));
      for (const attempt of leases) live.add(attempt);
      for (const attempt of leases) begun.add(attempt);
    } else if (what < 0.75) {
      const attempt = pick([...live]);
      if (attempt === undefined) continue;
      live.delete(attempt);
      const ends = [SUCCESS, SUCCESS, SKIPPED, LOST, REJECTED];
      const end = pick(ends) ?? SUCCESS;
      if (end === REJECTED) begun.delete(attempt);
      simulation.report(attempt, { end });
    } else if (what < 0.85) simulation.advanceTo(simulation.nowMs() + Math.floor(random() * 9_000));
    else if (what < 0.9) {
      simulation.decide((deciding) => {
        const untilMs = deciding.nowMs + Math.floor(random() * 8_000);
        pauseKey(deciding, dag, pick(KEYS) ?? '', random() < 0.3 ? undefined : untilMs);
      });
    } else if (what < 0.95) {
      simulation.decide((deciding, moment) => {
        const run = pick([...dag.runs.values()]);
        const instance = run === undefined ? undefined : pick([...instancesOf(run)]);
        if (run !== undefined && instance !== undefined) {
          clearInstances(deciding, moment, run, [instance]);
        }
      });
    } else simulation.decide(() => setGate(dag, !dag.isPaused));
    checkLaws(simulation);
    checkRates(begun, simulation.nowMs());
  }
});

// Situations in which a task instance does not run, and what Explain says of them.
import { expect, it } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Blocker } from '../core/explain/blocker.ts';
import { explain, type Explanation } from '../core/explain/explain.ts';
import { instanceOf } from '../core/instance.ts';
import type { Run } from '../core/run/run.ts';
import {
  createSimulation,
  type DagInit,
  type OutcomeInit,
  type Simulation,
  type SimulationOptions,
} from '../simulator/simulation.ts';

export const START_MS = Date.UTC(2026, 0, 1);
export const HOUR_MS = 3_600_000;

/** What is asked about, in a world that was brought into its situation. */
export type Situation = {
  readonly simulation: Simulation;
  readonly run: Run;
  readonly taskId: string;
  readonly mapIndex?: number;
};

/** A situation by name, how it comes about, and all that is to be named, in order. */
export type SituationRow = readonly [string, () => Situation, readonly Partial<Blocker>[]];

/** A world with DAG `d`, at the beginning of 2026. */
export function situationWorld(
  spec: Partial<DagInit>,
  options: Partial<SimulationOptions> = {},
): Simulation {
  return createSimulation([{ dagId: 'd', ...spec } as DagInit], { startMs: START_MS, ...options });
}

/** What Explain says; changes nothing. */
export function explained({ simulation, run, taskId, mapIndex }: Situation): Explanation {
  const task = run.version.tasks[run.version.taskIndexes.get(taskId) ?? -1];
  if (task === undefined) throw new Error(`no task ${taskId}`);
  const nowMs = simulation.nowMs();
  const instance = instanceOf(run, taskId, mapIndex);
  return explain(simulation.picture, { nowMs, monotonicMs: nowMs }, { run, task, instance });
}

/** Leases whatever there is, and reports an end of a task's attempts. */
export function endTask(
  simulation: Simulation,
  taskId: string,
  outcome: OutcomeInit = { end: AttemptEnd.SUCCESS },
): void {
  for (const attempt of simulation.lease(100)) {
    if (attempt.instance.task.taskId === taskId) simulation.report(attempt, outcome);
  }
}

/** The beginning of a day of January. */
export function dayMs(day: number): number {
  return Date.UTC(2026, 0, day);
}

/** A run about a day of January. */
export function dated(day: number) {
  return { logicalDateMs: dayMs(day), runAfterMs: dayMs(day) };
}

/** One test for each situation: exactly these are named, with these values. */
export function testSituations(rows: readonly SituationRow[]): void {
  it.each(rows)('%s', (_name, arrange, expected) => {
    const { blockers } = explained(arrange());
    expect(blockers.map(({ kind }) => kind)).toEqual(expected.map(({ kind }) => kind));
    expect(blockers).toMatchObject(expected);
  });
}

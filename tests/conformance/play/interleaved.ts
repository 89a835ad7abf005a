// A run that the scheduler and the oracle live through together, event by event, in an order that
// numbers choose.
import type { Attempt, Run } from '../../../services/scheduler/core/picture.ts';
import { nameOfState } from '../../../services/scheduler/core/state.ts';
import { createSimulation, type Simulation } from '../../../services/scheduler/simulator/simulation.ts';
import { type Ending, type Plan } from '../oracle/plan.ts';
import { all, beginRun, endInstance, isFinal, type OracleRun, startInstance } from '../oracle/run.ts';
import { endingFor } from './chance.ts';
import { outcomeOf } from './ending.ts';
import { specOf } from './spec.ts';

const START_MS = Date.UTC(2026, 0, 1);
const STEPS_MAX = 5_000;

/** Final states by instance, `run` and why it ended: what both have to agree on. */
export type Picture = Readonly<Record<string, string>>;

/** What is done next; the numbers go round. */
export type Chooser = () => number;

export function chooserOf(choices: readonly number[]): Chooser {
  let at = 0;
  return () => choices[at++ % choices.length] ?? 0;
}

/** Plays a run to its end; calls `check` after each event with what both sides hold to be true. */
export function playTogether(
  plan: Plan,
  choose: Chooser,
  check: (actual: Picture, expected: Picture) => void,
): { readonly simulation: Simulation; readonly run: Run } {
  const simulation = createSimulation([specOf('d', plan)], { startMs: START_MS });
  const run = simulation.trigger('d');
  const oracle = beginRun(plan);
  const held: Attempt[] = [];
  const compare = () => check(pictureOf(run), oraclePicture(oracle));
  compare();
  for (let step = 0; step < STEPS_MAX; step++) {
    const leased = choose() % 2 === 0 || held.length === 0 ? simulation.lease(1 + (choose() % 3)) : [];
    for (const { instance } of leased) {
      startInstance(oracle, instance.task.taskId, instance.mapIndex);
    }
    held.push(...leased);
    const [attempt] = held.splice(choose() % Math.max(held.length, 1), 1);
    if (attempt === undefined) {
      const dueMs = simulation.nextDueMs();
      if (dueMs === undefined) return { simulation, run };
      simulation.advanceTo(dueMs);
      continue;
    }
    const { taskId } = attempt.instance.task;
    const ending: Ending = endingFor(plan, taskId, choose());
    const { mapIndex } = attempt.instance;
    simulation.report(attempt, outcomeOf(ending));
    endInstance(oracle, taskId, mapIndex, ending);
    compare();
  }
  throw new Error(`the run has not ended after ${STEPS_MAX} steps`);
}

/** What the scheduler holds to be true. */
export function pictureOf(run: Run): Picture {
  const picture: Record<string, string> = {};
  for (const { task, instances } of run.nodes) {
    for (const { mapIndex, state } of instances) {
      const name = nameOfState(state);
      const shown = SHOWN[name] ?? name;
      if (shown !== 'none') picture[`${task.taskId}[${mapIndex}]`] = shown;
    }
  }
  return { ...picture, run: SHOWN_RUN[run.state] ?? 'running', reason: run.stateReason };
}

/** What the oracle holds to be true. */
export function oraclePicture(oracle: OracleRun): Picture {
  const open = all(oracle).filter(({ state }) => state !== 'none');
  const picture = Object.fromEntries(
    open.map(({ task, index, state }) => [
      `${task}[${index}]`,
      isFinal(state) || state === 'running' ? state : 'ready',
    ]),
  );
  return { ...picture, run: oracle.state, reason: oracle.reason };
}

const SHOWN: Readonly<Record<string, string>> = {
  scheduled: 'ready',
  queued: 'ready',
  up_for_retry: 'ready',
};
const SHOWN_RUN: Readonly<Record<number, string>> = { 3: 'success', 4: 'failed' };

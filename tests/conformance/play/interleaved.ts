// A run that the scheduler and the oracle live through together, event by event, in an order that
// numbers choose.
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { instancesOf } from '../../../services/scheduler/core/instance.ts';
import type { Attempt, Run } from '../../../services/scheduler/core/picture.ts';
import { DagRunState, isRunFinished, nameOfState } from '../../../services/scheduler/core/state.ts';
import {
  createSimulation,
  type Simulation,
} from '../../../services/scheduler/simulator/simulation.ts';
import type { Plan } from '../oracle/plan.ts';
import {
  all,
  beginRun,
  endInstance,
  type OracleRun,
  retryInstance,
  startInstance,
} from '../oracle/run.ts';
import { endingFor } from './chance.ts';
import { outcomeOf } from './ending.ts';
import { specOf } from './spec.ts';

const START_MS = Date.UTC(2026, 0, 1);
const STEPS_MAX = 5_000;

/** The state of each instance that is not `none`, of the run, and why it ended. */
export type Facts = Readonly<Record<string, string>>;

/** What both sides hold to be true. */
export type Check = (actual: Facts, expected: Facts) => void;

/** What is done next. */
export type Chooser = () => number;

/** Numbers one after the other; they go round. */
export function chooserOf(choices: readonly number[]): Chooser {
  let at = 0;
  return () => choices[at++ % choices.length] ?? 0;
}

type Stage = {
  readonly plan: Plan;
  readonly oracle: OracleRun;
  simulation: Simulation;
  run: Run;
  /** Commits of the schedulers before this one. */
  history: readonly CommitRequest[];
  held: Attempt[];
};

/**
 * Plays a run to its end, with a check after each event. After every `takeOverEvery` events another
 * scheduler takes over, which knows what was committed and nothing else.
 */
export function playTogether(
  plan: Plan,
  choose: Chooser,
  check: Check,
  takeOverEvery = Number.POSITIVE_INFINITY,
): Run {
  const simulation = createSimulation([specOf('d', plan)], { startMs: START_MS });
  const run = simulation.trigger('d');
  const oracle = beginRun(plan);
  const stage: Stage = { plan, oracle, simulation, run, history: [], held: [] };
  check(factsOf(run), factsOfOracle(oracle));
  for (let step = 1; step <= STEPS_MAX; step++) {
    if (!playStep(stage, choose)) return stage.run;
    if (step % takeOverEvery === 0) takeOver(stage);
    check(factsOf(stage.run), factsOfOracle(oracle));
  }
  throw new Error(`the run has not ended after ${STEPS_MAX} steps`);
}

/** Leases, reports or lets time pass; false when nothing is left to do. */
function playStep(stage: Stage, choose: Chooser): boolean {
  const { plan, oracle, simulation, held } = stage;
  if (choose() % 2 === 0 || held.length === 0) {
    const leased = simulation.lease(1 + (choose() % 3));
    for (const { instance } of leased) {
      startInstance(oracle, instance.task.taskId, instance.mapIndex);
    }
    held.push(...leased);
  }
  const [attempt] = held.splice(choose() % Math.max(held.length, 1), 1);
  if (attempt === undefined) return letTimePass(stage);
  const { task, mapIndex } = attempt.instance;
  const ending = endingFor(plan, task.taskId, choose());
  simulation.report(attempt, outcomeOf(ending));
  endInstance(oracle, task.taskId, mapIndex, ending);
  return true;
}

/** Until tries are due. */
function letTimePass({ oracle, run, simulation }: Stage): boolean {
  const dueMs = simulation.nextDueMs();
  if (dueMs === undefined) return false;
  const due = [...instancesOf(run)]
    .filter(({ nextTryMs }) => nextTryMs !== undefined && nextTryMs <= dueMs)
    .toSorted((a, b) => (a.nextTryMs ?? 0) - (b.nextTryMs ?? 0));
  simulation.advanceTo(dueMs);
  for (const { task, mapIndex } of due) retryInstance(oracle, task.taskId, mapIndex);
  return true;
}

function takeOver(stage: Stage): void {
  const { plan, simulation, run } = stage;
  if (isRunFinished(run.state)) return;
  stage.history = [...stage.history, ...simulation.commits];
  const options = { startMs: simulation.nowMs(), history: stage.history };
  stage.simulation = createSimulation([specOf('d', plan)], options);
  const { attempts, dags } = stage.simulation.picture;
  const found = dags.get('d')?.runs.get(run.runId);
  if (found === undefined) throw new Error('the run is not among those that were taken over');
  stage.run = found;
  stage.held = stage.held.map((attempt) => attempts.get(attempt.attemptId) ?? attempt);
}

/** What the scheduler holds to be true. */
export function factsOf(run: Run): Facts {
  const facts: Record<string, string> = {};
  for (const { task, mapIndex, state } of instancesOf(run)) {
    const name = nameOfState(state);
    const isWaiting = name === 'scheduled' || name === 'queued';
    if (name !== 'none') facts[`${task.taskId}[${mapIndex}]`] = isWaiting ? 'ready' : name;
  }
  return { ...facts, run: RUN_STATES[run.state] ?? 'running', reason: run.stateReason };
}

/** What the oracle holds to be true. */
export function factsOfOracle(oracle: OracleRun): Facts {
  const open = all(oracle).filter(({ state }) => state !== 'none');
  const facts = Object.fromEntries(
    open.map(({ task, index, state }) => [`${task}[${index}]`, state] as const),
  );
  return { ...facts, run: oracle.state, reason: oracle.reason };
}

const RUN_STATES: Readonly<Record<number, string>> = {
  [DagRunState.SUCCESS]: 'success',
  [DagRunState.FAILED]: 'failed',
};

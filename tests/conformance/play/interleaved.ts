// Runs of a DAG that the scheduler and the oracle live through together, event by event, in an
// order that numbers choose.
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type Instance, instanceOf } from '../../../services/scheduler/core/instance.ts';
import type { Attempt } from '../../../services/scheduler/core/attempt/attempt.ts';
import type { Run } from '../../../services/scheduler/core/run/run.ts';
import {
  createSimulation,
  type Simulation,
} from '../../../services/scheduler/simulator/simulation.ts';
import { endInstance, hear, nextDue, passTime, startInstance } from '../oracle/events.ts';
import { type Choice, choose as chooseIn, clear, mark, markRun } from '../oracle/operations.ts';
import { nameOf } from '../oracle/orders.ts';
import type { Ending, News, Plan } from '../oracle/plan.ts';
import {
  all,
  beginRun,
  find,
  type Instance as OracleInstance,
  type OracleDag,
  type OracleRun,
} from '../oracle/run.ts';
import { groupsOf } from '../oracle/shape.ts';
import { anyEndingFor, endingFor } from './chance.ts';
import { clearIn, markIn, markRunIn, tell } from './commands.ts';
import { outcomeOf } from './ending.ts';
import { type Facts, factsOf, factsOfOracle, runIdOf } from './facts.ts';
import { specOf } from './spec.ts';

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const STEPS_MAX = 5_000;
const SLOTS = 1_000;
/** Of more in a row for one instance the scheduler has its own thoughts. */
const REJECTIONS_MAX = 8;

/** What both sides hold to be true. */
export type Check = (actual: Facts, expected: Facts) => void;

/** What is done next. */
export type Chooser = () => number;

/** Numbers one after the other; they go round. */
export function chooserOf(choices: readonly number[]): Chooser {
  let at = 0;
  return () => choices[at++ % choices.length] ?? 0;
}

/** How much goes on beside tasks that begin and end. */
export type Stir = {
  /** Runs, each of another date. Default: 1. */
  readonly runsMax?: number;
  /** Clears, marks, waits, workers that are lost: so many in all. Default: none. */
  readonly stirsMax?: number;
  /**
   * One in so many events is followed by a takeover: another scheduler goes on, which knows what
   * was committed and nothing else. Default: none.
   */
  readonly takeOverOneIn?: number;
  /**
   * True: workers get all there is at once, and what they hold is in an order of its own. Whose
   * turn it is among equals is nothing that a takeover keeps. Default: false.
   */
  readonly leasesAll?: boolean;
};

/** A stay on a worker, as both sides know it. */
export type Held = {
  readonly attempt: Attempt;
  readonly run: OracleRun;
  readonly instance: OracleInstance;
  readonly stay: number;
};

/** What is played with. */
export type Stage = {
  readonly plan: Plan;
  readonly dag: OracleDag;
  simulation: Simulation;
  /** Commits of the schedulers before this one. */
  history: readonly CommitRequest[];
  held: Held[];
  stirsLeft: number;
  rejectionsLeft: number;
  readonly runsMax: number;
  readonly leasesAll: boolean;
};

/** A stage with one run. */
export function setStage(
  plan: Plan,
  { runsMax = 1, stirsMax = 0, leasesAll = false }: Stir = {},
): Stage {
  const stage: Stage = {
    ...{ plan, runsMax, leasesAll, stirsLeft: stirsMax, rejectionsLeft: REJECTIONS_MAX },
    ...{ history: [], held: [] },
    simulation: createSimulation([specOf('d', plan)], { startMs: START_MS }),
    dag: { plan, runs: [], nowMs: START_MS },
  };
  addRun(stage, 50, false);
  return stage;
}

/** Plays until nothing is left to do, with a check after each event. */
export function playTogether(plan: Plan, choose: Chooser, check: Check, stir: Stir = {}): Stage {
  const stage = setStage(plan, stir);
  const look = () => check(factsOf(stage.simulation), factsOfOracle(stage.dag));
  look();
  for (let step = 1; step <= STEPS_MAX; step++) {
    if (!playStep(stage, choose)) return stage;
    look();
    if (stir.takeOverOneIn === undefined || choose() % stir.takeOverOneIn > 0) continue;
    takeOver(stage);
    look();
  }
  throw new Error(`nothing has come to its end after ${STEPS_MAX} steps`);
}

/** One event; false when nothing is left to do. */
export function playStep(stage: Stage, choose: Chooser): boolean {
  const { held, simulation } = stage;
  // Each has an instant of its own.
  passTo(stage, simulation.nowMs() + 1);
  if (stage.stirsLeft > 0 && choose() % 4 === 0) {
    stage.stirsLeft -= 1;
    if (stirUp(stage, choose)) return true;
  }
  if (stage.leasesAll) lease(stage, SLOTS);
  else if (choose() % 2 === 0 || held.length === 0) lease(stage, 1 + (choose() % 3));
  const [stay] = held.splice(choose() % Math.max(held.length, 1), 1);
  if (stay === undefined) return letTimePass(stage, choose);
  report(stage, stay, endingOf(stage, stay, choose));
  return true;
}

function endingOf(stage: Stage, { instance }: Held, choose: Chooser): Ending {
  const { plan, stirsLeft } = stage;
  if (stirsLeft <= 0) return endingFor(plan, instance.task, choose());
  const ending = anyEndingFor(plan, instance.task, choose(), choose());
  if (WAITS.has(ending.as)) stage.stirsLeft -= 1;
  if (ending.as === 'rejected' && --stage.rejectionsLeft < 0) return { as: 'lost' };
  return ending;
}

const WAITS = new Set<Ending['as']>(['deferred', 'asking', 'rescheduled', 'lost', 'rejected']);

/** Leases attempts, on both sides. */
function lease({ dag, held, leasesAll, simulation }: Stage, slots: number): void {
  for (const attempt of simulation.lease(slots)) {
    const { mapIndex, run: of, task } = attempt.instance;
    const run = dag.runs.find(({ day }) => of.runId === runIdOf(day));
    const instance = run === undefined ? undefined : find(run, task.taskId, mapIndex);
    if (run === undefined || instance === undefined) throw new Error('the oracle has no such task');
    held.push({ attempt, run, instance, stay: startInstance(instance) });
  }
  if (leasesAll) held.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

function placeOf({ run, instance, stay }: Held): string {
  return [run.day, nameOf(instance.task, instance.index), stay].join(' ');
}

/** Reports on both sides. */
function report({ simulation }: Stage, held: Held, ending: Ending): void {
  const { attempt, run, instance, stay } = held;
  simulation.report(attempt, outcomeOf(ending, simulation.nowMs()));
  endInstance(run, instance, { stay, ending });
}

/** Until something is due, or somebody hears of what he waits for. */
function letTimePass(stage: Stage, choose: Chooser): boolean {
  const due = nextDue(stage.dag);
  if (due !== undefined && (choose() % 3 > 0 || waitingOf(stage).length === 0)) {
    passTo(stage, due.atMs);
    return true;
  }
  return bringNews(stage, choose);
}

function passTo({ dag, simulation }: Stage, untilMs: number): void {
  simulation.advanceTo(untilMs);
  passTime(dag, untilMs);
}

function stirUp(stage: Stage, choose: Chooser): boolean {
  switch (choose() % 8) {
    case 0: {
      const day = choose() % 100;
      const isFree = stage.dag.runs.every((run) => run.day !== day);
      if (isFree && stage.dag.runs.length < stage.runsMax) addRun(stage, day, choose() % 4 === 0);
      return true;
    }
    case 1:
    case 2:
      return operate(stage, choose, 'clear');
    case 3:
      return operate(stage, choose, MARKS[choose() % MARKS.length] ?? 'success');
    case 4:
      return endRun(stage, choose);
    case 5:
      passTo(stage, stage.simulation.nowMs() + (choose() % 20) * 1_000);
      return true;
    default:
      return bringNews(stage, choose);
  }
}

const MARKS = ['success', 'failed', 'skipped'] as const;

function addRun({ dag, plan, simulation }: Stage, day: number, isManual: boolean): void {
  const logicalDateMs = START_MS + day * DAY_MS;
  simulation.trigger('d', {
    ...{ runId: runIdOf(day), logicalDateMs },
    ...{ intervalStartMs: logicalDateMs, intervalEndMs: logicalDateMs },
    runType: isManual ? RunType.MANUAL : RunType.SCHEDULED,
  });
  beginRun(plan, { dag, day, isManual });
}

function operate(stage: Stage, choose: Chooser, what: 'clear' | (typeof MARKS)[number]): boolean {
  const run = pick(stage.dag.runs, choose());
  if (run === undefined) return false;
  const choice: Choice = {
    ids: Array.from({ length: 1 + (choose() % 2) }, () => idIn(run, choose())),
    upstream: choose() % 4 === 0,
    downstream: choose() % 2 === 0,
    onlyFailed: what === 'clear' && choose() % 4 === 0,
    withScope: what === 'clear',
  };
  const chosen = chooseIn(run, choice);
  if (chosen.length === 0) return false;
  const { simulation } = stage;
  if (what === 'clear') {
    clearIn(simulation, runIn(simulation, run), choice);
    clear(run, chosen);
  } else {
    markIn(simulation, runIn(simulation, run), { choice, state: what });
    mark(run, chosen, what);
  }
  return true;
}

/** A task, a group, or an instance. */
function idIn(run: OracleRun, choice: number): string {
  const instance = pick(all(run), Math.floor(choice / 10));
  if (instance === undefined) return '';
  const groups = groupsOf(run.plan, instance.task);
  if (choice % 10 === 0) return groups[0] ?? instance.task;
  return choice % 10 < 5 ? instance.task : nameOf(instance.task, instance.index);
}

function endRun({ dag, simulation }: Stage, choose: Chooser): boolean {
  const run = choose() % 4 === 0 ? pick(dag.runs, choose()) : undefined;
  if (run === undefined) return false;
  const state = choose() % 2 === 0 ? 'success' : 'failed';
  markRunIn(simulation, runIn(simulation, run), state);
  markRun(run, state);
  return true;
}

type Waiting = { readonly run: OracleRun; readonly instance: OracleInstance };

function waitingOf({ dag }: Stage): readonly Waiting[] {
  const live = dag.runs.filter(({ state }) => state === 'running');
  return live.flatMap((run) =>
    all(run)
      .filter(({ state }) => state === 'deferred' || state === 'awaiting_input')
      .map((instance) => ({ run, instance })),
  );
}

function bringNews(stage: Stage, choose: Chooser): boolean {
  const waiting = pick(waitingOf(stage), choose());
  if (waiting === undefined) return false;
  const { run, instance } = waiting;
  const all: readonly News[] =
    instance.state === 'deferred' ? ['event', 'event', 'error', 'skip'] : ['yes', 'yes', 'no'];
  const news = pick(all, choose()) ?? 'event';
  tell(stage.simulation, instanceIn(stage.simulation, run, instance), news);
  hear(run, instance, news);
  return true;
}

/** Another scheduler goes on, from what was committed. */
export function takeOver(stage: Stage): void {
  stage.history = [...stage.history, ...stage.simulation.commits];
  stage.simulation = createSimulation([specOf('d', stage.plan)], {
    startMs: stage.simulation.nowMs(),
    history: stage.history,
  });
  const { attempts } = stage.simulation.picture;
  for (const run of stage.dag.runs) Object.assign(run, { isPastKnown: false, isPastAsked: false });
  stage.held = stage.held.map((each) => ({
    ...each,
    attempt: attempts.get(each.attempt.attemptId) ?? each.attempt,
  }));
}

function runIn(simulation: Simulation, { day }: OracleRun): Run {
  const run = simulation.runs().find(({ runId }) => runId === runIdOf(day));
  if (run === undefined) throw new Error(`the scheduler has no run ${runIdOf(day)}`);
  return run;
}

function instanceIn(simulation: Simulation, run: OracleRun, { task, index }: OracleInstance) {
  const instance: Instance | undefined = instanceOf(runIn(simulation, run), task, index);
  if (instance === undefined) throw new Error(`the scheduler has no ${nameOf(task, index)}`);
  return instance;
}

function pick<T>(all: readonly T[], choice: number): T | undefined {
  return all[choice % Math.max(all.length, 1)];
}

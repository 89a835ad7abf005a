// Runs of a DAG that the scheduler and the oracle live through together, event by event, in an
// order that numbers choose.
import { endInstance, nextDue, startInstance } from '../oracle/events.ts';
import { nameOf } from '../oracle/orders.ts';
import type { Ending, Plan } from '../oracle/plan.ts';
import { find } from '../oracle/run.ts';
import { anyEndingFor, endingFor } from './chance.ts';
import type { Chooser } from './chooser.ts';
import { outcomeOf } from './ending.ts';
import { type Facts, factsOf, factsOfOracle, runIdOf } from './facts.ts';
import { type Held, passTo, setStage, type Stage, type Stir, takeOver } from './stage.ts';
import { bringNews, stirUp, waitingOf } from './stirring.ts';

const STEPS_MAX = 5_000;
const SLOTS = 1_000;

/** What both sides hold to be true. */
export type Check = (actual: Facts, expected: Facts) => void;

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
    held.push({ attempt, run, instance, stay: startInstance(run, instance) });
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

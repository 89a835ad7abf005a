// What goes on beside tasks that begin and end: clears, marks, further runs, news of what is waited
// for. Each is done on both sides.
import { hear } from '../oracle/events.ts';
import { type Choice, choose as chooseIn, clear, mark, markRun } from '../oracle/operations.ts';
import { nameOf } from '../oracle/orders.ts';
import type { News } from '../oracle/plan.ts';
import { all, type Instance as OracleInstance, type OracleRun } from '../oracle/run.ts';
import { groupsOf } from '../oracle/shape.ts';
import { type Chooser, pick } from './chooser.ts';
import { clearIn, markIn, markRunIn, tell } from './commands.ts';
import { addRun, instanceIn, passTo, runIn, type Stage } from './stage.ts';

/** One of these things happens; false when it could not. */
export function stirUp(stage: Stage, choose: Chooser): boolean {
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
      passTo(stage, stage.simulation.nowMs() + (choose() % 40) * 1_000);
      return true;
    default:
      return bringNews(stage, choose);
  }
}

const MARKS = ['success', 'failed', 'skipped'] as const;

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

/** What waits for news. */
export function waitingOf({ dag }: Stage): readonly Waiting[] {
  const live = dag.runs.filter(({ state }) => state === 'running');
  return live.flatMap((run) =>
    all(run)
      .filter(({ state }) => state === 'deferred' || state === 'awaiting_input')
      .map((instance) => ({ run, instance })),
  );
}

/** One of those that wait hears something; false when none waits. */
export function bringNews(stage: Stage, choose: Chooser): boolean {
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

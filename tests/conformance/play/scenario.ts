// One row of a golden table played on the scheduler: a plan, what happens to its run, and the
// states it must come to.
import {
  type Instance,
  instanceOf,
  instancesOf,
  nameOf,
} from '../../../services/scheduler/core/instance.ts';
import type { Attempt } from '../../../services/scheduler/core/attempt/attempt.ts';
import type { Run } from '../../../services/scheduler/core/run/run.ts';
import { DagRunState, nameOfState } from '../../../services/scheduler/core/state.ts';
import {
  createSimulation,
  type Simulation,
} from '../../../services/scheduler/simulator/simulation.ts';
import type { Choice } from '../oracle/operations.ts';
import type { Ending, News, Plan } from '../oracle/plan.ts';
import { clearIn, type Mark, markIn, markRunIn, pauseIn, tell } from './commands.ts';
import { outcomeOf } from './ending.ts';
import { specOf } from './spec.ts';

/** `failed`, or in full; an object without `as` is a success. */
export type EndingWord = Ending['as'] | Omit<Ending, 'as'>;

/** Which relatives a command means too. */
export type Reach = {
  readonly upstream?: boolean;
  readonly downstream?: boolean;
  readonly only_failed?: boolean;
};

export type Step =
  /** A worker begins an instance. */
  | readonly ['start', string]
  /** The try of an instance ends; it is begun before if it was not. */
  | readonly ['end', string, EndingWord]
  /** An instance hears of what it waits for. */
  | readonly ['tell', string, News]
  /** So many seconds pass. */
  | readonly ['wait', number]
  | readonly ['clear', readonly string[], Reach?]
  | readonly ['mark', Mark, readonly string[], Reach?]
  | readonly ['mark run', 'success' | 'failed']
  /** The DAG is paused, or goes on. */
  | readonly ['pause', boolean]
  /** The states of some instances, in between; `run` is the run's. */
  | readonly ['see', Readonly<Record<string, string>>]
  /** Everything that can begin begins and ends, by `outcomes` or in success, until nothing does. */
  | readonly ['rest'];

export type Row = {
  readonly name: string;
  readonly plan: Plan;
  /** Default: the rest. */
  readonly steps?: readonly Step[];
  /** How tries end in the rest, by instance or task: one ending, or one for each try. */
  readonly outcomes?: Readonly<Record<string, EndingWord | readonly EndingWord[]>>;
  /** States at the end, of all instances that are named so: `task`, or `task[index]`. */
  readonly states: Readonly<Record<string, string>>;
  readonly run: string;
  /** Why the run ended; not looked at when it is not said. */
  readonly reason?: string;
  /** Tries counted by instance, where they are looked at. */
  readonly tries?: Readonly<Record<string, number>>;
  /** Seconds from the beginning of the run to that of a sensor's time, where they are looked at. */
  readonly since_s?: Readonly<Record<string, number>>;
  /** Seconds from the beginning to start and end of instances and the `run`, where looked at. */
  readonly times_s?: Readonly<Record<string, Times>>;
};

/** Null: not begun, not ended. */
type Times = readonly [start: number | null, end: number | null];

/** What a row must come to, and what it came to. */
export type Verdict = Pick<Row, 'states' | 'run' | 'reason' | 'tries' | 'since_s' | 'times_s'>;

const START_MS = Date.UTC(2026, 0, 1);
const STEPS_MAX = 1_000;

type Scene = {
  readonly row: Row;
  readonly simulation: Simulation;
  readonly run: Run;
  readonly held: Map<Instance, Attempt>;
  readonly see: (expected: Row['states'], actual: Row['states']) => void;
};

/** Plays a row; `see` is called with what is said in between. */
export function playRow(row: Row, see: Scene['see']): Verdict {
  const simulation = createSimulation([specWithQueues(row.plan)], { startMs: START_MS });
  const run = simulation.trigger('d');
  const scene: Scene = { row, simulation, run, held: new Map(), see };
  for (const step of row.steps ?? [['rest'] as const]) playStep(scene, step);
  const { reason, tries, since_s, times_s } = row;
  return {
    states: statesOf(run),
    run: runStateOf(run),
    ...(reason === undefined ? {} : { reason: run.stateReason }),
    ...(tries === undefined ? {} : { tries: each(tries, run, ({ tryNumber }) => tryNumber) }),
    ...(since_s === undefined ? {} : { since_s: each(since_s, run, sinceS) }),
    ...(times_s === undefined ? {} : { times_s: timesOf(times_s, run) }),
  };
}

function each(
  asked: Readonly<Record<string, number>>,
  run: Run,
  numberOf: (instance: Instance) => number,
): Readonly<Record<string, number>> {
  const found = Object.keys(asked).map((name) => [name, numberOf(theInstance(run, name))] as const);
  return Object.fromEntries(found);
}

function timesOf(asked: NonNullable<Row['times_s']>, run: Run): NonNullable<Row['times_s']> {
  const found = Object.keys(asked).map((name) => {
    const { startMs, endMs } = name === 'run' ? run : theInstance(run, name);
    return [name, [secondOf(startMs), secondOf(endMs)]] as const;
  });
  return Object.fromEntries(found);
}

function secondOf(ms: number | undefined): number | null {
  return ms === undefined ? null : (ms - START_MS) / 1_000;
}

function sinceS({ waitingSinceMs = Number.NaN }: Instance): number {
  return (waitingSinceMs - START_MS) / 1_000;
}

/** What the row says of its end. */
export function expectedOf({ states, run, reason, tries, since_s, times_s }: Row): Verdict {
  return {
    ...{ states, run },
    ...(reason === undefined ? {} : { reason }),
    ...(tries === undefined ? {} : { tries }),
    ...(since_s === undefined ? {} : { since_s }),
    ...(times_s === undefined ? {} : { times_s }),
  };
}

/** Each task has a queue of its own, so that a step can begin it and no other. */
function specWithQueues(plan: Plan) {
  const spec = specOf('d', plan);
  for (const task of spec.tasks) task.queue = task.taskId;
  return spec;
}

function playStep(scene: Scene, step: Step): void {
  const { simulation, run } = scene;
  switch (step[0]) {
    case 'start':
      return void begin(scene, step[1]);
    case 'end':
      return end(scene, begin(scene, step[1]), step[2]);
    case 'wait':
      return simulation.advanceTo(simulation.nowMs() + step[1] * 1_000);
    case 'see':
      return scene.see(step[1], pick({ ...statesOf(run), run: runStateOf(run) }, step[1]));
    case 'rest':
      return playRest(scene);
    case 'tell':
      return tell(simulation, theInstance(run, step[1]), step[2]);
    case 'pause':
      return pauseIn(simulation, run, step[1]);
    case 'mark run':
      return markRunIn(simulation, run, step[1]);
    case 'mark':
      return markIn(simulation, run, { choice: choiceOf(step[2], step[3]), state: step[1] });
    case 'clear':
      return clearIn(simulation, run, { ...choiceOf(step[1], step[2]), withScope: true });
  }
}

function choiceOf(ids: readonly string[], reach: Reach = {}): Choice {
  const { upstream = false, downstream = false, only_failed = false } = reach;
  return { ids, upstream, downstream, onlyFailed: only_failed, withScope: false };
}

function theInstance(run: Run, name: string): Instance {
  const match = /^(.*)\[(\d+)\]$/.exec(name);
  const index = match === null ? -1 : Number(match[2]);
  const instance = instanceOf(run, match?.[1] ?? name, index);
  if (instance === undefined) throw new Error(`there is no ${name}`);
  return instance;
}

/** The attempt at an instance, leased now if it was not yet. */
function begin({ simulation, run, held }: Scene, name: string): Attempt {
  const instance = theInstance(run, name);
  const known = held.get(instance);
  if (known !== undefined) return known;
  for (;;) {
    const [attempt] = simulation.lease(1, [instance.task.queue]);
    if (attempt === undefined) break;
    held.set(attempt.instance, attempt);
    if (attempt.instance === instance) return attempt;
  }
  throw new Error(`${name} cannot begin: it is ${nameOfState(instance.state)}`);
}

function end({ simulation, held }: Scene, attempt: Attempt, word: EndingWord): void {
  held.delete(attempt.instance);
  simulation.report(attempt, outcomeOf(endingOf(word), simulation.nowMs()));
}

function playRest(scene: Scene): void {
  const { simulation, held, row } = scene;
  for (let step = 0; step < STEPS_MAX; step++) {
    for (const attempt of simulation.lease(1_000)) held.set(attempt.instance, attempt);
    const [attempt] = held.values();
    if (attempt !== undefined) {
      end(scene, attempt, scripted(row, attempt.instance));
      continue;
    }
    const dueMs = simulation.nextDueMs();
    if (dueMs === undefined) return;
    simulation.advanceTo(dueMs);
  }
  throw new Error(`something goes on after ${STEPS_MAX} steps`);
}

function scripted({ outcomes = {} }: Row, instance: Instance): EndingWord {
  const words = outcomes[nameOf(instance)] ?? outcomes[instance.task.taskId] ?? 'success';
  if (!Array.isArray(words)) return words as EndingWord;
  return words[Math.min(instance.tryNumber, words.length) - 1] ?? 'success';
}

/** An ending in full. */
export function endingOf(word: EndingWord): Ending {
  return typeof word === 'string' ? { as: word } : { as: 'success', ...word };
}

function statesOf(run: Run): Row['states'] {
  const states = [...instancesOf(run)].map(
    (instance) => [nameOf(instance), nameOfState(instance.state)] as const,
  );
  return Object.fromEntries(states);
}

function runStateOf({ state }: Run): string {
  return RUN_STATES.get(state) ?? 'unspecified';
}

function pick(all: Row['states'], some: Row['states']): Row['states'] {
  return Object.fromEntries(Object.keys(some).map((name) => [name, all[name] ?? 'absent']));
}

const RUN_STATES: ReadonlyMap<number, string> = new Map(
  Object.entries(DagRunState).map(([name, state]) => [state, name.toLowerCase()]),
);

// One row of a golden table played on the scheduler: a plan, what happens to its run, and the
// states it must come to.
import { clearInstances } from '../../../services/scheduler/core/operation/clear.ts';
import {
  type Instance,
  instanceOf,
  instancesOf,
  nameOf,
} from '../../../services/scheduler/core/instance.ts';
import { markInstances, markRun } from '../../../services/scheduler/core/operation/mark.ts';
import type { Attempt, Run } from '../../../services/scheduler/core/picture.ts';
import { selectInstances } from '../../../services/scheduler/core/operation/selection.ts';
import {
  DagRunState,
  nameOfState,
  TaskInstanceState,
} from '../../../services/scheduler/core/state.ts';
import {
  createSimulation,
  type Simulation,
} from '../../../services/scheduler/simulator/simulation.ts';
import type { Ending, Plan } from '../oracle/plan.ts';
import { outcomeOf } from './ending.ts';
import { type DagMore, specOf } from './spec.ts';

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
  /** So many seconds pass. */
  | readonly ['wait', number]
  | readonly ['clear', readonly string[], Reach?]
  | readonly ['mark', 'success' | 'failed' | 'skipped', readonly string[], Reach?]
  | readonly ['mark run', 'success' | 'failed']
  /** The states of some instances, in between; `run` is the run's. */
  | readonly ['see', Readonly<Record<string, string>>]
  /** Everything that can begin begins and ends, by `outcomes` or in success, until nothing does. */
  | readonly ['rest'];

export type Row = {
  readonly name: string;
  readonly plan: Plan;
  /** Default: the rest. */
  readonly steps?: readonly Step[];
  /** True when it holds only if tries end in the order of the tasks. */
  readonly needsOrder?: boolean;
  /** How tries end in the rest, by instance or task: one ending, or one for each try. */
  readonly outcomes?: Readonly<Record<string, EndingWord | readonly EndingWord[]>>;
  /** States at the end, of all instances that are named so: `task`, or `task[index]`. */
  readonly states: Readonly<Record<string, string>>;
  readonly run: string;
  /** Why the run ended; not looked at when it is not said. */
  readonly reason?: string;
  readonly dagrun_timeout_s?: number;
};

/** What a row must come to, and what it came to. */
export type Verdict = { readonly states: Row['states']; readonly run: string; reason?: string };

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
  const more: DagMore =
    row.dagrun_timeout_s === undefined
      ? {}
      : { dagrunTimeout: { seconds: BigInt(row.dagrun_timeout_s) } };
  const simulation = createSimulation([specWithQueues(row.plan, more)], { startMs: START_MS });
  const run = simulation.trigger('d');
  const scene: Scene = { row, simulation, run, held: new Map(), see };
  for (const step of row.steps ?? [['rest'] as const]) playStep(scene, step);
  const verdict: Verdict = { states: statesOf(run), run: runStateOf(run) };
  return row.reason === undefined ? verdict : { ...verdict, reason: run.stateReason };
}

/** What the row says of its end. */
export function expectedOf({ states, run, reason }: Row): Verdict {
  return reason === undefined ? { states, run } : { states, run, reason };
}

/** Each task has a queue of its own, so that a step can begin it and no other. */
function specWithQueues(plan: Plan, more: DagMore) {
  const spec = specOf('d', plan, more);
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
    case 'mark run': {
      const state = step[1] === 'success' ? DagRunState.SUCCESS : DagRunState.FAILED;
      return simulation.decide((deciding) => markRun(deciding, run, state, 'a person'));
    }
    case 'mark': {
      const instances = selected(run, step[2], step[3], false);
      const state = MARKS[step[1]];
      const mark = { run, instances, state, actor: 'a person' };
      return simulation.decide((deciding, moment) => markInstances(deciding, moment, mark));
    }
    case 'clear': {
      const instances = selected(run, step[1], step[2], true);
      simulation.decide((deciding, moment) => clearInstances(deciding, moment, run, instances));
    }
  }
}

const MARKS = {
  success: TaskInstanceState.SUCCESS,
  failed: TaskInstanceState.FAILED,
  skipped: TaskInstanceState.SKIPPED,
} as const;

function selected(run: Run, taskIds: readonly string[], reach: Reach = {}, addsScope: boolean) {
  const instances = selectInstances(run, {
    taskIds,
    includeUpstream: reach.upstream ?? false,
    includeDownstream: reach.downstream ?? false,
    addsScope,
  });
  const hasFailed = ({ state }: Instance) =>
    state === TaskInstanceState.FAILED || state === TaskInstanceState.UPSTREAM_FAILED;
  return reach.only_failed === true ? instances.filter(hasFailed) : instances;
}

/** The attempt at an instance, leased now if it was not yet. */
function begin({ simulation, run, held }: Scene, name: string): Attempt {
  const match = /^(.*)\[(\d+)\]$/.exec(name);
  const instance = instanceOf(run, match?.[1] ?? name, match === null ? -1 : Number(match[2]));
  const known = instance === undefined ? undefined : held.get(instance);
  if (known !== undefined) return known;
  while (instance !== undefined) {
    const [attempt] = simulation.lease(1, [instance.task.queue]);
    if (attempt === undefined) break;
    held.set(attempt.instance, attempt);
    if (attempt.instance === instance) return attempt;
  }
  throw new Error(`${name} cannot begin: it is ${instance && nameOfState(instance.state)}`);
}

function end({ simulation, held }: Scene, attempt: Attempt, word: EndingWord): void {
  held.delete(attempt.instance);
  simulation.report(attempt, outcomeOf(endingOf(word)));
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

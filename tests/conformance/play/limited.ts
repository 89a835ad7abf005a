// DAGs with narrow limits under a random load: runs, reports, waits, clears, in any order. After
// each step everything that counts is counted again, from the states of the instances alone.
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { PoolStateSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { clearInstances } from '../../../services/scheduler/core/operation/clear.ts';
import { type Instance, instancesOf } from '../../../services/scheduler/core/instance.ts';
import { loadPool } from '../../../services/scheduler/core/load/load.ts';
import type { Attempt } from '../../../services/scheduler/core/attempt/attempt.ts';
import type { Task } from '../../../services/scheduler/core/graph/task.ts';
import type { Run } from '../../../services/scheduler/core/run/run.ts';
import {
  DagRunState,
  isRunFinished,
  TaskAttemptState,
  TaskInstanceState,
} from '../../../services/scheduler/core/state.ts';
import {
  createSimulation,
  type Simulation,
} from '../../../services/scheduler/simulator/simulation.ts';
import type { Plan } from '../oracle/plan.ts';
import type { Chooser } from './chooser.ts';
import { tell } from './commands.ts';
import { openRuns, unexplained, unfinishedIn } from './reasons.ts';
import { specOf, TRIGGER } from './spec.ts';

const DAG_IDS = ['d1', 'd2'];
const POOL = 'narrow';
const RUNS_MAX = 12;
const DRAIN_STEPS_MAX = 20_000;
const WAIT_MS = 5_000;
/** Mappings multiply, and all instances are counted again at each step. */
const MAPPING_MAX = 24;
const KEY = 'k';
const RATE_MS = 12_000;

/** The limits of both DAGs, and of each of their tasks. */
export type Limits = {
  readonly runsMax: number;
  readonly tasksMax: number;
  readonly poolSlots: number;
  /** True: who waits for a trigger keeps its slots. */
  readonly includesDeferred: boolean;
  /** Of a key that some tasks name: at once, and within its period; 0 means no limit. */
  readonly keyMax: number;
  readonly rateMax: number;
  readonly tasks: readonly {
    readonly slots: number;
    readonly perDag: number;
    readonly perRun: number;
    readonly weight: number;
    readonly hasKey: boolean;
  }[];
};

export const anyLimits: fc.Arbitrary<Limits> = fc
  .record({
    runsMax: fc.integer({ min: 1, max: 3 }),
    tasksMax: fc.integer({ min: 1, max: 4 }),
    poolSlots: fc.integer({ min: 1, max: 4 }),
    includesDeferred: fc.boolean(),
    keyMax: fc.nat(2),
    rateMax: fc.nat(3),
    tasks: fc.array(
      fc.record({
        slots: fc.integer({ min: 1, max: 4 }),
        perDag: fc.nat(2),
        perRun: fc.nat(2),
        weight: fc.integer({ min: -2, max: 3 }),
        hasKey: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map((limits) => ({
    ...limits,
    // One that asks for more than the pool has would wait for ever.
    tasks: limits.tasks.map((task) => ({ ...task, slots: Math.min(task.slots, limits.poolSlots) })),
  }));

/** What counts at one instant: how much of what, and the most there may be. */
export type Count = { readonly what: string; readonly count: number; readonly max: number };

/** Plays; `see` gets every count after each step. Throws when something does not come to an end. */
export function playLimited(
  plan: Plan,
  limits: Limits,
  choices: { readonly choose: Chooser; readonly steps: number },
  see: (counts: readonly Count[]) => void,
): void {
  const specs = DAG_IDS.map((dagId) => specWithLimits(dagId, plan, limits));
  const pools = { [POOL]: limits.poolSlots };
  const options = { startMs: 0, pools, mappingMax: MAPPING_MAX };
  const simulation = createSimulation(specs, options);
  const includeDeferred = limits.includesDeferred;
  const pool = { pool: POOL, slots: limits.poolSlots, includeDeferred };
  loadPool(simulation.picture, create(PoolStateSchema, pool));
  const held: Attempt[] = [];
  const begun = new Set<Attempt>();
  const look = () => {
    for (const attempt of held) if (attempt.instance.task.limitKeys.length > 0) begun.add(attempt);
    see([...countsOf(simulation, limits), ...rateCounts(simulation, begun, limits)]);
  };
  for (let step = 0; step < choices.steps; step++) {
    act(simulation, held, choices.choose);
    look();
  }
  for (let step = 0; step < DRAIN_STEPS_MAX; step++) {
    if (!drain(simulation, held)) break;
    look();
  }
  checkEnd(simulation);
}

/** Only those go on that are not given up for a limit, and those that wait for their turn. */
function checkEnd(simulation: Simulation): void {
  const open = openRuns(simulation);
  const spared = open.filter((run) => unfinishedIn(run).some(({ task }) => hasOwnLimit(task)));
  for (const { dag, runId, state } of open) {
    const isInTurn = state === DagRunState.QUEUED && spared.some((run) => run.dag === dag);
    if (isInTurn || spared.some((run) => run.dag === dag && run.runId === runId)) continue;
    throw new Error(`run "${runId}" has not come to an end`);
  }
  const silent = unexplained(simulation);
  if (silent.length > 0) throw new Error(`nothing says why they wait: ${silent.join(', ')}`);
}

function hasOwnLimit({ activeTisPerDagMax, activeTisPerDagrunMax }: Task): boolean {
  return activeTisPerDagMax > 0 || activeTisPerDagrunMax > 0;
}

function specWithLimits(dagId: string, plan: Plan, limits: Limits) {
  const spec = specOf(dagId, plan, {
    activeRunsMax: limits.runsMax,
    activeTasksMax: limits.tasksMax,
    keyLimits: [{ key: KEY, activeMax: limits.keyMax, ...rateOf(limits) }],
  });
  for (const [at, task] of spec.tasks.entries()) {
    const limit = limits.tasks[at % limits.tasks.length];
    if (limit === undefined) continue;
    task.pool = POOL;
    task.poolSlots = limit.slots;
    task.activeTisPerDagMax = limit.perDag;
    task.activeTisPerDagrunMax = limit.perRun;
    task.priorityWeight = limit.weight;
    if (limit.hasKey) task.limitKeys.push(KEY);
  }
  return spec;
}

function rateOf({ rateMax }: Limits) {
  return rateMax === 0 ? {} : { rateCount: rateMax, ratePeriod: toDuration(RATE_MS) };
}

/** What workers began within the last period, save what they gave back. */
function rateCounts(
  simulation: Simulation,
  begun: ReadonlySet<Attempt>,
  { rateMax }: Limits,
): readonly Count[] {
  if (rateMax === 0) return [];
  const fromMs = simulation.nowMs() - RATE_MS;
  const counted = [...begun].filter(
    ({ startMs, state }) => startMs > fromMs && state !== TaskAttemptState.REJECTED,
  );
  return DAG_IDS.map((dagId) => ({
    what: `begun of the key of ${dagId}`,
    count: counted.filter(({ instance }) => instance.run.dag.dagId === dagId).length,
    max: rateMax,
  }));
}

function act(simulation: Simulation, held: Attempt[], choose: Chooser): void {
  switch (choose() % 8) {
    case 0:
    case 1: {
      const dagId = DAG_IDS[choose() % DAG_IDS.length] ?? '';
      if (simulation.runs().length < RUNS_MAX) simulation.trigger(dagId);
      return;
    }
    case 2:
    case 3:
      return void held.push(...simulation.lease(1 + (choose() % 4)));
    case 4:
      return clearSome(simulation, choose);
    case 5:
      fireOne(simulation);
      return simulation.advanceTo(simulation.nowMs() + WAIT_MS);
    default: {
      const [attempt] = held.splice(choose() % Math.max(held.length, 1), 1);
      if (attempt !== undefined) report(simulation, attempt, choose());
    }
  }
}

function report(simulation: Simulation, attempt: Attempt, choice: number): void {
  const ends = [
    ...[AttemptEnd.SUCCESS, AttemptEnd.SUCCESS, AttemptEnd.SUCCESS, AttemptEnd.FAILED],
    ...[AttemptEnd.SKIPPED, AttemptEnd.REJECTED, AttemptEnd.LOST, AttemptEnd.RESCHEDULED],
    AttemptEnd.DEFERRED,
  ];
  const end = ends[choice % ends.length] ?? AttemptEnd.SUCCESS;
  const rescheduleAt = toTimestamp(simulation.nowMs() + WAIT_MS);
  const more = end === AttemptEnd.RESCHEDULED ? { rescheduleAt } : {};
  const defer = end === AttemptEnd.DEFERRED ? { defer: { trigger: TRIGGER } } : {};
  simulation.report(attempt, { end, mapLength: choice % 3, ...more, ...defer });
}

function clearSome(simulation: Simulation, choose: Chooser): void {
  const runs = simulation.runs();
  const run = runs[choose() % Math.max(runs.length, 1)];
  if (run === undefined) return;
  const instances = [...instancesOf(run)].filter(() => choose() % 3 === 0);
  if (instances.length === 0) return;
  simulation.decide((deciding, moment) => clearInstances(deciding, moment, run, instances));
}

/** What one of those that wait for a trigger waits for happens; false when none waits. */
function fireOne(simulation: Simulation): boolean {
  const live = simulation.runs().filter(({ state }) => !isRunFinished(state));
  const waiting = live
    .flatMap((run) => [...instancesOf(run)])
    .find(({ state }) => state === TaskInstanceState.DEFERRED);
  if (waiting === undefined) return false;
  tell(simulation, waiting, 'event');
  return true;
}

/** One step towards the end of everything; false when nothing is left to do. */
function drain(simulation: Simulation, held: Attempt[]): boolean {
  held.push(...simulation.lease(100));
  const attempt = held.pop();
  if (attempt !== undefined) {
    simulation.report(attempt, { end: AttemptEnd.SUCCESS, mapLength: 1 });
    return true;
  }
  if (fireOne(simulation)) return true;
  const dueMs = simulation.nextDueMs();
  if (dueMs === undefined) return false;
  simulation.advanceTo(Math.max(dueMs, simulation.nowMs()));
  return true;
}

const ACTIVE = new Set<TaskInstanceState>([
  TaskInstanceState.QUEUED,
  TaskInstanceState.RUNNING,
  TaskInstanceState.RESTARTING,
]);

function countsOf(simulation: Simulation, limits: Limits): readonly Count[] {
  const runs = simulation.runs();
  const active = runs.flatMap((run) =>
    [...instancesOf(run)].filter(({ state }) => ACTIVE.has(state)),
  );
  const waiting = runs
    .flatMap((run) => [...instancesOf(run)])
    .filter(({ state }) => limits.includesDeferred && state === TaskInstanceState.DEFERRED);
  const slots = [...active, ...waiting].reduce((sum, { task }) => sum + task.poolSlots, 0);
  return [
    { what: 'slots of the pool', count: slots, max: limits.poolSlots },
    ...grouped(
      active.filter(({ task }) => task.limitKeys.length > 0),
      ({ run }) => run.dag.dagId,
      () => limits.keyMax,
      'instances of the key of',
    ),
    ...DAG_IDS.map((dagId) => runsCount(runs, dagId, limits.runsMax)),
    ...grouped(
      active,
      ({ run }) => run.id,
      () => limits.tasksMax,
      'active tasks of run',
    ),
    ...grouped(
      active,
      ({ run, task }) => `${run.dag.dagId} ${task.taskId}`,
      ({ task }) => task.activeTisPerDagMax,
      'instances over all runs of',
    ),
    ...grouped(
      active,
      ({ run, task }) => `${run.id} ${task.taskId}`,
      ({ task }) => task.activeTisPerDagrunMax,
      'instances in one run of',
    ),
  ];
}

function runsCount(runs: readonly Run[], dagId: string, max: number): Count {
  const running = runs.filter(
    ({ dag, state }) => dag.dagId === dagId && state === DagRunState.RUNNING,
  );
  return { what: `running runs of ${dagId}`, count: running.length, max };
}

function grouped(
  instances: readonly Instance[],
  keyOf: (instance: Instance) => string,
  maxOf: (instance: Instance) => number,
  what: string,
): readonly Count[] {
  return [...Map.groupBy(instances, keyOf)].flatMap(([key, members]) => {
    const [first] = members;
    const max = first === undefined ? 0 : maxOf(first);
    // A limit of 0 is none.
    return max === 0 ? [] : [{ what: `${what} ${key}`, count: members.length, max }];
  });
}

// What the scheduler and the oracle live through together: one DAG's runs on both sides, and what
// workers hold of them.
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type Instance, instanceOf } from '../../../services/scheduler/core/instance.ts';
import type { Attempt } from '../../../services/scheduler/core/attempt/attempt.ts';
import type { Run } from '../../../services/scheduler/core/run/run.ts';
import {
  createSimulation,
  type Simulation,
} from '../../../services/scheduler/simulator/simulation.ts';
import { extendLeases, sweepAttempts } from '../../../services/scheduler/core/sweep.ts';
import { passTime, tellAnew } from '../oracle/events.ts';
import { nameOf } from '../oracle/orders.ts';
import type { Plan } from '../oracle/plan.ts';
import {
  beginRun,
  type Instance as OracleInstance,
  type OracleDag,
  type OracleRun,
} from '../oracle/run.ts';
import { runIdOf } from './facts.ts';
import { specOf } from './spec.ts';

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
/** Of more in a row for one instance the scheduler has its own thoughts. */
const REJECTIONS_MAX = 8;

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

/** Another run begins, on both sides. */
export function addRun({ dag, plan, simulation }: Stage, day: number, isManual: boolean): void {
  const logicalDateMs = START_MS + day * DAY_MS;
  simulation.trigger('d', {
    ...{ runId: runIdOf(day), logicalDateMs },
    ...{ intervalStartMs: logicalDateMs, intervalEndMs: logicalDateMs },
    runType: isManual ? RunType.MANUAL : RunType.SCHEDULED,
  });
  beginRun(plan, { dag, day, isManual });
}

/** Time passes on both sides. */
export function passTo({ dag, simulation }: Stage, untilMs: number): void {
  for (let atMs = nextOverstayMs(simulation); atMs <= untilMs; atMs = nextOverstayMs(simulation)) {
    simulation.advanceTo(atMs);
    simulation.decide((deciding, moment) => {
      extendLeases(deciding.picture, moment.monotonicMs);
      sweepAttempts(deciding, moment);
    });
  }
  simulation.advanceTo(untilMs);
  passTime(dag, untilMs);
}

/** When the first attempt has overstayed that its worker has not ended; infinite for never. */
function nextOverstayMs({ picture }: Simulation): number {
  return Math.min(...[...picture.attempts.values()].map(({ timeoutAtMs }) => timeoutAtMs + 1));
}

/** Another scheduler goes on, from what was committed. */
export function takeOver(stage: Stage): void {
  stage.history = [...stage.history, ...stage.simulation.commits];
  stage.simulation = createSimulation([specOf('d', stage.plan)], {
    startMs: stage.simulation.nowMs(),
    history: stage.history,
  });
  const { attempts } = stage.simulation.picture;
  tellAnew(stage.dag);
  stage.held = stage.held.map((each) => ({
    ...each,
    attempt: attempts.get(each.attempt.attemptId) ?? each.attempt,
  }));
}

/** The scheduler's run. */
export function runIn(simulation: Simulation, { day }: OracleRun): Run {
  const run = simulation.runs().find(({ runId }) => runId === runIdOf(day));
  if (run === undefined) throw new Error(`the scheduler has no run ${runIdOf(day)}`);
  return run;
}

/** The scheduler's instance. */
export function instanceIn(
  simulation: Simulation,
  run: OracleRun,
  { task, index }: OracleInstance,
) {
  const instance: Instance | undefined = instanceOf(runIn(simulation, run), task, index);
  if (instance === undefined) throw new Error(`the scheduler has no ${nameOf(task, index)}`);
  return instance;
}

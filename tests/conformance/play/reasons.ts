// Nothing waits without a reason that people can read.
import { explain } from '../../../services/scheduler/core/explain/explain.ts';
import { type Instance, instancesOf, nameOf } from '../../../services/scheduler/core/instance.ts';
import type { Run } from '../../../services/scheduler/core/run/run.ts';
import { isFinished, isRunFinished } from '../../../services/scheduler/core/state.ts';
import type { Simulation } from '../../../services/scheduler/simulator/simulation.ts';

/** What waits in a simulation though nobody could say why, by run and name. */
export function unexplained(simulation: Simulation): readonly string[] {
  const nowMs = simulation.nowMs();
  const moment = { nowMs, monotonicMs: nowMs };
  return openRuns(simulation).flatMap((run) =>
    unfinishedIn(run)
      .filter((instance) => instance.attempt === undefined)
      .filter((instance) => {
        const { task } = instance;
        return explain(simulation.picture, moment, { run, task, instance }).blockers.length === 0;
      })
      .map((instance) => `${run.runId} ${nameOf(instance)}`),
  );
}

/** Runs that have not come to an end. */
export function openRuns(simulation: Simulation): readonly Run[] {
  return simulation.runs().filter(({ state }) => !isRunFinished(state));
}

/** Instances of a run that have not. */
export function unfinishedIn(run: Run): readonly Instance[] {
  return [...instancesOf(run)].filter(({ state }) => !isFinished(state));
}

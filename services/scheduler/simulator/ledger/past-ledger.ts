// What the ledger would tell about the run before another, from the runs of a simulation.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { advance } from '../../core/advance.ts';
import { lookAt } from '../../core/graph/relevant.ts';
import type { Run } from '../../core/run/run.ts';
import { instancesOf } from '../../core/instance.ts';
import { countsOnlyScheduled, type RunPast, tasksAskedAbout } from '../../core/past/past.ts';
import { isRunFinished } from '../../core/state.ts';
import type { Simulation } from '../simulation.ts';

/** Tells the runs that ask what came before them, until nobody asks any more. */
export function answerPast(simulation: Simulation, runs: readonly Run[]): void {
  const { pastWanted } = simulation.picture;
  while (pastWanted.size > 0) {
    const asking = [...pastWanted];
    pastWanted.clear();
    simulation.decide((deciding) => {
      for (const run of asking) {
        run.past ??= pastOf(run, runs);
        if (!isRunFinished(run.state)) advance(deciding, run, run.nodes.map(lookAt));
      }
    });
  }
}

function pastOf(run: Run, runs: readonly Run[]): RunPast {
  const earlier = runs
    .filter((other) => isBefore(other, run))
    .toSorted((a, b) => (b.logicalDateMs ?? 0) - (a.logicalDateMs ?? 0));
  const asked = new Set(tasksAskedAbout(run));
  const withPast = earlier.flatMap((other) =>
    [...instancesOf(other)].map(({ task }) => task.taskId).filter((taskId) => asked.has(taskId)),
  );
  const [before] = earlier;
  if (before?.logicalDateMs === undefined) {
    return { before: undefined, tasksWithPast: new Set(withPast) };
  }
  const states = new Map(
    [...asked].map((taskId) => {
      const instances = [...instancesOf(before)].filter(({ task }) => task.taskId === taskId);
      return [taskId, instances.map(({ state }) => state)] as const;
    }),
  );
  const { runId, logicalDateMs } = before;
  return { before: { runId, logicalDateMs, states }, tasksWithPast: new Set(withPast) };
}

function isBefore(other: Run, run: Run): boolean {
  if (other.dag !== run.dag || other.logicalDateMs === undefined) return false;
  if (run.logicalDateMs === undefined || other.logicalDateMs >= run.logicalDateMs) return false;
  if (other.runType === RunType.CALLBACK) return false;
  return !countsOnlyScheduled(run) || other.runType !== RunType.MANUAL;
}

// Runs of a simulation that are over, for SLAs that fall due: what a scheduler reads again.
import { missSlas } from '../../core/alert/sla.ts';
import type { Run } from '../../core/run/run.ts';
import type { Simulation } from '../simulation.ts';

/** Tells of the runs that are over what they have missed by now. */
export function answerSlas(simulation: Simulation, runs: readonly Run[]): void {
  const { slasWanted } = simulation.picture;
  const asking = [...slasWanted].filter((wanted) => 'kind' in wanted);
  slasWanted.clear();
  if (asking.length === 0) return;
  simulation.decide((deciding, moment) => {
    for (const watch of asking) {
      const run = runs.find(({ dag, runId }) => dag === watch.dag && runId === watch.runId);
      if (run !== undefined) missSlas(deciding, moment, run, watch);
    }
  });
}

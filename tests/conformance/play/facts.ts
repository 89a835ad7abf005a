// What the scheduler and the oracle hold to be true, in the same words.
import { instancesOf } from '../../../services/scheduler/core/instance.ts';
import type { Run } from '../../../services/scheduler/core/run/run.ts';
import { DagRunState, isRunFinished, nameOfState } from '../../../services/scheduler/core/state.ts';
import type { Simulation } from '../../../services/scheduler/simulator/simulation.ts';
import { nameOf } from '../oracle/orders.ts';
import { all, type OracleDag } from '../oracle/run.ts';

/** The state of each instance that is not `none`, of each run, and why it failed. */
export type Facts = Readonly<Record<string, string>>;

/** What the scheduler holds to be true. */
export function factsOf(simulation: Simulation): Facts {
  const facts: Record<string, string> = {};
  for (const run of simulation.runs()) {
    for (const { task, mapIndex, state } of instancesOf(run)) {
      const name = nameOfState(state);
      const isReady = name === 'scheduled' || name === 'queued';
      if (name === 'none') continue;
      facts[`${run.runId} ${nameOf(task.taskId, mapIndex)}`] = isReady ? 'ready' : name;
    }
    facts[run.runId] = isRunFinished(run.state) ? wordFor(run) : 'running';
  }
  return facts;
}

/** Why a run has succeeded is of no interest. */
function wordFor({ state, stateReason }: Run): string {
  if (state === DagRunState.SUCCESS) return 'success';
  return `failed: ${stateReason.startsWith('set by') ? 'set' : stateReason}`;
}

/** What the oracle holds to be true. */
export function factsOfOracle({ runs }: OracleDag): Facts {
  const facts: Record<string, string> = {};
  for (const run of runs) {
    const runId = runIdOf(run.day);
    for (const { task, index, state } of all(run)) {
      if (state !== 'none') facts[`${runId} ${nameOf(task, index)}`] = state;
    }
    facts[runId] = run.state === 'failed' ? `failed: ${run.reason}` : run.state;
  }
  return facts;
}

/** Runs are named by their day. */
export function runIdOf(day: number): string {
  return `day ${day}`;
}

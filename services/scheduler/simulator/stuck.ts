// Why a simulation does not go on: every unfinished task instance with what holds it back.
import { explain } from '../core/explain/explain.ts';
import { type Instance, instancesOf, nameOf } from '../core/instance.ts';
import type { Run } from '../core/run/run.ts';
import { isFinished, isRunFinished, TaskInstanceState } from '../core/state.ts';
import type { Simulation } from './simulation.ts';

/** Instances that are told of; the rest is counted. */
const TOLD_MAX = 5;

/** The unfinished instances of a run by name, each with a sentence about what it waits for. */
export function waitsOf(simulation: Simulation, run: Run): Readonly<Record<string, string>> {
  if (isRunFinished(run.state)) return {};
  const waiting = [...instancesOf(run)].filter(({ state }) => !isFinished(state));
  return Object.fromEntries(
    waiting.map((instance) => [nameOf(instance), whyWaiting(simulation, instance)]),
  );
}

/** Why an instance waits, in a sentence that says what to do. */
export function whyWaiting(simulation: Simulation, instance: Instance): string {
  const { run, task, state } = instance;
  const name = nameOf(instance);
  if (state === TaskInstanceState.DEFERRED && instance.wait?.trigger?.kind.case !== 'timer') {
    const kind = instance.wait?.trigger?.kind.case ?? 'unknown';
    const how = `only timers fire by themselves in a test: fire("${name}")`;
    return `"${name}" waits for its trigger (${kind}), and ${how} ends its wait`;
  }
  if (state === TaskInstanceState.AWAITING_INPUT) {
    const subject = instance.wait?.humanInput?.subject ?? '';
    return `"${name}" waits for an answer to "${subject}": respond("${name}") gives one`;
  }
  const nowMs = simulation.nowMs();
  const moment = { nowMs, monotonicMs: nowMs };
  return explain(simulation.picture, moment, { run, task, instance }).summary;
}

/** What holds up the simulation as a whole, in a sentence. */
export function stuckWords(simulation: Simulation): string {
  const told = simulation
    .runs()
    .flatMap((run) =>
      Object.values(waitsOf(simulation, run)).map(
        (words) => `${words} (run ${run.runId} of ${run.dag.dagId})`,
      ),
    );
  if (told.length === 0) return 'runs are made without end';
  const more = told.length > TOLD_MAX ? ` and ${told.length - TOLD_MAX} more` : '';
  return `${told.slice(0, TOLD_MAX).join('; ')}${more}`;
}

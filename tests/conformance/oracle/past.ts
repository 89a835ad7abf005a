// The run before: depends_on_past and wait_for_downstream.
import type { OracleRun } from './run.ts';
import { below, taskIn } from './shape.ts';

/** True when the run before lets a task run. */
export function isPastMet(run: OracleRun, task: string): boolean {
  const { past } = taskIn(run.plan, task);
  if (past === undefined) return true;
  const before = runBefore(run);
  if (before === undefined) return true;
  const asked = past === 'downstream' ? [task, ...below(run.plan, task)] : [task];
  return asked.every((id) =>
    before.instances.get(id)?.every(({ state }) => state === 'success' || state === 'skipped'),
  );
}

/** By date the latest of those before it; with catchup, runs by hand are none. */
function runBefore(run: OracleRun): OracleRun | undefined {
  return run.dag.runs
    .filter(({ day, isManual }) => day < run.day && !(run.plan.catchup === true && isManual))
    .toSorted((a, b) => b.day - a.day)[0];
}

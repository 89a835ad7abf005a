// What people and the world do to runs in a simulation: clear, mark, answer, fire.
import { answer } from '../../../services/scheduler/core/wait/human-input.ts';
import { fire } from '../../../services/scheduler/core/wait/wait-end.ts';
import { clearInstances } from '../../../services/scheduler/core/operation/clear.ts';
import type { Instance } from '../../../services/scheduler/core/instance.ts';
import { markInstances, markRun } from '../../../services/scheduler/core/operation/mark.ts';
import { pauseDag } from '../../../services/scheduler/core/operation/pause.ts';
import type { Run } from '../../../services/scheduler/core/run/run.ts';
import { selectInstances } from '../../../services/scheduler/core/operation/selection.ts';
import { DagRunState, TaskInstanceState } from '../../../services/scheduler/core/state.ts';
import type { Simulation } from '../../../services/scheduler/simulator/simulation.ts';
import type { Choice } from '../oracle/operations.ts';
import type { News } from '../oracle/plan.ts';

const ACTOR = 'a person';

/** States that people set. */
export type Mark = 'success' | 'failed' | 'skipped';

const MARKS = {
  success: TaskInstanceState.SUCCESS,
  failed: TaskInstanceState.FAILED,
  skipped: TaskInstanceState.SKIPPED,
} as const;

/** Clears what is chosen. */
export function clearIn(simulation: Simulation, run: Run, choice: Choice): void {
  const instances = selected(run, choice);
  simulation.decide((deciding, moment) => clearInstances(deciding, moment, run, instances));
}

/** Marks what is chosen. */
export function markIn(
  simulation: Simulation,
  run: Run,
  { choice, state }: { readonly choice: Choice; readonly state: Mark },
): void {
  const mark = { run, instances: selected(run, choice), state: MARKS[state], actor: ACTOR };
  simulation.decide((deciding, moment) => markInstances(deciding, moment, mark));
}

/** Marks a run. */
export function markRunIn(simulation: Simulation, run: Run, state: 'success' | 'failed'): void {
  const wanted = state === 'success' ? DagRunState.SUCCESS : DagRunState.FAILED;
  simulation.decide((deciding) => markRun(deciding, run, wanted, ACTOR));
}

/** Pauses the DAG of a run, or lets it go on. */
export function pauseIn(simulation: Simulation, { dag }: Run, isPaused: boolean): void {
  simulation.decide((deciding, moment) =>
    pauseDag(deciding, moment, dag, { isPaused, actor: ACTOR }),
  );
}

/** Tells an instance what it waits for. */
export function tell(simulation: Simulation, instance: Instance, news: News): void {
  simulation.decide((deciding) => {
    if (news === 'yes' || news === 'no') {
      const chosenOptions = [news === 'yes' ? 'Approve' : 'Reject'];
      return answer(deciding, instance, { chosenOptions, respondedBy: ACTOR });
    }
    const error = news === 'error' ? 'it broke' : '';
    fire(deciding, instance, { eventJson: 'null', error, isSkip: news === 'skip' });
  });
}

function selected(run: Run, choice: Choice): readonly Instance[] {
  const instances = selectInstances(run, {
    taskIds: choice.ids,
    includeUpstream: choice.upstream,
    includeDownstream: choice.downstream,
    addsScope: choice.withScope,
  });
  return choice.onlyFailed === true ? instances.filter(hasFailed) : instances;
}

function hasFailed({ state }: Instance): boolean {
  return state === TaskInstanceState.FAILED || state === TaskInstanceState.UPSTREAM_FAILED;
}

// Tasks that look at the run before: two runs of a DAG, one day apart.
import { describe, expect, it } from 'vitest';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { advance } from '../../services/scheduler/core/advance.ts';
import { lookAt } from '../../services/scheduler/core/graph/relevant.ts';
import type { Run } from '../../services/scheduler/core/run/run.ts';
import { settle } from '../../services/scheduler/core/transition.ts';
import { instanceOf } from '../../services/scheduler/core/instance.ts';
import { nameOfState, TaskInstanceState } from '../../services/scheduler/core/state.ts';
import {
  createSimulation,
  type Simulation,
} from '../../services/scheduler/simulator/simulation.ts';
import type { Plan } from './oracle/plan.ts';
import { outcomeOf } from './play/ending.ts';
import { specOf } from './play/spec.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  readonly task: {
    readonly depends_on_past?: boolean;
    readonly wait_for_downstream?: boolean;
    readonly wait_for_past_depends_before_skipping?: boolean;
  };
  /** States in the run before, of `a`, `below` and `further` down; null without such a run. */
  readonly before: Readonly<Record<string, string>> | null;
  readonly before_run_type: 'scheduled' | 'manual';
  /** How the task above ends in the second run. */
  readonly upstream: 'success' | 'failed' | 'skipped';
  readonly catchup: boolean;
  readonly task_start: string | null;
  /** The second run's place in a backfill; 0 when it is in none. */
  readonly backfill_ordinal: number;
  /** What becomes of `a` in the second run. */
  readonly state: string;
};

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2026, 0, 1);
const PLAN: Plan = {
  tasks: {
    up: {},
    a: { after: ['up'], retries: 1 },
    below: { after: ['a'] },
    further: { after: ['below'] },
  },
};

describe.each(tablesOf<Row>('depends-on-past'))('$title', ({ rows }) => {
  it.each([...rows])('$name', (row) => {
    const spec = specOf('d', PLAN, { catchup: row.catchup });
    for (const task of spec.tasks) {
      if (task.taskId !== 'a') continue;
      task.dependsOnPast = row.task.depends_on_past ?? false;
      task.waitForDownstream = row.task.wait_for_downstream ?? false;
      task.waitForPastDependsBeforeSkipping =
        row.task.wait_for_past_depends_before_skipping ?? false;
      if (row.task_start !== null) task.startDate = toTimestamp(Date.parse(row.task_start));
    }
    const simulation = createSimulation([spec], { startMs: FIRST_MS + 5 * DAY_MS });
    if (row.before !== null) {
      const type = row.before_run_type === 'manual' ? RunType.MANUAL : RunType.SCHEDULED;
      const first = runAt(simulation, 0, { runType: type });
      for (const [taskId, state] of Object.entries(row.before))
        bring(simulation, first, taskId, state);
    }
    const part = row.backfill_ordinal === 0 ? {} : { backfillId: 'b' };
    const second = runAt(simulation, 1, {
      runType: RunType.SCHEDULED,
      ...part,
      backfillOrdinal: row.backfill_ordinal,
    });
    const attempt = simulation.lease(9).find(({ instance }) => instance.run === second);
    if (attempt === undefined) throw new Error('nothing of the second run could be leased');
    simulation.report(attempt, outcomeOf({ as: row.upstream }, simulation.nowMs()));
    expect(nameOfState(instanceOf(second, 'a')?.state ?? 0)).toBe(row.state);
  });
});

function runAt(simulation: Simulation, day: number, more: object): Run {
  const logicalDateMs = FIRST_MS + day * DAY_MS;
  const interval = { intervalStartMs: logicalDateMs, intervalEndMs: logicalDateMs };
  return simulation.trigger('d', { logicalDateMs, ...interval, ...more });
}

/** Brings a task of the first run to a state. */
function bring(simulation: Simulation, run: Run, taskId: string, state: string): void {
  const instance = instanceOf(run, taskId);
  if (instance === undefined || state === 'none') return;
  const live = ['queued', 'running', 'up_for_retry'];
  if (live.includes(state)) {
    const [up] = simulation.lease(1);
    if (up !== undefined) simulation.report(up, outcomeOf({ as: 'success' }, simulation.nowMs()));
    const [own] = state === 'queued' ? [] : simulation.lease(1);
    if (own !== undefined && state !== 'running') {
      simulation.report(own, outcomeOf({ as: 'failed' }, simulation.nowMs()));
    }
    expect(nameOfState(instance.state)).toBe(state);
    return;
  }
  simulation.decide((deciding) => {
    settle(deciding, instance, TaskInstanceState[state.toUpperCase() as 'SUCCESS']);
    advance(deciding, run, run.nodes.map(lookAt));
  });
}

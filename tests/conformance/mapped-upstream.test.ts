// What a mapping needs decides before it is expanded: a mapped task, or a task of a mapped group,
// below two tasks in any states.
import { describe, expect, it } from 'vitest';
import { advance } from '../../services/scheduler/core/advance.ts';
import { lookAt } from '../../services/scheduler/core/graph/relevant.ts';
import { judgeSources } from '../../services/scheduler/core/graph/verdict.ts';
import type { Run } from '../../services/scheduler/core/run/run.ts';
import { settle } from '../../services/scheduler/core/transition.ts';
import { instanceOf } from '../../services/scheduler/core/instance.ts';
import { nameOfState, TaskInstanceState } from '../../services/scheduler/core/state.ts';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';
import type { Plan } from './oracle/plan.ts';
import { specOf } from './play/spec.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  /** Whether the task itself is mapped, or the group it is in. */
  readonly mapped: 'task' | 'group';
  readonly upstream: readonly string[];
  readonly state: string;
  /** True when it may not be expanded. */
  readonly is_held: boolean;
};

/** An instance that has finished: nobody asks about it, but the answer would be Airflow's. */
type OwnRow = Pick<Row, 'name' | 'mapped' | 'upstream'> & {
  readonly own: string;
  /** What its mapping says, whatever it is itself; null when that is left to its rule. */
  readonly judged: 'skip' | 'fail' | 'wait' | null;
  /** What Airflow's dependency would make of it. */
  readonly state: string;
};

// A rule that waits for nothing: what holds the task back is its mapping alone.
const upstream = { u1: {}, u2: {} };
const m = { after: ['u1', 'u2'], rule: 'all_done' } as const;
const PLANS: Readonly<Record<Row['mapped'], Plan>> = {
  task: { tasks: { ...upstream, m: { ...m, over: ['u1', 'u2'] } } },
  group: {
    tasks: { ...upstream, m: { ...m, group: 'g' } },
    groups: { g: { over: ['u1', 'u2'] } },
  },
};

describe.each(tablesOf<Row>('mapped-upstream'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ mapped, upstream: states, state, is_held }) => {
    const run = runWith(mapped, { u1: states[0], u2: states[1] });
    const below = run.nodes[2]?.instances ?? [];
    expect(below.map((each) => nameOfState(each.state))).toEqual([state]);
    // The rule is met as soon as both are done: only the mapping can hold it back then.
    if (state === 'none' && !states.includes('none'))
      expect(below[0]?.mapIndex).toBe(is_held ? -1 : 0);
  });
});

describe.each(tablesOf<OwnRow>('mapped-upstream-own'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ mapped, own, upstream: states, judged, state }) => {
    const run = runWith(mapped, { m: own, u1: states[0], u2: states[1] });
    const [, , node] = run.nodes;
    expect(node?.instances.map((each) => nameOfState(each.state))).toEqual([own]);
    const verdict = node === undefined ? undefined : judgeSources(node);
    expect(verdict ?? null).toBe(judged);
    expect(overwritten(own, judged)).toBe(state);
  });
});

/** What has failed stays so; what was skipped or removed takes the new state. */
function overwritten(own: string, judged: OwnRow['judged']): string {
  if (own.endsWith('failed')) return own;
  if (judged === 'fail') return 'upstream_failed';
  return judged === 'skip' ? 'skipped' : own;
}

/** A run in which some tasks have come to these states, one after the other. */
function runWith(mapped: Row['mapped'], states: Readonly<Record<string, string | undefined>>): Run {
  const simulation = createSimulation([specOf('d', PLANS[mapped])], { startMs: 0 });
  const run = simulation.trigger('d');
  simulation.decide((deciding) => {
    for (const [taskId, name = 'none'] of Object.entries(states)) {
      const instance = instanceOf(run, taskId);
      if (name === 'none' || instance === undefined) continue;
      settle(deciding, instance, TaskInstanceState[name.toUpperCase() as 'SUCCESS']);
    }
    advance(deciding, run, run.nodes.map(lookAt));
  });
  return run;
}

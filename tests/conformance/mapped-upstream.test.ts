// What a mapping needs decides before it is expanded: a mapped task, or a task of a mapped group,
// below two tasks in any states.
import { describe, expect, it } from 'vitest';
import { advance } from '../../services/scheduler/core/advance.ts';
import { lookAt } from '../../services/scheduler/core/graph/relevant.ts';
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
    const simulation = createSimulation([specOf('d', PLANS[mapped])], { startMs: 0 });
    const run = simulation.trigger('d');
    simulation.decide((deciding) => {
      for (const [at, name] of states.entries()) {
        const instance = instanceOf(run, `u${at + 1}`);
        if (name === 'none' || instance === undefined) continue;
        settle(deciding, instance, TaskInstanceState[name.toUpperCase() as 'SUCCESS']);
      }
      advance(deciding, run, run.nodes.map(lookAt));
    });
    const below = run.nodes[2]?.instances ?? [];
    expect(below.map((each) => nameOfState(each.state))).toEqual([state]);
    // The rule is met as soon as both are done: only the mapping can hold it back then.
    if (state === 'none' && !states.includes('none'))
      expect(below[0]?.mapIndex).toBe(is_held ? -1 : 0);
  });
});

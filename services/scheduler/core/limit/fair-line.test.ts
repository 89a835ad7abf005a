// DAGs that wait for the same pool take turns by weight; priority and waiting come first.
import { expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { createSimulation, type DagInit, type Simulation } from '../../simulator/simulation.ts';

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const weightRule = WeightRule.ABSOLUTE;

/** A DAG of tasks beside each other. */
function wide(dagId: string, count: number, more: Partial<DagInit> = {}, priorityWeight = 1) {
  const tasks = Array.from({ length: count }, (_, at) => ({
    taskId: `t${at}`,
    priorityWeight,
    weightRule,
  }));
  return { dagId, activeTasksMax: 1_000, tasks, ...more } as DagInit;
}

/** Leases and ends one attempt after the other; answers the DAGs in the order of their turns. */
function turns(simulation: Simulation, count: number): string {
  const served: string[] = [];
  for (let turn = 0; turn < count; turn++) {
    const [attempt] = simulation.lease(1);
    if (attempt === undefined) break;
    served.push(attempt.instance.run.dag.dagId);
    simulation.report(attempt, { end: AttemptEnd.SUCCESS });
  }
  return served.join('');
}

const inPoolOf = (slots: number, ...specs: readonly DagInit[]) =>
  createSimulation(specs, { startMs: START_MS, pools: { default_pool: slots } });

test('two DAGs that want the same slots alternate', () => {
  const simulation = inPoolOf(1, wide('a', 20), wide('b', 20));
  simulation.trigger('a');
  simulation.trigger('b');
  expect(turns(simulation, 8)).toBe('abababab');
});

test('a DAG gets slots in proportion to its weight', () => {
  const simulation = inPoolOf(1, wide('a', 100), wide('b', 100, { fairShareWeight: 3 }));
  simulation.trigger('a');
  simulation.trigger('b');
  const served = turns(simulation, 81).slice(1).replaceAll('a', '').length;
  expect(Math.abs(served - 60)).toBeLessThanOrEqual(1);
});

test('slots count, not task instances', () => {
  const heavy = {
    dagId: 'b',
    tasks: wide('b', 20).tasks?.map((task) => ({ ...task, poolSlots: 2 })),
  };
  const simulation = inPoolOf(2, wide('a', 40), heavy as DagInit);
  simulation.trigger('a');
  simulation.trigger('b');
  const served = turns(simulation, 30).slice(2);
  expect(served.replaceAll('b', '').length).toBeGreaterThan(
    served.replaceAll('a', '').length * 1.7,
  );
});

test('a DAG that comes late has its turn next, however long the row before it', () => {
  const simulation = inPoolOf(1, wide('a', 500), wide('b', 1));
  simulation.trigger('a');
  turns(simulation, 50);
  simulation.advanceTo(START_MS + 5 * HOUR_MS);
  simulation.trigger('b');
  expect(turns(simulation, 3)).toContain('b');
});

test('a DAG that was away has saved up no turns', () => {
  const simulation = inPoolOf(1, wide('a', 500), wide('b', 20));
  simulation.trigger('a');
  turns(simulation, 100);
  simulation.trigger('b');
  expect(turns(simulation, 9).slice(1)).toBe('babababa');
});

test('a DAG alone gets all there is', () => {
  const simulation = inPoolOf(100, wide('a', 500, { fairShareWeight: 0.01 }));
  simulation.trigger('a');
  expect(simulation.lease(1_000)).toHaveLength(100);
});

test('turns are for those of the same priority: a higher one goes first', () => {
  const simulation = inPoolOf(1, wide('a', 5), wide('b', 5, {}, 2));
  simulation.trigger('a');
  simulation.trigger('b');
  expect(turns(simulation, 7)).toBe('abbbbba');
});

test('an hour of waiting is worth one unit of priority', () => {
  const simulation = inPoolOf(1, wide('low', 2, {}, 1), wide('high', 9, {}, 3));
  simulation.trigger('low');
  simulation.advanceTo(START_MS + 2 * HOUR_MS - 1);
  simulation.trigger('high');
  expect(turns(simulation, 3)).toBe('lowhighhigh');
  simulation.advanceTo(START_MS + 3 * HOUR_MS);
  simulation.trigger('high');
  expect(simulation.picture.timing.priorityAgeMs).toBeUndefined();
  // The last of the high ones that came before 2:00 are still ahead; those of 3:00 are not.
  expect(turns(simulation, 9)).toBe(`${'high'.repeat(7)}lowhigh`);
});

test('a stream of high priority does not keep a low one out for ever', () => {
  const simulation = inPoolOf(1, wide('low', 1, {}, 1), wide('high', 1, { activeRunsMax: 99 }, 4));
  simulation.trigger('high');
  simulation.trigger('low');
  let hours = 0;
  for (; hours < 100; hours++) {
    simulation.trigger('high');
    if (turns(simulation, 1) === 'low') break;
    simulation.advanceTo(START_MS + (hours + 1) * HOUR_MS);
  }
  expect(hours).toBeLessThanOrEqual(6);
});

test('a full pool holds nobody up who wants another', () => {
  const elsewhere = { dagId: 'b', tasks: [{ taskId: 't', pool: 'other' }] };
  const simulation = createSimulation([wide('a', 9), elsewhere], {
    startMs: START_MS,
    pools: { default_pool: 1, other: 1 },
  });
  simulation.trigger('a');
  simulation.trigger('b');
  const served = simulation.lease(9).map(({ instance }) => instance.run.dag.dagId);
  expect(served.toSorted()).toEqual(['a', 'b']);
});

test('workers serve DAGs in turns, too: slots alone are not enough', () => {
  const simulation = inPoolOf(-1, wide('a', 500), wide('b', 20));
  simulation.trigger('a');
  turns(simulation, 100);
  simulation.advanceTo(START_MS + 60_000);
  simulation.trigger('b');
  expect(turns(simulation, 9)).toBe('babababab');
});

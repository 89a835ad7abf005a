// Who goes first is foretold as it then comes about.
import { expect, test } from 'vitest';
import { WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { createSimulation } from '../../simulator/simulation.ts';
import { nameOf } from '../instance.ts';
import { queueOf } from '../lines.ts';
import { countAhead } from './ahead.ts';
import { allInLine } from './fair-line.ts';

/** Three DAGs of different weights, whose tasks have different priorities, some served already. */
function crowded() {
  const dags = [1, 2, 3].map((weight) => ({
    dagId: `d${weight}`,
    fairShareWeight: weight,
    activeTasksMax: 99,
    tasks: Array.from({ length: 20 }, (_, at) => ({
      taskId: `t${at}`,
      priorityWeight: 1 + ((at * weight) % 3),
      weightRule: WeightRule.ABSOLUTE,
    })),
  }));
  const simulation = createSimulation(dags, { startMs: 0 });
  for (const { dagId } of dags) simulation.trigger(dagId);
  simulation.lease(7);
  return simulation;
}

test('each is served after as many as were foretold, whatever weights and priorities', () => {
  const simulation = crowded();
  const { ready } = queueOf(simulation.picture, 'default');
  const waiting = [...allInLine(ready)];
  const foretold = new Map(waiting.map((each) => [each, countAhead(ready, each, 1_000)]));
  const served = waiting.map(() => simulation.lease(1)[0]?.instance);
  expect(served).toHaveLength(53);
  const told = served.map((each) => each && [nameOf(each), foretold.get(each)]);
  expect(told).toEqual(served.map((each, at) => each && [nameOf(each), at]));
});

test('of a long line not all are counted', () => {
  const simulation = crowded();
  const { ready } = queueOf(simulation.picture, 'default');
  const counts = [...allInLine(ready)].map((each) => countAhead(ready, each, 5));
  expect(Math.max(...counts)).toBe(5);
});

// Relatives of single instances: what is cleared and marked with them.
import { describe, expect, it } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { nameOf } from '../../services/scheduler/core/instance.ts';
import { relatives, selectInstances } from '../../services/scheduler/core/operation/selection.ts';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';
import type { Plan } from './oracle/plan.ts';
import { specOf } from './play/spec.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  readonly plan: Plan;
  /** How many elements tasks return; 1 for those that are not named. */
  readonly returns: Readonly<Record<string, number>>;
  readonly from: readonly string[];
  readonly side: 'above' | 'below';
  readonly found: readonly string[];
};

describe.each(tablesOf<Row>('relatives'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ plan, returns, from, side, found }) => {
    const simulation = createSimulation([specOf('d', plan)], { startMs: 0 });
    const run = simulation.trigger('d');
    for (let leased = simulation.lease(100); leased.length > 0; leased = simulation.lease(100)) {
      for (const attempt of leased) {
        const mapLength = returns[attempt.instance.task.taskId] ?? 1;
        simulation.report(attempt, { end: AttemptEnd.SUCCESS, mapLength });
      }
    }
    const reach = { includeUpstream: false, includeDownstream: false, addsScope: false };
    const named = selectInstances(run, { taskIds: from, ...reach });
    expect([...relatives(named, side)].map(nameOf).toSorted()).toEqual(found);
  });
});

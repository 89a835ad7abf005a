// Limits of a task, over all runs and in one run: who still runs beside those that run.
import { describe, expect, it } from 'vitest';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';
import { specOf } from './play/spec.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  /** max_active_tis_per_dag; 0 means none. */
  readonly per_dag_max: number;
  /** max_active_tis_per_dagrun; 0 means none. */
  readonly per_run_max: number;
  /** Instances that run already, in the same run. */
  readonly running: number;
  /** True when one more may run. */
  readonly is_met: boolean;
};

describe.each(tablesOf<Row>('concurrency'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ per_dag_max, per_run_max, running, is_met }) => {
    const spec = specOf('d', { tasks: { m: { over: [running + 1] } } });
    for (const task of spec.tasks) {
      task.activeTisPerDagMax = per_dag_max;
      task.activeTisPerDagrunMax = per_run_max;
    }
    const simulation = createSimulation([spec], { startMs: 0 });
    simulation.trigger('d');
    expect(simulation.lease(100)).toHaveLength(is_met ? running + 1 : running);
  });

  it('the limit over all runs counts those of other runs', () => {
    const spec = specOf('d', { tasks: { m: { over: [2] } } });
    for (const task of spec.tasks) task.activeTisPerDagMax = 3;
    const simulation = createSimulation([spec], { startMs: 0 });
    simulation.trigger('d');
    simulation.trigger('d');
    expect(simulation.lease(100)).toHaveLength(3);
  });

  it('the limit of a run counts each run by itself', () => {
    const spec = specOf('d', { tasks: { m: { over: [2] } } });
    for (const task of spec.tasks) task.activeTisPerDagrunMax = 1;
    const simulation = createSimulation([spec], { startMs: 0 });
    simulation.trigger('d');
    simulation.trigger('d');
    const leased = simulation.lease(100);
    expect(new Set(leased.map(({ instance }) => instance.run)).size).toBe(2);
    expect(leased).toHaveLength(2);
  });
});

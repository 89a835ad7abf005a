// What is over does not stay on the agenda: it would keep its run in memory for as long.
import { expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { createSimulation, type DagInit } from '../simulator/simulation.ts';
import { timeOutRun } from './run/runs.ts';
import { fire } from './wait/wait-end.ts';

const WEEK = { seconds: 604_800n };
const simulate = (task: Partial<NonNullable<DagInit['tasks']>[number]>) =>
  createSimulation([{ dagId: 'd', tasks: [{ taskId: 't', ...task }] } as DagInit], { startMs: 0 });

test('a wait that ends long before its time leaves nothing on the agenda', () => {
  const trigger = { kind: { case: 'file', value: { path: '/in' } } } as const;
  const simulation = simulate({ trigger, triggerTimeout: WEEK });
  simulation.trigger('d');
  expect(simulation.nextDueMs()).toBe(604_800_000);
  const [waiting] = simulation.picture.waits.values();
  if (waiting === undefined) throw new Error('nothing waits');
  const event = { eventJson: '{}', error: '', isSkip: false };
  simulation.decide((deciding) => fire(deciding, waiting, event));
  expect(simulation.nextDueMs()).toBeUndefined();
});

test('a retry that is given up leaves nothing on the agenda', () => {
  const simulation = simulate({ retry: { retries: 1, delay: WEEK } });
  const run = simulation.trigger('d');
  const [attempt] = simulation.lease(1);
  if (attempt === undefined) throw new Error('nothing to lease');
  simulation.report(attempt, { end: AttemptEnd.FAILED });
  expect(simulation.nextDueMs()).toBe(604_800_000);
  simulation.decide((deciding) => timeOutRun(deciding, run));
  expect(simulation.nextDueMs()).toBeUndefined();
});

// What is waited for beside other tasks is named: time, triggers, people, workers.
import { describe, expect } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { createSimulation } from '../../simulator/simulation.ts';
import {
  endTask,
  HOUR_MS,
  type SituationRow,
  situationWorld,
  START_MS,
  testSituations,
} from '../../testing/situations.ts';

const { FAILED, DEFERRED, RESCHEDULED, AWAITING_INPUT } = AttemptEnd;
const alone = { tasks: [{ taskId: 'a' }] };

const situations: readonly SituationRow[] = [
  [
    'the time between two tries',
    () => {
      const retry = { retries: 2, delay: toDuration(60_000) };
      const simulation = situationWorld({ tasks: [{ taskId: 'a', retry }] });
      const run = simulation.trigger('d');
      endTask(simulation, 'a', { end: FAILED });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'retry_delay',
        subject: 'a',
        message: 'try 1 of 3 failed; the next one begins at 2026-01-01T00:01:00Z',
        untilMs: START_MS + 60_000,
      },
    ],
  ],
  [
    'the time between two tries of a mapped one',
    () => {
      const retry = { retries: 2, delay: toDuration(60_000) };
      const source = { kind: { case: 'valueJson', value: '[1]' } };
      const value = { arguments: [{ name: 'x', source }] };
      const mapping = { kind: { case: 'product', value } };
      const simulation = situationWorld({ tasks: [{ taskId: 'a', retry, mapping }] as never });
      const run = simulation.trigger('d');
      endTask(simulation, 'a', { end: FAILED });
      return { simulation, run, taskId: 'a', mapIndex: 0 };
    },
    [
      {
        kind: 'retry_delay',
        subject: 'a[0]',
        remedy: "to try at once: dagmesh tasks clear d manual__1 'a[0]'",
      },
    ],
  ],
  [
    'the time between two looks',
    () => {
      const simulation = situationWorld(alone);
      const run = simulation.trigger('d');
      const rescheduleAt = toTimestamp(START_MS + 30_000);
      endTask(simulation, 'a', { end: RESCHEDULED, rescheduleAt });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'reschedule',
        subject: 'a',
        message: 'it looked 1 time and looks again at 2026-01-01T00:00:30Z',
        untilMs: START_MS + 30_000,
      },
    ],
  ],
  [
    'a trigger',
    () => {
      const simulation = situationWorld(alone);
      const run = simulation.trigger('d');
      const trigger = { kind: { case: 'file' as const, value: { path: '/data/x' } } };
      const defer = { trigger, timeout: toDuration(HOUR_MS) };
      endTask(simulation, 'a', { end: DEFERRED, defer });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'trigger',
        subject: 'a',
        message:
          'since 2026-01-01T00:00:00Z it waits for file "/data/x" to appear, at most until 2026-01-01T01:00:00Z',
        untilMs: START_MS + HOUR_MS,
      },
    ],
  ],
  [
    'an instant',
    () => {
      const simulation = situationWorld(alone);
      const run = simulation.trigger('d');
      const moment = { case: 'after' as const, value: toDuration(HOUR_MS) };
      const trigger = { kind: { case: 'timer' as const, value: { moment } } };
      endTask(simulation, 'a', { end: DEFERRED, defer: { trigger } });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'trigger',
        subject: 'a',
        message: 'since 2026-01-01T00:00:00Z it waits for 2026-01-01T01:00:00Z, without a timeout',
        untilMs: START_MS + HOUR_MS,
      },
    ],
  ],
  [
    'an answer of people',
    () => {
      const simulation = situationWorld(alone);
      const run = simulation.trigger('d');
      const humanInput = { subject: 'Go on?', options: ['Yes'], assignedUsers: ['ann', 'bob'] };
      endTask(simulation, 'a', { end: AWAITING_INPUT, awaitInput: { humanInput } });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'human_input',
        subject: 'a',
        message:
          'it asks "Go on?" since 2026-01-01T00:00:00Z, without a timeout; answered by: ann, bob',
        remedy:
          'answer it with one of "Yes": dagmesh inputs respond d manual__1 a --option <option>',
      },
    ],
  ],
  [
    'a queue without workers',
    () => {
      const simulation = situationWorld({ tasks: [{ taskId: 'a', queue: 'gpu' }] });
      const run = simulation.trigger('d');
      simulation.advanceTo(START_MS + 60_000);
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'no_worker',
        subject: 'gpu',
        message: 'no worker serves queue "gpu"; it is queued for 60 s',
        remedy: 'start one: dagmesh worker --queues gpu --language <language>',
      },
    ],
  ],
  [
    'a queue that has been without workers for too long',
    () => {
      const simulation = situationWorld({ tasks: [{ taskId: 'a', queue: 'gpu' }] });
      const run = simulation.trigger('d');
      simulation.advanceTo(START_MS + 600_000);
      return { simulation, run, taskId: 'a' };
    },
    [{ kind: 'no_worker', message: 'no worker serves queue "gpu"; it is stuck for 10 min' }],
  ],
  [
    'workers that are busy',
    () => {
      const simulation = situationWorld({
        tasks: [{ taskId: 'a' }, { taskId: 'b' }, { taskId: 'c' }],
      });
      const run = simulation.trigger('d');
      simulation.lease(1);
      simulation.advanceTo(START_MS + 2_000);
      return { simulation, run, taskId: 'c' };
    },
    [
      {
        kind: 'worker_busy',
        subject: 'default',
        message:
          'all slots of the 1 worker of queue "default" are busy; by rank and by the turns of DAGs 1 goes first',
      },
    ],
  ],
  [
    'the turns of others, when its DAG had many',
    () => {
      const other = { dagId: 'other', tasks: [{ taskId: 'x' }] };
      const tasks = ['a', 'b', 'c', 'e'].map((taskId) => ({ taskId }));
      const simulation = createSimulation([{ dagId: 'd', tasks }, other], { startMs: START_MS });
      const run = simulation.trigger('d');
      simulation.trigger('other');
      simulation.lease(1);
      simulation.advanceTo(START_MS + 2_000);
      return { simulation, run, taskId: 'b' };
    },
    [{ kind: 'worker_busy', message: expect.stringContaining('turns of DAGs 1 goes first') }],
  ],
  [
    'nothing, while workers are being asked',
    () => {
      const simulation = situationWorld({ tasks: [{ taskId: 'a' }, { taskId: 'b' }] });
      const run = simulation.trigger('d');
      simulation.lease(1);
      return { simulation, run, taskId: 'b' };
    },
    [],
  ],
  [
    'nothing, once the time between two tries is over',
    () => {
      const retry = { retries: 2, delay: toDuration(60_000) };
      const simulation = situationWorld({ tasks: [{ taskId: 'a', retry }] });
      const run = simulation.trigger('d');
      endTask(simulation, 'a', { end: FAILED });
      const nextTryMs = START_MS;
      for (const { instances } of run.nodes) Object.assign(instances[0] ?? {}, { nextTryMs });
      return { simulation, run, taskId: 'a' };
    },
    [],
  ],
];

describe('a task that waits is explained by', () => {
  testSituations(situations);
});

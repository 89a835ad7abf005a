// Every dependency that is not met is named: tasks above, setups, the run before, mappings, dates.
import { describe, expect, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Simulation } from '../../simulator/simulation.ts';
import { instancesOf } from '../instance.ts';
import { clearInstances } from '../operation/clear.ts';
import type { Run } from '../run/run.ts';
import {
  dated,
  dayMs,
  endTask,
  explained,
  HOUR_MS,
  type SituationRow,
  situationWorld,
  testSituations,
} from '../../testing/situations.ts';

const { SUCCESS, FAILED } = AttemptEnd;
const chain = { tasks: [{ taskId: 'a' }, { taskId: 'b', upstreamTaskIds: ['a'] }] };

const situations: readonly SituationRow[] = [
  [
    'tasks above that are not done',
    () => {
      const simulation = situationWorld({
        tasks: [
          { taskId: 'a' },
          { taskId: 'b' },
          { taskId: 'c' },
          { taskId: 'd', upstreamTaskIds: ['a', 'b', 'c'] },
        ],
      });
      const run = simulation.trigger('d');
      const [first] = simulation.lease(1);
      if (first !== undefined) simulation.report(first, { end: SUCCESS });
      simulation.lease(1);
      return { simulation, run, taskId: 'd' };
    },
    [
      { kind: 'upstream', subject: 'b', message: 'upstream task "b" is running' },
      { kind: 'upstream', subject: 'c', message: 'upstream task "c" is queued' },
      {
        kind: 'trigger_rule',
        subject: 'all_success',
        message: 'its trigger rule all_success sees 1 of 3 done (1 success); 2 more must succeed',
      },
    ],
  ],
  [
    'a rule that only needs one, while none has come',
    () => {
      const simulation = situationWorld({
        tasks: [
          { taskId: 'a' },
          { taskId: 'b', upstreamTaskIds: ['a'], triggerRule: TriggerRule.ONE_FAILED },
        ],
      });
      return { simulation, run: simulation.trigger('d'), taskId: 'b' };
    },
    [
      { kind: 'upstream', subject: 'a' },
      {
        kind: 'trigger_rule',
        subject: 'one_failed',
        message: 'its trigger rule one_failed sees 0 of 1 done; one must fail',
      },
    ],
  ],
  [
    'a setup around it',
    () => {
      const simulation = situationWorld({
        tasks: [
          { taskId: 's', isSetup: true },
          { taskId: 'a', upstreamTaskIds: ['s'] },
          { taskId: 'b', upstreamTaskIds: ['a'], triggerRule: TriggerRule.ALWAYS },
          { taskId: 't', upstreamTaskIds: ['b', 's'], isTeardown: true },
        ],
      });
      return { simulation, run: simulation.trigger('d'), taskId: 'b' };
    },
    [
      { kind: 'setup', subject: 's', message: 'setup task "s" is queued' },
      { kind: 'upstream', subject: 'a', message: 'upstream task "a" is none' },
    ],
  ],
  [
    'the run before, that failed',
    () => {
      const simulation = situationWorld({ tasks: [{ taskId: 'a', dependsOnPast: true }] });
      simulation.trigger('d', { runId: 'r1', ...dated(1) });
      endTask(simulation, 'a', { end: FAILED });
      simulation.advanceTo(dayMs(2));
      return {
        simulation,
        run: simulation.trigger('d', { runId: 'r2', ...dated(2) }),
        taskId: 'a',
      };
    },
    [
      {
        kind: 'depends_on_past',
        subject: 'a',
        message: 'in the run before ("r1") task "a" is failed',
        remedy: 'clear or mark it there: dagmesh runs show d r1',
      },
    ],
  ],
  [
    'what was below it in the run before',
    () => {
      const [a, b] = chain.tasks;
      const simulation = situationWorld({
        tasks: [{ ...a, waitForDownstream: true }, { ...b }] as never,
      });
      simulation.trigger('d', { runId: 'r1', ...dated(1) });
      endTask(simulation, 'a');
      simulation.advanceTo(dayMs(2));
      return {
        simulation,
        run: simulation.trigger('d', { runId: 'r2', ...dated(2) }),
        taskId: 'a',
      };
    },
    [
      {
        kind: 'wait_for_downstream',
        subject: 'b',
        message: 'in the run before ("r1") task "b" is queued',
      },
    ],
  ],
  [
    'a branch that went elsewhere',
    () => {
      const simulation = situationWorld({
        tasks: [
          { taskId: 'pick' },
          { taskId: 'x', upstreamTaskIds: ['pick'] },
          { taskId: 'y', upstreamTaskIds: ['pick'] },
        ],
      });
      const run = simulation.trigger('d');
      const kind = { case: 'branch' as const, value: { followIds: ['x'] } };
      endTask(simulation, 'pick', { end: SUCCESS, direction: { kind } });
      return { simulation, run, taskId: 'y' };
    },
    [
      {
        kind: 'finished',
        subject: 'y',
        message: 'it is skipped since 2026-01-01T00:00:00Z: not followed',
        remedy: 'clear it to run it again: dagmesh tasks clear d manual__1 y',
      },
      {
        kind: 'previously_skipped',
        subject: 'pick',
        message: '"pick" decided that "y" is not followed',
        remedy: 'clear "pick" as well, so that it decides again',
      },
    ],
  ],
  [
    'a mapping whose length nobody knows',
    () => {
      const source = { kind: { case: 'taskId' as const, value: 'a' } };
      const product = { arguments: [{ name: 'x', source }] };
      const simulation = situationWorld({
        tasks: [
          { taskId: 'a' },
          {
            taskId: 'm',
            upstreamTaskIds: ['a'],
            mapping: { kind: { case: 'product', value: product } },
          },
        ],
      });
      return { simulation, run: simulation.trigger('d'), taskId: 'm' };
    },
    [
      {
        kind: 'mapping',
        subject: 'a',
        message: 'how many instances there are is known when "a" has ended; it is queued',
      },
      { kind: 'upstream', subject: 'a' },
      { kind: 'trigger_rule' },
    ],
  ],
  [
    'a date before its own first one',
    () => {
      const startDate = toTimestamp(dayMs(5));
      const simulation = situationWorld({ tasks: [{ taskId: 'a', startDate }] });
      return { simulation, run: simulation.trigger('d', dated(1)), taskId: 'a' };
    },
    [
      { kind: 'finished' },
      {
        kind: 'start_date',
        subject: 'a',
        message:
          'the logical date 2026-01-01T00:00:00Z of its run is before its start_date 2026-01-05T00:00:00Z',
        remedy: 'move start_date of the task',
      },
    ],
  ],
  [
    'a date after its own last one',
    () => {
      const endDate = toTimestamp(dayMs(1) - HOUR_MS);
      const simulation = situationWorld({ tasks: [{ taskId: 'a', endDate }] });
      return { simulation, run: simulation.trigger('d', dated(1)), taskId: 'a' };
    },
    [{ kind: 'finished' }, { kind: 'end_date', subject: 'a' }],
  ],
  [
    'an upstream that failed',
    () => {
      const simulation = situationWorld(chain);
      const run = simulation.trigger('d');
      endTask(simulation, 'a', { end: FAILED });
      return { simulation, run, taskId: 'b' };
    },
    [
      { kind: 'finished', message: 'it is upstream_failed since 2026-01-01T00:00:00Z' },
      { kind: 'upstream', subject: 'a', remedy: 'clear "a" as well' },
    ],
  ],
  [
    'the run before that was cleared, before a further try',
    () => {
      const task = { taskId: 'a', dependsOnPast: true, retry: { retries: 1 } };
      const simulation = situationWorld({ tasks: [task] });
      const first = simulation.trigger('d', { runId: 'r1', ...dated(1) });
      endTask(simulation, 'a');
      simulation.advanceTo(dayMs(2));
      const run = simulation.trigger('d', { runId: 'r2', ...dated(2) });
      endTask(simulation, 'a', { end: FAILED });
      clear(simulation, first, ['a']);
      simulation.advanceTo(dayMs(3));
      return { simulation, run, taskId: 'a' };
    },
    [{ kind: 'depends_on_past', message: 'in the run before ("r1") task "a" is queued' }],
  ],
  [
    'a source that runs again, above a group that is expanded',
    () => {
      const simulation = situationWorld({
        taskGroups: [{ groupId: 'g', ...over('u') }],
        tasks: [
          { taskId: 'u' },
          { taskId: 'a', upstreamTaskIds: ['u'], taskGroupId: 'g' },
          { taskId: 'b', upstreamTaskIds: ['a'], taskGroupId: 'g' },
        ],
      });
      const run = simulation.trigger('d');
      endTask(simulation, 'u', { end: SUCCESS, mapLength: 1 });
      endTask(simulation, 'a');
      clear(simulation, run, ['u', 'b']);
      return { simulation, run, taskId: 'b', mapIndex: 0 };
    },
    [
      {
        kind: 'mapping',
        subject: 'u',
        message: 'how many instances there are is known when "u" has ended; it is queued',
      },
    ],
  ],
  [
    'a source that lost instances before it was mapped over',
    () => {
      const simulation = situationWorld({
        tasks: [
          { taskId: 'u' },
          { taskId: 'a', upstreamTaskIds: ['u'], ...over('u') },
          {
            ...{ taskId: 'b', upstreamTaskIds: ['a'], ...over('a'), activeTisPerDagMax: 9 },
            triggerRule: TriggerRule.ALL_DONE,
          },
        ],
      });
      const run = simulation.trigger('d');
      endTask(simulation, 'u', { end: SUCCESS, mapLength: 2 });
      clear(simulation, run, ['u', 'a']);
      endTask(simulation, 'u', { end: SUCCESS, mapLength: 1 });
      endTask(simulation, 'a', { end: SUCCESS, mapLength: 1 });
      return { simulation, run, taskId: 'b' };
    },
    [
      {
        kind: 'mapping',
        subject: 'a',
        message: 'it cannot be mapped over "a", which is success, removed',
      },
    ],
  ],
  [
    'setups around it that were removed',
    () => {
      const simulation = situationWorld({
        tasks: [
          { taskId: 'u' },
          { taskId: 's', isSetup: true, upstreamTaskIds: ['u'], ...over('u') },
          { taskId: 'x', upstreamTaskIds: ['s'] },
          {
            ...{ taskId: 'w', upstreamTaskIds: ['x'], activeTisPerDagrunMax: 9 },
            triggerRule: TriggerRule.ALWAYS,
          },
        ],
      });
      const run = simulation.trigger('d');
      endTask(simulation, 'u', { end: SUCCESS, mapLength: 2 });
      clear(simulation, run, ['u', 's']);
      endTask(simulation, 'u', { end: SUCCESS, mapLength: 1 });
      endTask(simulation, 's');
      return { simulation, run, taskId: 'w' };
    },
    [
      {
        kind: 'setup',
        message: 'the setups around it: 2 of 2 done (1 success, 1 removed); 1 more must succeed',
      },
      { kind: 'upstream', subject: 'x' },
    ],
  ],
];

/** Mapped over what a task returned. */
function over(taskId: string) {
  const source = { kind: { case: 'taskId' as const, value: taskId } };
  const value = { arguments: [{ name: 'x', source }] };
  return { mapping: { kind: { case: 'product' as const, value } } };
}

function clear(simulation: Simulation, run: Run, taskIds: readonly string[]): void {
  const instances = [...instancesOf(run)].filter(({ task }) => taskIds.includes(task.taskId));
  simulation.decide((deciding, moment) => clearInstances(deciding, moment, run, instances));
}

describe('a task whose dependencies are not met is explained by', () => {
  testSituations(situations);
});

test('of many open tasks above the first are named and the rest is counted', () => {
  const tasks = Array.from({ length: 30 }, (_, at) => ({ taskId: `t${at}` }));
  const last = { taskId: 'z', upstreamTaskIds: tasks.map(({ taskId }) => taskId) };
  const simulation = situationWorld({ tasks: [...tasks, last], activeTasksMax: 100 });
  const { blockers } = explained({ simulation, run: simulation.trigger('d'), taskId: 'z' });
  const upstream = blockers.filter(({ kind }) => kind === 'upstream');
  expect(upstream).toHaveLength(21);
  expect(upstream.at(-1)?.message).toBe(
    '10 more upstream task instances are not finished (30 in all)',
  );
});

// Explain names what holds a task instance back, with its values, until when, and what helps.
import { describe, expect, it, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { BackfillSchema } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { create } from '@bufbuild/protobuf';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import {
  createSimulation,
  type DagInit,
  type OutcomeInit,
  type Simulation,
  type SimulationOptions,
} from '../simulator/simulation.ts';
import type { Blocker } from './blocker.ts';
import { explain } from './explain.ts';
import { instanceOf } from './instance.ts';
import { pauseKey } from './key-limits.ts';
import { setGate } from './load.ts';
import { markInstances } from './mark.ts';
import type { Run } from './picture.ts';
import { poolOf } from './pool.ts';
import { DagRunState, TaskInstanceState } from './state.ts';

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const { SUCCESS, FAILED, SKIPPED, DEFERRED, RESCHEDULED, AWAITING_INPUT } = AttemptEnd;

/** What is asked about, in a world that was brought into its situation. */
type Situation = {
  readonly simulation: Simulation;
  readonly run: Run;
  readonly taskId: string;
  readonly mapIndex?: number;
};

const world = (spec: Partial<DagInit>, options: Partial<SimulationOptions> = {}) =>
  createSimulation([{ dagId: 'd', ...spec } as DagInit], { startMs: START_MS, ...options });

const chain = { tasks: [{ taskId: 'a' }, { taskId: 'b', upstreamTaskIds: ['a'] }] };
const alone = { tasks: [{ taskId: 'a' }] };

function explained({ simulation, run, taskId, mapIndex }: Situation) {
  const task = run.version.tasks[run.version.taskIndexes.get(taskId) ?? -1];
  if (task === undefined) throw new Error(`no task ${taskId}`);
  const nowMs = simulation.nowMs();
  const instance = instanceOf(run, taskId, mapIndex);
  return explain(simulation.picture, { nowMs, monotonicMs: nowMs }, { run, task, instance });
}

/** Runs one attempt of a task to an end. */
function end(simulation: Simulation, taskId: string, outcome: OutcomeInit = { end: SUCCESS }) {
  for (const attempt of simulation.lease(100)) {
    if (attempt.instance.task.taskId === taskId) simulation.report(attempt, outcome);
  }
}

const dayOf = (day: number) => Date.UTC(2026, 0, day);
const dated = (day: number) => ({ logicalDateMs: dayOf(day), runAfterMs: dayOf(day) });

const situations: readonly (readonly [string, () => Situation, readonly Partial<Blocker>[]])[] = [
  [
    'a paused DAG',
    () => {
      const simulation = world(alone);
      setGate(simulation.dag('d'), true);
      return { simulation, run: simulation.trigger('d'), taskId: 'a' };
    },
    [
      {
        kind: 'dag_paused',
        subject: 'd',
        message: 'DAG "d" is paused',
        remedy: 'unpause it: dagmesh dags unpause d',
      },
      { kind: 'run_queued', subject: 'manual__1' },
    ],
  ],
  [
    'a DAG whose file is gone',
    () => {
      const simulation = world(chain);
      const run = simulation.trigger('d');
      simulation.dag('d').isActive = false;
      return { simulation, run, taskId: 'b' };
    },
    [
      { kind: 'dag_inactive', subject: 'd' },
      { kind: 'upstream', subject: 'a' },
      { kind: 'trigger_rule', subject: 'all_success' },
    ],
  ],
  [
    'as many runs as may be',
    () => {
      const simulation = world({ ...alone, activeRunsMax: 1 });
      simulation.trigger('d');
      return { simulation, run: simulation.trigger('d'), taskId: 'a' };
    },
    [
      {
        kind: 'active_runs_max',
        subject: 'd',
        message: '1 of at most 1 run of DAG "d" are running',
        remedy: 'raise max_active_runs of the DAG, or end a run of it',
      },
      { kind: 'run_queued', subject: 'manual__2', message: 'run "manual__2" has not begun' },
    ],
  ],
  [
    'a run whose time has not come',
    () => {
      const simulation = world(alone);
      const run = simulation.trigger('d', { runAfterMs: START_MS + HOUR_MS });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'run_after',
        subject: 'manual__1',
        message: 'run "manual__1" may begin at 2026-01-01T01:00:00Z',
        untilMs: START_MS + HOUR_MS,
      },
      { kind: 'run_queued' },
    ],
  ],
  ...[BackfillState.PAUSED, BackfillState.RUNNING].map(
    (state): (typeof situations)[number] => [
      `a run of a backfill that is ${state === BackfillState.PAUSED ? 'paused' : 'at its limit'}`,
      () => {
        const simulation = world(alone);
        const backfill = create(BackfillSchema, { backfillId: 'bf', state, activeRunsMax: 1 });
        simulation.dag('d').backfills.set('bf', backfill);
        simulation.trigger('d', { backfillId: 'bf', runType: RunType.BACKFILL });
        const run = simulation.trigger('d', { backfillId: 'bf', runType: RunType.BACKFILL });
        // One that was cleared, and has its turn again.
        run.state = DagRunState.QUEUED;
        return { simulation, run, taskId: 'a' };
      },
      [
        state === BackfillState.PAUSED
          ? {
              kind: 'backfill_paused',
              subject: 'bf',
              remedy: 'go on with it: dagmesh backfill unpause bf',
            }
          : {
              kind: 'backfill_active_runs_max',
              subject: 'bf',
              message: '1 of at most 1 run of it are running',
            },
        { kind: 'run_queued' },
        { kind: 'worker_busy' },
      ].slice(0, 2),
    ],
  ),
  [
    'tasks above that are not done',
    () => {
      const simulation = world({
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
        message:
          'its trigger rule all_success sees 1 of 3 done (1 success); 2 more must succeed',
      },
    ],
  ],
  [
    'a rule that only needs one, while none has come',
    () => {
      const simulation = world({
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
      const simulation = world({
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
      const simulation = world({ tasks: [{ taskId: 'a', dependsOnPast: true }] });
      simulation.trigger('d', { runId: 'r1', ...dated(1) });
      end(simulation, 'a', { end: FAILED });
      simulation.advanceTo(dayOf(2));
      return { simulation, run: simulation.trigger('d', { runId: 'r2', ...dated(2) }), taskId: 'a' };
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
      const simulation = world({ tasks: [{ ...a, waitForDownstream: true }, { ...b }] as never });
      simulation.trigger('d', { runId: 'r1', ...dated(1) });
      end(simulation, 'a');
      simulation.advanceTo(dayOf(2));
      return { simulation, run: simulation.trigger('d', { runId: 'r2', ...dated(2) }), taskId: 'a' };
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
      const simulation = world({
        tasks: [
          { taskId: 'pick' },
          { taskId: 'x', upstreamTaskIds: ['pick'] },
          { taskId: 'y', upstreamTaskIds: ['pick'] },
        ],
      });
      const run = simulation.trigger('d');
      const kind = { case: 'branch' as const, value: { followIds: ['x'] } };
      end(simulation, 'pick', { end: SUCCESS, direction: { kind } });
      return { simulation, run, taskId: 'y' };
    },
    [
      {
        kind: 'finished',
        subject: 'y',
        message: 'it is skipped since 2026-01-01T00:00:00Z: not followed',
        remedy: 'clear it to run it again: dagmesh tasks clear d manual__1',
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
      const simulation = world({
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
      const startDate = toTimestamp(dayOf(5));
      const simulation = world({ tasks: [{ taskId: 'a', startDate }] });
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
      const endDate = toTimestamp(dayOf(1) - HOUR_MS);
      const simulation = world({ tasks: [{ taskId: 'a', endDate }] });
      return { simulation, run: simulation.trigger('d', dated(1)), taskId: 'a' };
    },
    [{ kind: 'finished' }, { kind: 'end_date', subject: 'a' }],
  ],
  [
    'the time between two tries',
    () => {
      const retry = { retries: 2, delay: toDuration(60_000) };
      const simulation = world({ tasks: [{ taskId: 'a', retry }] });
      const run = simulation.trigger('d');
      end(simulation, 'a', { end: FAILED });
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
    'the time between two looks',
    () => {
      const simulation = world(alone);
      const run = simulation.trigger('d');
      const rescheduleAt = toTimestamp(START_MS + 30_000);
      end(simulation, 'a', { end: RESCHEDULED, rescheduleAt });
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
      const simulation = world(alone);
      const run = simulation.trigger('d');
      const trigger = { kind: { case: 'file' as const, value: { path: '/data/x' } } };
      const defer = { trigger, timeout: toDuration(HOUR_MS) };
      end(simulation, 'a', { end: DEFERRED, defer });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'trigger',
        subject: 'a',
        message:
          'it waits for a file since 2026-01-01T00:00:00Z, at most until 2026-01-01T01:00:00Z',
        untilMs: START_MS + HOUR_MS,
      },
    ],
  ],
  [
    'an answer of people',
    () => {
      const simulation = world(alone);
      const run = simulation.trigger('d');
      const humanInput = { subject: 'Go on?', options: ['Yes'], assignedUsers: ['ann', 'bob'] };
      end(simulation, 'a', { end: AWAITING_INPUT, awaitInput: { humanInput } });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'human_input',
        subject: 'a',
        message:
          'it asks "Go on?" since 2026-01-01T00:00:00Z, without a timeout; answered by: ann, bob',
        remedy: 'answer it: dagmesh inputs respond d manual__1 a',
      },
    ],
  ],
  [
    'a full pool',
    () => {
      const simulation = world(
        { tasks: [{ taskId: 'a', poolSlots: 3 }, { taskId: 'b', poolSlots: 2 }] },
        { pools: { default_pool: 4 } },
      );
      return { simulation, run: simulation.trigger('d'), taskId: 'b' };
    },
    [
      {
        kind: 'pool',
        subject: 'default_pool',
        message: 'pool "default_pool" has 3 of 4 slots taken and the task needs 2',
        remedy: 'give it more: dagmesh pools set default_pool <slots>',
      },
    ],
  ],
  [
    'a pool that is too small for ever',
    () => {
      const simulation = world({ tasks: [{ taskId: 'a', poolSlots: 9 }] }, { pools: { default_pool: 4 } });
      return { simulation, run: simulation.trigger('d'), taskId: 'a' };
    },
    [
      {
        kind: 'pool',
        subject: 'default_pool',
        message: 'pool "default_pool" has 4 slots in all and the task needs 9',
      },
    ],
  ],
  [
    'a pool that there is not',
    () => {
      const simulation = world({ tasks: [{ taskId: 'a', pool: 'nowhere' }] });
      poolOf(simulation.picture, 'nowhere').isMissing = true;
      return { simulation, run: simulation.trigger('d'), taskId: 'a' };
    },
    [
      {
        kind: 'pool',
        subject: 'nowhere',
        message: 'there is no pool "nowhere"',
        remedy: 'make it, or name another in the DAG: dagmesh pools set nowhere <slots>',
      },
    ],
  ],
  [
    'several limits at once, and a full pool',
    () => {
      const keyLimits = [{ key: 'api', activeMax: 1, rateCount: 1, ratePeriod: toDuration(60_000) }];
      const limits = { activeTisPerDagMax: 1, activeTisPerDagrunMax: 1, limitKeys: ['api'] };
      const product = {
        arguments: [{ name: 'x', source: { kind: { case: 'valueJson', value: '[1,2]' } } }],
      };
      const mapping = { kind: { case: 'product', value: product } };
      const simulation = world(
        { tasks: [{ taskId: 'a', ...limits, mapping }] as never, activeTasksMax: 1, keyLimits },
        { pools: { default_pool: 1 } },
      );
      const run = simulation.trigger('d');
      simulation.lease(1);
      return { simulation, run, taskId: 'a', mapIndex: 1 };
    },
    [
      {
        kind: 'active_tasks_max',
        subject: 'manual__1',
        message: '1 of at most 1 task instances of this run are queued or running',
        remedy: 'raise max_active_tasks of the DAG',
      },
      {
        kind: 'active_tis_per_dag_max',
        subject: 'a',
        message: '1 of at most 1 instances of task "a" over all runs are queued or running',
      },
      {
        kind: 'active_tis_per_dagrun_max',
        subject: 'a',
        message: '1 of at most 1 instances of task "a" in this run are queued or running',
      },
      {
        kind: 'key_limit',
        subject: 'api',
        message: '1 of at most 1 instances with limit key "api" are queued or running',
      },
      {
        kind: 'key_rate',
        subject: 'api',
        message:
          '1 of at most 1 instances with limit key "api" have begun within 60 s, or are about to',
        untilMs: START_MS + 60_000,
      },
      { kind: 'pool', subject: 'default_pool' },
    ],
  ],
  [
    'a key that is paused',
    () => {
      const keyLimits = [{ key: 'api', activeMax: 9 }];
      const simulation = world({ tasks: [{ taskId: 'a', limitKeys: ['api'] }], keyLimits });
      const dag = simulation.dag('d');
      simulation.decide((deciding) => pauseKey(deciding, dag, 'api', START_MS + HOUR_MS));
      return { simulation, run: simulation.trigger('d'), taskId: 'a' };
    },
    [
      {
        kind: 'key_paused',
        subject: 'api',
        message: 'limit key "api" is paused until 2026-01-01T01:00:00Z',
        untilMs: START_MS + HOUR_MS,
        remedy: 'end the pause: dagmesh keys unpause d api',
      },
    ],
  ],
  [
    'a queue without workers',
    () => {
      const simulation = world({ tasks: [{ taskId: 'a', queue: 'gpu' }] });
      const run = simulation.trigger('d');
      simulation.advanceTo(START_MS + 60_000);
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'no_worker',
        subject: 'gpu',
        message: 'no worker serves queue "gpu"; it is queued for 60 s',
        remedy: 'start a worker with DAGMESH_WORKER_QUEUES=gpu',
      },
    ],
  ],
  [
    'a queue that has been without workers for too long',
    () => {
      const simulation = world({ tasks: [{ taskId: 'a', queue: 'gpu' }] });
      const run = simulation.trigger('d');
      simulation.advanceTo(START_MS + 600_000);
      return { simulation, run, taskId: 'a' };
    },
    [{ kind: 'no_worker', message: 'no worker serves queue "gpu"; it is stuck for 10 min' }],
  ],
  [
    'workers that are busy',
    () => {
      const simulation = world({ tasks: [{ taskId: 'a' }, { taskId: 'b' }, { taskId: 'c' }] });
      const run = simulation.trigger('d');
      simulation.lease(1);
      return { simulation, run, taskId: 'c' };
    },
    [
      {
        kind: 'worker_busy',
        subject: 'default',
        message:
          'all slots of the 1 worker of queue "default" are busy; 1 of higher rank go first',
      },
    ],
  ],
  [
    'an upstream that failed',
    () => {
      const simulation = world(chain);
      const run = simulation.trigger('d');
      end(simulation, 'a', { end: FAILED });
      return { simulation, run, taskId: 'b' };
    },
    [
      { kind: 'finished', message: 'it is upstream_failed since 2026-01-01T00:00:00Z' },
      { kind: 'upstream', subject: 'a', remedy: 'clear "a" as well' },
    ],
  ],
];

describe('a task instance that does not run is explained by', () => {
  it.each(situations)('%s', (_name, arrange, expected) => {
    const { blockers } = explained(arrange());
    expect(blockers.map(({ kind }) => kind)).toEqual(expected.map(({ kind }) => kind));
    expect(blockers).toMatchObject(expected);
  });
});

describe('one sentence says', () => {
  test('what matters most, and how much more there is', () => {
    const simulation = world(chain);
    const situation = { simulation, run: simulation.trigger('d'), taskId: 'b' };
    expect(explained(situation)).toMatchObject({
      state: 'none',
      summary: '"b" waits: upstream task "a" is queued (and 1 more)',
    });
  });

  test('where a task runs, since when and until when', () => {
    const executionTimeout = toDuration(HOUR_MS);
    const simulation = world({ tasks: [{ taskId: 'a', executionTimeout }] });
    const run = simulation.trigger('d');
    simulation.lease(1);
    const since = 'since 2026-01-01T00:00:00Z (try 1), timeout at 2026-01-01T01:00:00Z';
    expect(explained({ simulation, run, taskId: 'a' })).toEqual({
      state: 'running',
      summary: `"a" is running on worker simulated ${since}`,
      blockers: [],
    });
  });

  test('that a task is done', () => {
    const simulation = world(alone);
    const run = simulation.trigger('d');
    end(simulation, 'a', { end: SKIPPED, reason: 'no data' });
    const { summary } = explained({ simulation, run, taskId: 'a' });
    expect(summary).toBe('"a" does not wait: it is skipped since 2026-01-01T00:00:00Z: no data');
  });
});

test('of many open tasks above the first are named and the rest is counted', () => {
  const tasks = Array.from({ length: 30 }, (_, at) => ({ taskId: `t${at}` }));
  const last = { taskId: 'z', upstreamTaskIds: tasks.map(({ taskId }) => taskId) };
  const simulation = world({ tasks: [...tasks, last], activeTasksMax: 100 });
  const { blockers } = explained({ simulation, run: simulation.trigger('d'), taskId: 'z' });
  const upstream = blockers.filter(({ kind }) => kind === 'upstream');
  expect(upstream).toHaveLength(21);
  expect(upstream.at(-1)?.message).toBe(
    '10 more upstream task instances are not finished (30 in all)',
  );
});

test('to ask changes nothing', () => {
  const simulation = world({ tasks: [{ taskId: 'a', dependsOnPast: true }] });
  simulation.trigger('d', { runId: 'r1', ...dated(1) });
  const run = simulation.trigger('d', { runId: 'r2', ...dated(2) });
  const instance = instanceOf(run, 'a');
  const before = { ...instance };
  explained({ simulation, run, taskId: 'a' });
  expect({ ...instance }).toEqual(before);
  expect(simulation.picture.pastWanted.size).toBe(0);
});

test('what is cleared and marked goes on being explained by what holds now', () => {
  const simulation = world(chain);
  const run = simulation.trigger('d');
  const instance = instanceOf(run, 'a');
  const instances = instance === undefined ? [] : [instance];
  const state = TaskInstanceState.SUCCESS;
  simulation.decide((deciding, moment) =>
    markInstances(deciding, moment, { run, instances, state, actor: 'ann' }),
  );
  const { blockers } = explained({ simulation, run, taskId: 'b' });
  expect(blockers.map(({ kind }) => kind)).toEqual(['no_worker']);
});

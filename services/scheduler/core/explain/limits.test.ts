// Every exhausted limit is named, and the pool: how much of it is taken, and what helps.
import { describe } from 'vitest';
import { toDuration } from '#kernel/clock/timestamp.ts';
import {
  endTask,
  HOUR_MS,
  type SituationRow,
  situationWorld,
  START_MS,
  testSituations,
} from '../../testing/situations.ts';
import { wantBegins } from '../limit/begins.ts';
import { pauseKey } from '../limit/key-limits.ts';
import { poolOf } from '../limit/pool.ts';

const situations: readonly SituationRow[] = [
  [
    'a full pool',
    () => {
      const simulation = situationWorld(
        {
          tasks: [
            { taskId: 'a', poolSlots: 3 },
            { taskId: 'b', poolSlots: 2 },
          ],
        },
        { pools: { default_pool: 4 } },
      );
      return { simulation, run: simulation.trigger('d'), taskId: 'b' };
    },
    [
      {
        kind: 'pool',
        subject: 'default_pool',
        message: 'pool "default_pool" has 3 of 4 slots taken and the task needs 2',
        remedy:
          'give it more: dagmesh pools set default_pool <slots>; ' +
          'the runs that may hold them: dagmesh runs list --state running',
      },
    ],
  ],
  [
    'a pool that is too small for ever',
    () => {
      const simulation = situationWorld(
        { tasks: [{ taskId: 'a', poolSlots: 9 }] },
        { pools: { default_pool: 4 } },
      );
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
    'the turn of one that needs more than is free',
    () => {
      const tasks = [
        { taskId: 'long', poolSlots: 3, priorityWeight: 9 },
        { taskId: 'big', poolSlots: 2, priorityWeight: 5 },
        ...Array.from({ length: 9 }, (_, at) => ({ taskId: `s${at}` })),
      ];
      const simulation = situationWorld({ tasks }, { pools: { default_pool: 4 } });
      const run = simulation.trigger('d');
      simulation.lease(1);
      for (let turn = 0; turn < 4; turn++) endTask(simulation, `s${turn}`);
      return { simulation, run, taskId: 's8' };
    },
    [
      {
        kind: 'pool',
        subject: 'default_pool',
        message:
          'in pool "default_pool" it is the turn of "big" of run "manual__1" of DAG "d": it needs 2 slots, and 1 is free',
        remedy: 'give the pool more slots: dagmesh pools set default_pool <slots>',
      },
    ],
  ],
  [
    'nothing, while the ledger tells what a pool has',
    () => {
      const simulation = situationWorld(
        { tasks: [{ taskId: 'a' }] },
        { pools: { default_pool: 0 } },
      );
      const run = simulation.trigger('d');
      poolOf(simulation.picture, 'default_pool').slots = undefined;
      return { simulation, run, taskId: 'a' };
    },
    [],
  ],
  [
    'a rate of which the ledger is asked what began before',
    () => {
      const keyLimits = [{ key: 'api', rateCount: 1, ratePeriod: toDuration(60_000) }];
      const tasks = [{ taskId: 'a', limitKeys: ['api'] }];
      const simulation = situationWorld({ tasks, keyLimits });
      wantBegins(simulation.picture, simulation.dag('d'));
      return { simulation, run: simulation.trigger('d'), taskId: 'a' };
    },
    [
      {
        kind: 'key_rate',
        subject: 'api',
        message: 'which instances with limit key "api" have begun lately is being read',
      },
    ],
  ],
  [
    'a pool that there is not',
    () => {
      const simulation = situationWorld({ tasks: [{ taskId: 'a', pool: 'nowhere' }] });
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
      const keyLimits = [
        { key: 'api', activeMax: 1, rateCount: 1, ratePeriod: toDuration(60_000) },
      ];
      const limits = { activeTisPerDagMax: 1, activeTisPerDagrunMax: 1, limitKeys: ['api'] };
      const product = {
        arguments: [{ name: 'x', source: { kind: { case: 'valueJson', value: '[1,2]' } } }],
      };
      const mapping = { kind: { case: 'product', value: product } };
      const simulation = situationWorld(
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
        remedy:
          'raise max_active_tasks of the DAG; ' +
          'what holds them: dagmesh tasks list d manual__1 --state queued,running',
      },
      {
        kind: 'active_tis_per_dag_max',
        subject: 'a',
        message: '1 of at most 1 instances of task "a" over all runs are queued or running',
        remedy:
          'raise max_active_tis_per_dag of the task; ' +
          'what holds them: dagmesh runs list d --state running',
      },
      {
        kind: 'active_tis_per_dagrun_max',
        subject: 'a',
        message: '1 of at most 1 instances of task "a" in this run are queued or running',
        remedy:
          'raise max_active_tis_per_dagrun of the task; ' +
          'what holds them: dagmesh tasks list d manual__1 --state queued,running --task a',
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
      const simulation = situationWorld({
        tasks: [{ taskId: 'a', limitKeys: ['api'] }],
        keyLimits,
      });
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
];

describe('a scheduled task is explained by', () => {
  testSituations(situations);
});

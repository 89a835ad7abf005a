// Playing DAGs on a virtual clock: what overlaps, what is handed on, and when it ends.
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { instancesOf, nameOf } from '../core/instance.ts';
import type { Run } from '../core/run/run.ts';
import { nameOfState } from '../core/state.ts';
import { createMemory } from './ledger/memory.ts';
import { createPlayer, type Perform, type PlayerOptions } from './player.ts';
import { createSimulation, type DagInit, type SimulationOptions } from './simulation.ts';
import { waitsOf } from './stuck.ts';

const START_MS = Date.UTC(2026, 0, 1);
const SECOND_MS = 1_000;

type TaskInit = NonNullable<DagInit['tasks']>[number];

function aTask(taskId: string, more: Partial<TaskInit> = {}): TaskInit {
  const place = { queue: 'default', pool: 'default_pool', poolSlots: 1, priorityWeight: 1 };
  return { taskId, handler: `x.ts:${taskId}`, ...place, ...more } as TaskInit;
}

function aDag(dagId: string, tasks: readonly TaskInit[], more: Partial<DagInit> = {}): DagInit {
  return { dagId, activeRunsMax: 16, activeTasksMax: 16, tasks: [...tasks], ...more } as DagInit;
}

function stageOf(
  specs: readonly DagInit[],
  perform: Perform,
  more: Partial<PlayerOptions> & Partial<SimulationOptions> = {},
) {
  const simulation = createSimulation(specs, { startMs: START_MS, ...more });
  const memory = createMemory(simulation.commits);
  return { simulation, memory, player: createPlayer(simulation, { perform, memory, ...more }) };
}

const succeed = { outcome: { end: AttemptEnd.SUCCESS } };

const returning = (value: unknown) => ({
  outcome: {
    end: AttemptEnd.SUCCESS,
    xcoms: [{ key: 'return_value', valueJson: JSON.stringify(value) }],
  },
});

function statesOf(run: Run): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...instancesOf(run)].map((instance) => [nameOf(instance), nameOfState(instance.state)]),
  );
}

describe('attempts', () => {
  test('overlap in virtual time, and end in the order of their ends', async () => {
    const ended: string[] = [];
    const tookMs: Readonly<Record<string, number>> = { slow: 60_000, fast: 10_000 };
    const { simulation, player } = stageOf(
      [aDag('d', [aTask('slow'), aTask('fast'), aTask('last', { upstreamTaskIds: ['fast'] })])],
      ({ taskId }, stage) => {
        ended.push(`${taskId} at ${(stage.nowMs() - START_MS) / SECOND_MS}`);
        return { ...succeed, tookMs: tookMs[taskId] ?? 0 };
      },
    );
    const run = simulation.trigger('d');
    await player.play({});
    expect(ended).toEqual(['fast at 0', 'slow at 0', 'last at 10']);
    expect((run.endMs ?? 0) - START_MS).toBe(60_000);
  });

  test('are no more at once than there are slots', async () => {
    const tasks = Array.from({ length: 5 }, (_, index) => aTask(`t${index}`));
    let [now, most] = [0, 0];
    const perform: Perform = async (_lease, stage) => {
      now += 1;
      most = Math.max(most, now);
      await stage.sleep(SECOND_MS);
      now -= 1;
      return succeed;
    };
    const { simulation, player } = stageOf([aDag('d', tasks)], perform, { slots: 2 });
    const run = simulation.trigger('d');
    await player.play({});
    expect(most).toBe(2);
    expect((run.endMs ?? 0) - START_MS).toBe(3 * SECOND_MS);
  });

  test('that sleep go on where they were when the next play begins', async () => {
    const { simulation, player } = stageOf([aDag('d', [aTask('t')])], async (_lease, stage) => {
      await stage.sleep(60 * SECOND_MS);
      return succeed;
    });
    const run = simulation.trigger('d');
    await player.play({ untilMs: START_MS + SECOND_MS });
    expect(statesOf(run)).toEqual({ t: 'running' });
    await player.play({ untilMs: START_MS + 60 * SECOND_MS });
    expect(statesOf(run)).toEqual({ t: 'success' });
  });

  test('that overstay fail at their timeout, and their performers are told', async () => {
    const executionTimeout = durationFromMs(5 * SECOND_MS);
    let reason: unknown;
    const { simulation, player } = stageOf(
      [aDag('d', [aTask('t', { executionTimeout })])],
      async (_lease, stage) => {
        await stage.sleep(60 * SECOND_MS);
        reason = stage.signal.reason;
        return succeed;
      },
    );
    const run = simulation.trigger('d');
    await player.play({});
    expect(statesOf(run)).toEqual({ t: 'failed' });
    expect((run.endMs ?? 0) - START_MS).toBe(5 * SECOND_MS);
    expect(String(reason)).toContain('the attempt is over');
  });

  test('get what tasks before them pushed: whole, as elements, and as a list', async () => {
    const given: Record<string, unknown> = {};
    const product = [{ name: 'n', source: { kind: { case: 'taskId' as const, value: 'list' } } }];
    const tasks = [
      aTask('list'),
      aTask('each', {
        upstreamTaskIds: ['list'],
        mapping: { kind: { case: 'product', value: { arguments: product } } },
      }),
      aTask('sum', {
        upstreamTaskIds: ['each', 'list'],
        inputs: [
          { name: 'all', source: { case: 'xcom', value: { taskId: 'each' } } },
          { name: 'first', source: { case: 'xcom', value: { taskId: 'list' } } },
        ],
      }),
    ];
    const { simulation, memory, player } = stageOf([aDag('d', tasks)], (lease) => {
      const inputs = JSON.parse(lease.inputsJson) as Record<string, unknown>;
      given[`${lease.taskId}[${lease.mapIndex}]`] = inputs;
      if (lease.taskId === 'list') {
        const { outcome } = returning([1, 2]);
        return { outcome: { ...outcome, mapLength: 2 } };
      }
      return returning(lease.taskId === 'each' ? Number(inputs['n']) * 10 : 'done');
    });
    const run = simulation.trigger('d');
    await player.play({});
    expect(statesOf(run)).toEqual({
      list: 'success',
      'each[0]': 'success',
      'each[1]': 'success',
      sum: 'success',
    });
    expect(given).toMatchObject({
      'each[0]': { n: 1 },
      'each[1]': { n: 2 },
      'sum[-1]': { all: [10, 20], first: [1, 2] },
    });
    const tries = [...instancesOf(run)].map((instance) => memory.triesOf(instance).length);
    expect(tries).toEqual([1, 1, 1, 1]);
  });
});

describe('a play', () => {
  test('of a year makes the runs that the schedule asks for', async () => {
    const cron = { expression: '0 0 * * *', dataInterval: true };
    const daily = aDag('d', [aTask('t')], {
      timetable: { kind: { case: 'cron', value: cron } },
    } as Partial<DagInit>);
    const { simulation, player } = stageOf([daily], () => succeed);
    await player.play({ untilMs: Date.UTC(2026, 11, 31) });
    const runs = simulation.runs();
    expect(runs).toHaveLength(365);
    expect(new Set(runs.map(statesOf).map(({ t }) => t))).toEqual(new Set(['success']));
    expect(simulation.nowMs()).toBe(Date.UTC(2026, 11, 31));
  });

  test('with held schedules makes none until they are let go', async () => {
    const daily = aDag('d', [aTask('t')], {
      timetable: { kind: { case: 'cron', value: { expression: '0 0 * * *' } } },
    } as Partial<DagInit>);
    const held = { areSchedulesHeld: true };
    const { simulation, player } = stageOf([daily], () => succeed, held);
    await player.play({ untilMs: START_MS + 5 * 86_400_000 });
    expect(simulation.runs()).toHaveLength(0);
    simulation.startSchedules();
    simulation.startSchedules();
    await player.play({ untilMs: START_MS + 10 * 86_400_000 });
    expect(simulation.runs().length).toBeGreaterThanOrEqual(5);
  });

  test('ends when it is over for whoever asked, and leaves the rest for later', async () => {
    const { simulation, player } = stageOf(
      [aDag('a', [aTask('t')]), aDag('b', [aTask('t')])],
      (lease) => ({
        ...succeed,
        tookMs: lease.dagId === 'a' ? SECOND_MS : 60 * SECOND_MS,
      }),
    );
    const [a, b] = [simulation.trigger('a'), simulation.trigger('b')];
    await player.play({ isOver: () => a.endMs !== undefined });
    expect([statesOf(a)['t'], statesOf(b)['t']]).toEqual(['success', 'running']);
  });

  test('rejects with what a performer threw', async () => {
    const { simulation, player } = stageOf([aDag('d', [aTask('t')])], () => {
      throw new Error('the stage is broken');
    });
    simulation.trigger('d');
    await expect(player.play({})).rejects.toThrow('the stage is broken');
  });

  test('without an end says what is stuck', async () => {
    const { simulation, player } = stageOf(
      [aDag('d', [aTask('t')])],
      () => ({ outcome: { end: AttemptEnd.RESCHEDULED } }),
      { attemptsMax: 10 },
    );
    simulation.trigger('d');
    await expect(player.play({})).rejects.toThrow(/no end in sight after \d+ attempts: "t"/);
  });

  test('that waits for people stops before their time is over, unless it is told until when', async () => {
    const humanInput = {
      subject: 'ship it?',
      options: ['yes', 'no'],
      defaults: ['no'],
      timeout: durationFromMs(3_600_000),
    };
    const task = aTask('ask', { handler: '', humanInput } as Partial<TaskInit>);
    const { simulation, player } = stageOf([aDag('d', [task])], () => succeed);
    const run = simulation.trigger('d');
    await player.play({});
    expect(waitsOf(simulation, run)['ask']).toContain('an answer to "ship it?"');
    await player.play({ untilMs: START_MS + 3_600_000 });
    expect(statesOf(run)).toEqual({ ask: 'success' });
  });
});

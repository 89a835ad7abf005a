// The run before: which one it is, and that whoever waits for it goes on when it lets them.
import { describe, expect, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { createSimulation, type Simulation } from '../../simulator/simulation.ts';
import { clearInstances } from '../operation/clear.ts';
import { instanceOf, instancesOf } from '../instance.ts';
import { markInstances, markRun } from '../operation/mark.ts';
import { restart } from '../operation/start-over.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { fire } from '../wait/wait-end.ts';
import type { Run } from '../run/run.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { NEW_YEAR_MS, type TaskInit } from '../../testing/picture-world.ts';

const DAY_MS = 86_400_000;

function aRow(tasks: readonly TaskInit[], options: { readonly catchup?: boolean } = {}) {
  return createSimulation([{ dagId: 'd', catchup: options.catchup ?? false, tasks: [...tasks] }], {
    startMs: NEW_YEAR_MS,
  });
}

function runOfDay(simulation: Simulation, day: number): Run {
  return simulation.trigger('d', { runId: `day${day}`, logicalDateMs: NEW_YEAR_MS + day * DAY_MS });
}

function stateOf(run: Run, taskId: string): TaskInstanceState | undefined {
  return instanceOf(run, taskId)?.state;
}

function end(simulation: Simulation, run: Run, taskId: string, how: AttemptEnd): void {
  const held: Attempt[] = [...simulation.picture.attempts.values(), ...simulation.lease(100)];
  const attempt = held.find(({ instance }) => instance === instanceOf(run, taskId));
  if (attempt === undefined) throw new Error(`${taskId} of ${run.runId} does not run`);
  simulation.report(attempt, { end: how });
}

const { NONE, QUEUED, RUNNING } = TaskInstanceState;
const aloneWithPast: readonly TaskInit[] = [{ taskId: 'a', dependsOnPast: true }];

describe('a task that depends on the past', () => {
  test('runs in the first run, and in each later one when the one before let it', () => {
    const simulation = aRow(aloneWithPast);
    const [first, second, third] = [0, 1, 2].map((day) => runOfDay(simulation, day)) as [
      Run,
      Run,
      Run,
    ];
    expect([first, second, third].map((run) => stateOf(run, 'a'))).toEqual([QUEUED, NONE, NONE]);
    end(simulation, first, 'a', AttemptEnd.SUCCESS);
    expect([second, third].map((run) => stateOf(run, 'a'))).toEqual([QUEUED, NONE]);
    end(simulation, second, 'a', AttemptEnd.SKIPPED);
    expect(stateOf(third, 'a')).toBe(QUEUED);
  });

  test('does not run after a failure, and the run waits instead of failing', () => {
    const simulation = aRow(aloneWithPast);
    const first = runOfDay(simulation, 0);
    const second = runOfDay(simulation, 1);
    end(simulation, first, 'a', AttemptEnd.FAILED);
    expect(stateOf(second, 'a')).toBe(NONE);
    expect(second.state).toBe(DagRunState.RUNNING);
  });

  test('looks at the run just before, also when an earlier one ends later', () => {
    const simulation = aRow([
      { taskId: 'a', upstreamTaskIds: ['before'], dependsOnPast: true },
      { taskId: 'before' },
      { taskId: 'slow' },
    ]);
    const first = runOfDay(simulation, 0);
    const second = runOfDay(simulation, 1);
    const third = runOfDay(simulation, 2);
    for (const run of [first, second]) end(simulation, run, 'before', AttemptEnd.SUCCESS);
    end(simulation, first, 'a', AttemptEnd.SUCCESS);
    end(simulation, second, 'slow', AttemptEnd.SUCCESS);
    end(simulation, second, 'a', AttemptEnd.FAILED);
    expect(second.state).toBe(DagRunState.FAILED);
    end(simulation, first, 'slow', AttemptEnd.SUCCESS);
    expect(first.state).toBe(DagRunState.SUCCESS);
    end(simulation, third, 'before', AttemptEnd.SUCCESS);
    expect(stateOf(third, 'a')).toBe(NONE);
  });

  test('goes on when the run before is failed by hand before it has begun', () => {
    const simulation = aRow(aloneWithPast);
    const dag = simulation.dag('d');
    dag.version = { ...dag.version, activeRunsMax: 1 };
    const zeroth = runOfDay(simulation, 0);
    const first = runOfDay(simulation, 1);
    const second = runOfDay(simulation, 2);
    expect(first.state).toBe(DagRunState.QUEUED);
    simulation.decide((deciding) => markRun(deciding, first, DagRunState.FAILED, 'me'));
    expect(stateOf(first, 'a')).toBe(TaskInstanceState.SKIPPED);
    end(simulation, zeroth, 'a', AttemptEnd.SUCCESS);
    expect(stateOf(second, 'a')).toBe(QUEUED);
  });

  test('goes on when the failed task of the run before is set to success, or that whole run', () => {
    for (const how of ['task', 'run'] as const) {
      const simulation = aRow(aloneWithPast);
      const first = runOfDay(simulation, 0);
      const second = runOfDay(simulation, 1);
      end(simulation, first, 'a', AttemptEnd.FAILED);
      expect(first.state).toBe(DagRunState.FAILED);
      const instance = instanceOf(first, 'a');
      if (instance === undefined) throw new Error('no task a');
      simulation.decide((deciding, moment) => {
        const state = TaskInstanceState.SUCCESS;
        const mark = { run: first, instances: [instance], state, actor: 'me' } as const;
        if (how === 'task') markInstances(deciding, moment, mark);
        else markRun(deciding, first, DagRunState.SUCCESS, 'me');
      });
      expect(first.state).toBe(DagRunState.SUCCESS);
      expect(stateOf(second, 'a'), `after a mark of the ${how}`).toBe(QUEUED);
    }
  });

  test('goes on when the run before is cleared and ends well this time', () => {
    const simulation = aRow(aloneWithPast);
    const first = runOfDay(simulation, 0);
    const second = runOfDay(simulation, 1);
    end(simulation, first, 'a', AttemptEnd.FAILED);
    simulation.decide((deciding, moment) =>
      clearInstances(
        deciding,
        moment,
        first,
        first.nodes.flatMap(({ instances }) => instances),
      ),
    );
    expect(stateOf(second, 'a')).toBe(NONE);
    end(simulation, first, 'a', AttemptEnd.SUCCESS);
    expect(stateOf(second, 'a')).toBe(QUEUED);
  });

  test('that has begun is not held back when the run before is cleared', () => {
    const simulation = aRow(aloneWithPast);
    const first = runOfDay(simulation, 0);
    const second = runOfDay(simulation, 1);
    end(simulation, first, 'a', AttemptEnd.SUCCESS);
    simulation.lease(1);
    simulation.decide((deciding, moment) =>
      clearInstances(
        deciding,
        moment,
        first,
        first.nodes.flatMap(({ instances }) => instances),
      ),
    );
    expect(stateOf(second, 'a')).toBe(RUNNING);
  });

  test('looks at it again before each further try', () => {
    const simulation = aRow([{ taskId: 'a', dependsOnPast: true, retry: { retries: 1 } }]);
    const first = runOfDay(simulation, 0);
    const second = runOfDay(simulation, 1);
    end(simulation, first, 'a', AttemptEnd.SUCCESS);
    end(simulation, second, 'a', AttemptEnd.FAILED);
    simulation.decide((deciding, moment) =>
      clearInstances(deciding, moment, first, [...instancesOf(first)]),
    );
    simulation.advanceTo(simulation.nowMs() + DAY_MS);
    expect(stateOf(second, 'a')).toBe(NONE);
    end(simulation, first, 'a', AttemptEnd.SUCCESS);
    expect(stateOf(second, 'a')).toBe(QUEUED);
  });

  test('looks at it again when it looks later, but not when it is called back', () => {
    const asset = { kind: { case: 'asset' as const, value: { assetName: 'x' } } };
    for (const [how, expected] of [
      [AttemptEnd.RESCHEDULED, NONE],
      [AttemptEnd.DEFERRED, QUEUED],
    ] as const) {
      const simulation = aRow(aloneWithPast);
      const first = runOfDay(simulation, 0);
      const second = runOfDay(simulation, 1);
      end(simulation, first, 'a', AttemptEnd.SUCCESS);
      const [attempt] = simulation.lease(1);
      if (attempt === undefined) throw new Error('nothing to lease');
      const rescheduleAt = toTimestamp(simulation.nowMs() + DAY_MS);
      simulation.report(attempt, { end: how, rescheduleAt, defer: { trigger: asset } });
      simulation.decide((deciding, moment) =>
        clearInstances(deciding, moment, first, [...instancesOf(first)]),
      );
      simulation.advanceTo(simulation.nowMs() + DAY_MS);
      const event = { eventJson: '1', error: '', isSkip: false };
      if (how === AttemptEnd.DEFERRED) {
        simulation.decide((deciding) => fire(deciding, attempt.instance, event));
      }
      expect(stateOf(second, 'a')).toBe(expected);
    }
  });

  test('is skipped by what the run before is by then, whatever it was before', () => {
    const simulation = aRow([
      { taskId: 'u' },
      {
        ...{ taskId: 'a', upstreamTaskIds: ['u'], dependsOnPast: true },
        waitForPastDependsBeforeSkipping: true,
      },
    ]);
    const first = runOfDay(simulation, 0);
    const second = runOfDay(simulation, 1);
    for (const taskId of ['u', 'a']) end(simulation, first, taskId, AttemptEnd.SUCCESS);
    simulation.decide((deciding, moment) =>
      clearInstances(deciding, moment, first, [...instancesOf(first)]),
    );
    end(simulation, second, 'u', AttemptEnd.SKIPPED);
    expect(stateOf(second, 'a')).toBe(NONE);
    for (const taskId of ['u', 'a']) end(simulation, first, taskId, AttemptEnd.SUCCESS);
    expect(stateOf(second, 'a')).toBe(TaskInstanceState.SKIPPED);
  });

  test('runs where it is new, unless it says that its first run counts or it ran before', () => {
    for (const [heedsFirst, earlier, expected] of [
      [false, [], QUEUED],
      [false, ['a'], NONE],
      [true, [], NONE],
    ] as const) {
      const task = { taskId: 'a', dependsOnPast: true, heedsFirstDependsOnPast: heedsFirst };
      const simulation = aRow([task]);
      const run = runOfDay(simulation, 1);
      simulation.decide((deciding) => {
        const before = { runId: 'day0', logicalDateMs: NEW_YEAR_MS, states: new Map() };
        run.past = { before, tasksWithPast: new Set(earlier) };
        for (const instance of instancesOf(run)) restart(deciding, instance);
      });
      expect(stateOf(run, 'a')).toBe(expected);
    }
  });

  test('does not look at manual runs when the DAG catches up', () => {
    for (const [catchup, expected] of [
      [true, QUEUED],
      [false, NONE],
    ] as const) {
      const simulation = aRow(aloneWithPast, { catchup });
      runOfDay(simulation, 0);
      expect(stateOf(runOfDay(simulation, 1), 'a')).toBe(expected);
    }
  });

  test('begins the row in the first run of a backfill', () => {
    const simulation = aRow(aloneWithPast);
    runOfDay(simulation, 0);
    const backfill = { backfillId: 'b', logicalDateMs: NEW_YEAR_MS + DAY_MS, runId: 'b1' };
    const first = simulation.trigger('d', { ...backfill, backfillOrdinal: 1 });
    expect(stateOf(first, 'a')).toBe(QUEUED);
    const next = { ...backfill, logicalDateMs: NEW_YEAR_MS + 2 * DAY_MS, runId: 'b2' };
    expect(stateOf(simulation.trigger('d', { ...next, backfillOrdinal: 2 }), 'a')).toBe(NONE);
  });
});

test('a task that waits for what was downstream waits for that, too', () => {
  const simulation = aRow([
    { taskId: 'a', waitForDownstream: true },
    { taskId: 'b', upstreamTaskIds: ['a'] },
  ]);
  const first = runOfDay(simulation, 0);
  const second = runOfDay(simulation, 1);
  end(simulation, first, 'a', AttemptEnd.SUCCESS);
  expect(stateOf(second, 'a')).toBe(NONE);
  end(simulation, first, 'b', AttemptEnd.SUCCESS);
  expect(stateOf(second, 'a')).toBe(QUEUED);
});

test('a skip waits for the past when the task says so', () => {
  const tasks: readonly TaskInit[] = [
    { taskId: 'a' },
    {
      taskId: 'b',
      upstreamTaskIds: ['a'],
      dependsOnPast: true,
      waitForPastDependsBeforeSkipping: true,
    },
  ];
  const simulation = aRow(tasks);
  const first = runOfDay(simulation, 0);
  const second = runOfDay(simulation, 1);
  end(simulation, second, 'a', AttemptEnd.SKIPPED);
  expect(stateOf(second, 'b')).toBe(NONE);
  end(simulation, first, 'a', AttemptEnd.SUCCESS);
  end(simulation, first, 'b', AttemptEnd.SUCCESS);
  expect(stateOf(second, 'b')).toBe(TaskInstanceState.SKIPPED);
});

test('that the run before is not known yet decides nothing: its run waits as a whole', () => {
  const rule = TriggerRule.ALL_SKIPPED;
  const skipped = { dependsOnPast: true, waitForPastDependsBeforeSkipping: true };
  const simulation = aRow([
    { taskId: 'a' },
    { taskId: 'skipped', upstreamTaskIds: ['a'], triggerRule: rule, ...skipped },
    { taskId: 'one', upstreamTaskIds: ['a'] },
    { taskId: 'two', upstreamTaskIds: ['one'] },
    { taskId: 'last', upstreamTaskIds: ['skipped', 'two'] },
  ]);
  const run = runOfDay(simulation, 0);
  end(simulation, run, 'a', AttemptEnd.FAILED);
  // Level by level: what is skipped reaches the last task before what could not run does.
  expect(stateOf(run, 'skipped')).toBe(TaskInstanceState.SKIPPED);
  expect(stateOf(run, 'two')).toBe(TaskInstanceState.UPSTREAM_FAILED);
  expect(stateOf(run, 'last')).toBe(TaskInstanceState.SKIPPED);
});

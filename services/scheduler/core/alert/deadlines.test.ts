// Deadlines: when they count from, whether they are missed, and what becomes of them when runs end,
// start again, or are known to another scheduler only.
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { DagRunSchema, RunType, TaskInstanceSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Deadline } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { clearInstances } from '../operation/clear.ts';
import { watchDeadline } from './deadlines.ts';
import { instancesOf } from '../instance.ts';
import { loadFinishedRun } from '../load/load-run.ts';
import type { Run } from '../run/run.ts';
import { markRun } from '../operation/mark.ts';
import { DagRunState } from '../state.ts';
import { toldAfter } from '../../testing/callbacks.ts';
import { aWorld, instanceIn, NEW_YEAR_MS, type World } from '../../testing/picture-world.ts';

const callback = {
  event: CallbackEvent.FAILURE,
  action: { case: 'handler', value: 'tell' },
} as const;
const interval = { seconds: 100n };
const fromQueue = { reference: { case: 'queuedAt', value: {} }, interval, callback } as const;
const fromDate = {
  ...{ name: 'by date', interval, callback },
  reference: { case: 'logicalDate', value: {} },
} as const;

function aDagWith(...deadlines: (typeof fromQueue | typeof fromDate)[]): World {
  return aWorld({ tasks: [{ taskId: 'a' }], deadlines });
}

/** Lets seconds pass; answers what was told of, by deadline. */
function pass(world: World, seconds: number): readonly string[] {
  return toldAfter(world, seconds).map(({ deadline }) => deadline.name as string);
}

function end(world: World, run: Run, how: AttemptEnd): void {
  while (instanceIn(run, 'a').attempt === undefined) {
    if (world.lease().length === 0) throw new Error('nothing to lease');
  }
  world.end(run, 'a', how);
}

function clear(world: World, run: Run): void {
  world.decide((deciding, moment) => clearInstances(deciding, moment, run, [...instancesOf(run)]));
  world.commit();
}

/** The run as a scheduler knows it that reads it from the ledger. */
function readAgain(world: World, run: Run, deadlines: readonly Deadline[]): Run {
  return world.decide((_deciding, moment) =>
    loadFinishedRun(
      world.picture,
      world.dag,
      {
        run: create(DagRunSchema, {
          ...{ id: run.id, runId: run.runId, runType: run.runType, state: run.state },
          ...{ dagVersionId: run.version.dagVersionId, clearNumber: run.clearNumber },
          ...(run.logicalDateMs === undefined
            ? {}
            : { logicalDate: toTimestamp(run.logicalDateMs) }),
          queuedAt: toTimestamp(run.queuedAtMs ?? 0),
        }),
        version: { ...world.dag.version, versionNumber: 1, $typeName: VERSION },
        taskInstances: [...instancesOf(run)].map(({ id, mapIndex, state, task }) =>
          create(TaskInstanceSchema, {
            id,
            dagRunId: run.id,
            taskId: task.taskId,
            mapIndex,
            state,
          }),
        ),
        deadlines,
      },
      moment,
    ),
  );
}

const VERSION = 'dagmesh.metadata.v1.DagVersionRecord';

describe('a deadline', () => {
  test('is missed once when the run is still going on', () => {
    const world = aDagWith(fromQueue);
    world.run();
    expect(pass(world, 99)).toEqual([]);
    expect(pass(world, 1)).toEqual(['0']);
    expect(pass(world, 1_000)).toEqual([]);
  });

  test('tells its callback what state the run is in', () => {
    for (const [ends, state] of [
      [false, 'running'],
      [true, 'failed'],
    ] as const) {
      const world = aDagWith(fromQueue);
      const run = world.run();
      if (ends) end(world, run, AttemptEnd.FAILED);
      pass(world, 1_000);
      const told = [...world.dag.runs.values()].find((one) => one.runType === RunType.CALLBACK);
      expect(JSON.parse(told?.confJson ?? '{}').context).toMatchObject({ state });
    }
  });

  test('is kept by a run that succeeds, and missed by one that failed', () => {
    for (const [how, missed] of [
      [AttemptEnd.SUCCESS, []],
      [AttemptEnd.FAILED, ['0']],
    ] as const) {
      const world = aDagWith(fromQueue);
      end(world, world.run(), how);
      expect(pass(world, 1_000)).toEqual(missed);
    }
  });

  test('counts from the logical date, if there is one', () => {
    const world = aDagWith(fromDate);
    const dated = world.run({ runId: 'dated', logicalDateMs: NEW_YEAR_MS - 50_000 });
    const undated = world.run({ runId: 'undated' });
    expect(dated.deadlines.map(({ dueAt }) => fromTimestamp(dueAt))).toEqual([
      NEW_YEAR_MS + 50_000,
    ]);
    expect(undated.deadlines).toEqual([]);
    expect(pass(world, 50)).toEqual(['by date']);
  });

  test('counts anew from the queue when the run is cleared, also while it goes on', () => {
    const world = aDagWith(fromQueue);
    const run = world.run();
    pass(world, 60);
    clear(world, run);
    expect(pass(world, 60)).toEqual([]);
    expect(pass(world, 60)).toEqual(['0']);
    clear(world, run);
    expect(pass(world, 99)).toEqual([]);
    expect(pass(world, 1)).toEqual(['0']);
  });

  test('is void when the failed run is set to success', () => {
    const world = aDagWith(fromQueue);
    const run = world.run();
    end(world, run, AttemptEnd.FAILED);
    world.decide((deciding) => markRun(deciding, run, DagRunState.SUCCESS, 'me'));
    world.commit();
    expect(pass(world, 1_000)).toEqual([]);
  });
});

describe('a deadline of a failed run that is read again and cleared', () => {
  test('counts anew from the queue, and is not missed twice', () => {
    const world = aDagWith(fromQueue);
    const failed = world.run();
    const { deadlines } = failed;
    end(world, failed, AttemptEnd.FAILED);
    pass(world, 60);
    const run = readAgain(
      world,
      failed,
      deadlines.map((each) => ({ ...each })),
    );
    clear(world, run);
    expect(pass(world, 60)).toEqual([]);
    expect(pass(world, 60)).toEqual(['0']);
    expect(pass(world, 1_000)).toEqual([]);
  });

  test('is kept when the run succeeds this time', () => {
    const world = aDagWith(fromDate);
    const failed = world.run({ logicalDateMs: NEW_YEAR_MS });
    const { deadlines } = failed;
    end(world, failed, AttemptEnd.FAILED);
    const run = readAgain(
      world,
      failed,
      deadlines.map((each) => ({ ...each })),
    );
    clear(world, run);
    end(world, run, AttemptEnd.SUCCESS);
    expect(pass(world, 1_000)).toEqual([]);
  });

  test('is missed as before when somebody only looked at the run', () => {
    const world = aDagWith(fromQueue);
    const failed = world.run();
    const { deadlines } = failed;
    end(world, failed, AttemptEnd.FAILED);
    readAgain(
      world,
      failed,
      deadlines.map((each) => ({ ...each })),
    );
    expect(pass(world, 1_000)).toEqual(['0']);
  });
});

test('a deadline of a run that ended under another scheduler is missed all the same', () => {
  const world = aDagWith(fromQueue);
  const other = aDagWith(fromQueue);
  const { deadlines, runId } = other.run({ runId: 'ended' });
  const [deadline] = deadlines;
  if (deadline === undefined) throw new Error('no deadline');
  watchDeadline(world.picture, world.dag, { deadline, run: undefined });
  expect(pass(world, 100)).toEqual(['0']);
  const [tells] = world.dag.runs.values();
  expect(tells).toMatchObject({ callbackOfRunId: runId });
  expect(JSON.parse(tells?.confJson ?? '').context).toMatchObject({ run_id: runId });
});

// How the latest runs ended: averages, and DAGs that are paused after too many failures.
import { describe, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { averageRuntimeMs, noteEnd, takeHistory } from './history.ts';
import { setGate } from '../dag.ts';
import { markRun } from '../operation/mark.ts';
import { DagRunState } from '../state.ts';
import { aWorld, NEW_YEAR_MS, type World } from '../../testing/picture-world.ts';

const DAY_MS = 86_400_000;

function loadedDag(): World {
  const world = aWorld({ tasks: [{ taskId: 'a' }], consecutiveFailedRunsMax: 2 });
  takeHistory(world.dag, []);
  return world;
}

function runOfDay(world: World, day: number, how: AttemptEnd) {
  const run = world.run({ runId: `day${day}`, logicalDateMs: NEW_YEAR_MS + day * DAY_MS });
  world.lease();
  world.nowMs += 1_000;
  world.end(run, 'a', how);
  return run;
}

describe('a DAG that is to be paused after two failures in a row', () => {
  test('is paused by the second, by date and not by when they ended', () => {
    const world = loadedDag();
    runOfDay(world, 0, AttemptEnd.FAILED);
    runOfDay(world, 2, AttemptEnd.SUCCESS);
    runOfDay(world, 1, AttemptEnd.FAILED);
    expect(world.dag.isPaused).toBe(false);
    runOfDay(world, 3, AttemptEnd.FAILED);
    expect(world.dag.isPaused).toBe(false);
    runOfDay(world, 4, AttemptEnd.FAILED);
    expect(world.dag.isPaused).toBe(true);
  });

  test('is not paused again for a failure that was set to success', () => {
    const world = loadedDag();
    runOfDay(world, 0, AttemptEnd.FAILED);
    const second = runOfDay(world, 1, AttemptEnd.FAILED);
    setGate(world.dag, false);
    world.decide((deciding) => markRun(deciding, second, DagRunState.SUCCESS, 'me'));
    runOfDay(world, 2, AttemptEnd.FAILED);
    expect(world.dag.isPaused).toBe(false);
  });

  test('counts a run that ended before the ledger told of earlier ones', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }], consecutiveFailedRunsMax: 2 });
    runOfDay(world, 1, AttemptEnd.FAILED);
    const told = [
      { runId: 'day0', atMs: NEW_YEAR_MS, isSuccess: false, durationMs: 1 },
      { runId: 'day1', atMs: NEW_YEAR_MS + DAY_MS, isSuccess: true, durationMs: 1 },
    ];
    takeHistory(world.dag, told);
    expect(world.dag.history?.map(({ isSuccess }) => isSuccess)).toEqual([false, false]);
    runOfDay(world, 2, AttemptEnd.FAILED);
    expect(world.dag.isPaused).toBe(true);
  });
});

test('an average is known once there are as many successes as it takes', () => {
  const world = loadedDag();
  const average = { runsMax: 2, runsMin: 0 };
  runOfDay(world, 0, AttemptEnd.SUCCESS);
  expect(averageRuntimeMs(world.dag, average)).toBeUndefined();
  expect(averageRuntimeMs(world.dag, { ...average, runsMin: 1 })).toBe(1_000);
  const last = runOfDay(world, 1, AttemptEnd.SUCCESS);
  noteEnd(world.dag, { ...last, endMs: (last.endMs ?? 0) + 2_000 });
  expect(averageRuntimeMs(world.dag, average)).toBe(2_000);
});

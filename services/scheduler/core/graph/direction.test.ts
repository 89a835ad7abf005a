// What tasks decide about those below them: branches, short circuits, the latest run only.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  AttemptEnd,
  AttemptOutcomeSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { DirectionSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { clearInstances } from '../operation/clear.ts';
import { recordOutcome } from '../attempt/outcomes.ts';
import { nameOfState, TaskInstanceState } from '../state.ts';
import type { Run } from '../run/run.ts';
import { aWorld, instanceIn, NEW_YEAR_MS, type World } from '../../testing/picture-world.ts';

type Direction = MessageInitShape<typeof DirectionSchema>;
const HOUR_MS = 3_600_000;

const fork = {
  tasks: [
    { taskId: 'fork' },
    { taskId: 'left', upstreamTaskIds: ['fork'] },
    { taskId: 'right', upstreamTaskIds: ['fork'] },
    { taskId: 'join', upstreamTaskIds: ['left', 'right'], triggerRule: TriggerRule.NONE_FAILED },
    { taskId: 'unmake', upstreamTaskIds: ['fork', 'join'], isTeardown: true },
  ],
};

function decideWith(world: World, run: Run, direction: Direction): void {
  const { attemptId, epoch } = instanceIn(run, 'fork');
  const outcome = { attemptId, epoch: BigInt(epoch), end: AttemptEnd.SUCCESS, direction };
  world.decide((deciding) => recordOutcome(deciding, create(AttemptOutcomeSchema, outcome)));
  world.commit();
}

function branch(...followIds: string[]): Direction {
  return { kind: { case: 'branch', value: { followIds } } };
}

function circuit(respectsTriggerRules: boolean): Direction {
  return { kind: { case: 'shortCircuit', value: { respectsTriggerRules } } };
}

function statesOf(run: Run, ...taskIds: string[]): readonly string[] {
  return taskIds.map((taskId) => nameOfState(instanceIn(run, taskId).state));
}

function begin(): { readonly world: World; readonly run: Run } {
  const world = aWorld(fork);
  const run = world.run();
  world.lease();
  return { world, run };
}

describe('a branch', () => {
  test('is followed, with what it leads to', () => {
    const { world, run } = begin();
    decideWith(world, run, branch('left'));
    expect(statesOf(run, 'left', 'right', 'join')).toEqual(['queued', 'skipped', 'none']);
  });

  test('that is none skips everything directly below', () => {
    const { world, run } = begin();
    decideWith(world, run, branch());
    expect(statesOf(run, 'left', 'right', 'join')).toEqual(['skipped', 'skipped', 'queued']);
  });

  test('to a task that is not there fails the task', () => {
    const { world, run } = begin();
    decideWith(world, run, branch('nowhere'));
    expect(statesOf(run, 'fork', 'left')).toEqual(['failed', 'upstream_failed']);
  });

  test('holds for tasks that are cleared without it', () => {
    const { world, run } = begin();
    decideWith(world, run, branch('left'));
    const instances = [instanceIn(run, 'right')];
    world.decide((deciding, moment) => clearInstances(deciding, moment, run, instances));
    expect(statesOf(run, 'right')).toEqual(['skipped']);
  });
});

describe('a short circuit', () => {
  test('skips all that is below, except for teardowns', () => {
    const { world, run } = begin();
    decideWith(world, run, circuit(false));
    expect(statesOf(run, 'left', 'right', 'join', 'unmake')).toEqual([
      ...['skipped', 'skipped', 'skipped', 'queued'],
    ]);
  });

  test('that respects rules skips what is directly below alone', () => {
    const { world, run } = begin();
    decideWith(world, run, circuit(true));
    expect(statesOf(run, 'left', 'right', 'join', 'unmake')).toEqual([
      ...['skipped', 'skipped', 'queued', 'none'],
    ]);
  });
});

describe('a task for the latest run only', () => {
  const daily = {
    ...{ catchup: true, timetable: { kind: { case: 'cron', value: { expression: '0 * * * *' } } } },
    tasks: [
      { taskId: 'latest', isLatestOnly: true },
      { taskId: 'a', upstreamTaskIds: ['latest'] },
    ],
  } as const;

  test('lets runs by hand pass, and of the others the latest', () => {
    for (const [hoursAgo, runType, state] of [
      [0, RunType.SCHEDULED, 'queued'],
      [0.5, RunType.SCHEDULED, 'queued'],
      [2, RunType.SCHEDULED, 'skipped'],
      [2, RunType.BACKFILL, 'skipped'],
      [2, RunType.MANUAL, 'queued'],
    ] as const) {
      const world = aWorld({ ...daily, tasks: [...daily.tasks] } as Parameters<typeof aWorld>[0]);
      world.dag.scheduledCount = 1;
      world.nowMs = NEW_YEAR_MS + hoursAgo * HOUR_MS;
      const run = world.run({
        ...{ runType, runAfterMs: NEW_YEAR_MS, logicalDateMs: NEW_YEAR_MS },
        ...{ intervalStartMs: NEW_YEAR_MS, intervalEndMs: NEW_YEAR_MS },
      });
      expect(statesOf(run, 'latest', 'a'), `${hoursAgo} hours ago`).toEqual(['success', state]);
      expect(instanceIn(run, 'latest').state).toBe(TaskInstanceState.SUCCESS);
    }
  });
});

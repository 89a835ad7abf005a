// What the ledger refuses: all that hangs on it is taken back, and what waited for it goes on.
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  BackfillAction,
  BackfillSchema,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import {
  AttemptEnd,
  AttemptOutcomeSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { advanceBackfills } from '../operation/backfills.ts';
import { clearInstances } from '../operation/clear.ts';
import { followRefused } from '../deciding.ts';
import { instancesOf } from '../instance.ts';
import { leaseInto } from './leases.ts';
import { markInstances, markRun } from '../operation/mark.ts';
import { recordOutcome } from './outcomes.ts';
import type { Run } from '../run/run.ts';
import type { Attempt } from './attempt.ts';
import { createRun } from '../run/runs.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { keepAgenda } from '../sweep.ts';
import { fire } from '../wait/wait-end.ts';
import { aRun, aWorld, instanceIn, NEW_YEAR_MS, type World } from '../../testing/picture-world.ts';

const { NONE, QUEUED, RUNNING, SCHEDULED, SUCCESS } = TaskInstanceState;
const DAY_MS = 86_400_000;

function createIn(world: World, request: Partial<Parameters<typeof createRun>[3]> = {}): Run {
  return world.decide((deciding, moment) =>
    createRun(deciding, moment, world.dag, { ...aRun(moment), ...request }),
  );
}

function lease(world: World): Attempt {
  const offers = [{ workerId: 'w', queues: ['default'], slots: 1 }];
  const [attempt] = world.decide(({ changes }, moment) =>
    leaseInto(world.picture, changes, { executorId: 'e', offers }, moment),
  );
  if (attempt === undefined) throw new Error('nothing to lease');
  return attempt;
}

/** Seals what is open; the answer tells what was refused, and what follows from that is decided. */
function seal(world: World) {
  const changes = world.open();
  const settle = world.seal();
  return (refused: { readonly runs?: string[]; readonly instances?: string[] }) => {
    settle(refused);
    world.decide((deciding, moment) => followRefused(deciding, moment, changes));
  };
}

function clearAll(world: World, run: Run): void {
  world.decide((deciding, moment) => clearInstances(deciding, moment, run, [...instancesOf(run)]));
}

function defer(world: World, attempt: Attempt): void {
  const { attemptId, epoch } = attempt;
  const trigger = { kind: { case: 'asset', value: { assetName: 'x' } } } as const;
  const outcome = create(AttemptOutcomeSchema, {
    ...{ attemptId, epoch: BigInt(epoch), end: AttemptEnd.DEFERRED },
    defer: { trigger, method: 'go_on' },
  });
  world.decide((deciding) => recordOutcome(deciding, outcome));
  world.commit();
}

describe('an attempt that the ledger did not make', () => {
  test('leaves the task as it was when it was to go on with a try that waited', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }] });
    const run = world.run();
    const [first] = world.lease();
    if (first === undefined) throw new Error('nothing to lease');
    defer(world, first);
    const instance = instanceIn(run, 'a');
    world.decide((deciding) =>
      fire(deciding, instance, { eventJson: '1', error: '', isSkip: false }),
    );
    const refused = lease(world);
    expect(refused.isResumed).toBe(true);
    seal(world)({ instances: [instance.id] });
    expect(instance).toMatchObject({ attemptId: first.attemptId, tryNumber: 1, epoch: 1 });
    const again = lease(world);
    expect(again).toMatchObject({ isResumed: true, previousId: first.attemptId, tryNumber: 1 });
    expect(world.open().carried.get(again)).toBe(first.attemptId);
  });

  test('lets a task that was cleared meanwhile wait for what is above it', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }, { taskId: 'b', upstreamTaskIds: ['a'] }] });
    const run = world.run();
    world.lease();
    world.end(run, 'a', AttemptEnd.SUCCESS);
    lease(world);
    const settle = seal(world);
    clearAll(world, run);
    expect(instanceIn(run, 'b').state).toBe(TaskInstanceState.RESTARTING);
    settle({ instances: [instanceIn(run, 'b').id] });
    expect(instanceIn(run, 'b')).toMatchObject({ state: NONE, attempt: undefined });
    expect(instanceIn(run, 'a').state).toBe(QUEUED);
  });

  test('changes nothing for a task whose state was set by hand meanwhile', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }] });
    const run = world.run();
    lease(world);
    const settle = seal(world);
    const mark = { run, instances: [instanceIn(run, 'a')], state: SUCCESS, actor: 'me' };
    world.decide((deciding, moment) => markInstances(deciding, moment, mark));
    settle({ instances: [instanceIn(run, 'a').id] });
    expect(run.state).toBe(DagRunState.SUCCESS);
    world.commit();
    expect(world.picture.pools.get('default_pool')).toMatchObject({
      pendingSlots: 0,
      unsettledSlots: 0,
    });
  });
});

describe('a task that is to start over', () => {
  test('does so however its attempt ends', () => {
    const ends = [
      ...[AttemptEnd.SUCCESS, AttemptEnd.FAILED, AttemptEnd.SKIPPED, AttemptEnd.REJECTED],
      ...[AttemptEnd.LOST, AttemptEnd.CANCELLED, AttemptEnd.DEFERRED, AttemptEnd.RESCHEDULED],
      AttemptEnd.AWAITING_INPUT,
    ];
    for (const end of ends) {
      const world = aWorld({ tasks: [{ taskId: 'a', retry: { retries: 1 } }] });
      const run = world.run();
      world.lease();
      clearAll(world, run);
      world.end(run, 'a', end);
      const instance = instanceIn(run, 'a');
      expect(instance, `after end ${end}`).toMatchObject({ state: QUEUED, wait: undefined });
      expect(world.picture.waits.size).toBe(0);
      expect(world.lease()).toHaveLength(1);
    }
  });

  test('waits for no trigger any more', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }] });
    const run = world.run();
    const [first] = world.lease();
    if (first === undefined) throw new Error('nothing to lease');
    defer(world, first);
    expect(world.picture.waits.size).toBe(1);
    clearAll(world, run);
    expect(world.picture.waits.size).toBe(0);
    expect(lease(world).isResumed).toBe(false);
  });
});

describe('a run that exists already', () => {
  test('misses no deadline', () => {
    const callback = {
      event: CallbackEvent.FAILURE,
      action: { case: 'handler', value: 'tell' },
    } as const;
    const deadlines = [
      { reference: { case: 'queuedAt', value: {} }, interval: { seconds: 10n }, callback } as const,
    ];
    const world = aWorld({ tasks: [{ taskId: 'a' }], deadlines });
    const run = createIn(world);
    seal(world)({ runs: [run.id] });
    world.nowMs += 60_000;
    world.decide((deciding, moment) => keepAgenda(deciding, moment, 100));
    expect(world.open().deadlines.size).toBe(0);
    expect(world.dag.runs.size).toBe(0);
  });

  test('tells nobody of its end', () => {
    const callbacks = [
      { event: CallbackEvent.SUCCESS, action: { case: 'handler', value: 'tell' } } as const,
    ];
    const world = aWorld({ tasks: [{ taskId: 'a', isEmpty: true }], callbacks });
    const run = createIn(world);
    expect(world.dag.runs.size).toBe(1);
    seal(world)({ runs: [run.id] });
    expect(world.dag.runs.size).toBe(0);
  });

  test('tells nobody of an end that somebody set before it was refused', () => {
    const callbacks = [
      { event: CallbackEvent.FAILURE, action: { case: 'handler', value: 'tell' } } as const,
    ];
    const world = aWorld({ tasks: [{ taskId: 'a' }], callbacks });
    const run = createIn(world);
    const settle = seal(world);
    world.decide((deciding) => markRun(deciding, run, DagRunState.FAILED, 'me'));
    expect(world.dag.runs.size).toBe(1);
    settle({ runs: [run.id] });
    expect(world.dag.runs.size).toBe(0);
    world.commit();
    expect(world.lease()).toEqual([]);
  });

  test('is no date that its backfill waits for', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }] });
    world.nowMs += 3 * DAY_MS;
    const dates = [1, 2].map((ordinal) => ({
      ordinal,
      logicalDate: toTimestamp(NEW_YEAR_MS + ordinal * DAY_MS),
      runAfter: toTimestamp(NEW_YEAR_MS + ordinal * DAY_MS),
      action: BackfillAction.CREATE,
    }));
    const state = BackfillState.RUNNING;
    const backfill = create(BackfillSchema, { backfillId: 'b', dates, activeRunsMax: 1, state });
    world.dag.backfills.set('b', backfill);
    world.decide((deciding, moment) => advanceBackfills(deciding, moment, world.dag));
    const [first] = [...world.dag.runs.values()];
    if (first === undefined) throw new Error('no run');
    seal(world)({ runs: [first.id] });
    const [made] = backfill.dates;
    expect(made).toMatchObject({ runId: '', action: BackfillAction.ALREADY_EXISTS });
    const [second] = [...world.dag.runs.values()];
    expect(second).toMatchObject({ backfillOrdinal: 2, runType: RunType.BACKFILL });
  });

  test('is not the one that the run after it looks at', () => {
    const world = aWorld({ tasks: [{ taskId: 'a', dependsOnPast: true }] });
    const first = createIn(world, {
      runId: 'first',
      logicalDateMs: NEW_YEAR_MS,
      backfillOrdinal: 1,
    });
    const second = createIn(world, { runId: 'second', logicalDateMs: NEW_YEAR_MS + DAY_MS });
    second.past = { before: undefined, tasksWithPast: new Set() };
    expect(instanceIn(second, 'a').state).toBe(NONE);
    seal(world)({ runs: [first.id] });
    expect(world.picture.pastWanted.has(second)).toBe(true);
    expect(second.past).toBeUndefined();
  });

  test('takes its wide expansion and its leases with it', () => {
    const valueJson = JSON.stringify(Array.from({ length: 1_500 }, (_, index) => index));
    const source = { kind: { case: 'valueJson', value: valueJson } } as const;
    const value = { arguments: [{ name: 'x', source }] };
    const mapping = { kind: { case: 'product', value } } as const;
    const world = aWorld({ tasks: [{ taskId: 'a', mapping }], activeRunsMax: 1 });
    const run = createIn(world);
    const settle = seal(world);
    settle({ runs: [run.id] });
    world.decide((deciding, moment) => keepAgenda(deciding, moment, 100));
    world.commit();
    expect(world.open().instances.size).toBe(0);
    expect(world.lease()).toEqual([]);
    expect(world.dag.runningCount).toBe(0);
    expect(world.picture.pools.get('default_pool')).toMatchObject({
      pendingSlots: 0,
      unsettledSlots: 0,
    });
  });
});

test('a task whose worker is lost looks at what is above it again', () => {
  const world = aWorld({ tasks: [{ taskId: 'a' }, { taskId: 'b', upstreamTaskIds: ['a'] }] });
  const run = world.run();
  world.lease();
  world.end(run, 'a', AttemptEnd.SUCCESS);
  world.lease();
  const instances = [instanceIn(run, 'a')];
  world.decide((deciding, moment) => clearInstances(deciding, moment, run, instances));
  world.commit();
  expect(instanceIn(run, 'b').state).toBe(RUNNING);
  world.end(run, 'b', AttemptEnd.LOST);
  expect(instanceIn(run, 'b').state).toBe(NONE);
  world.lease();
  world.end(run, 'a', AttemptEnd.SUCCESS);
  expect(instanceIn(run, 'b').state).not.toBe(SCHEDULED);
  expect(world.lease()).toHaveLength(1);
});

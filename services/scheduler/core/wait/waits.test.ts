// Waiting off any worker: what begins a wait, what ends it, and how long it may take.
import { describe, expect, test } from 'vitest';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  AttemptEnd,
  AttemptOutcomeSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { FailureReason } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { clearInstances } from '../operation/clear.ts';
import { recordOutcome } from '../attempt/outcomes.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Run } from '../run/run.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { extendLeases, keepAgenda, sweepAttempts } from '../sweep.ts';
import { fire } from './wait-end.ts';
import {
  aWorld,
  instanceIn,
  NEW_YEAR_MS,
  type TaskInit,
  type World,
} from '../../testing/picture-world.ts';

const { DEFERRED, FAILED, NONE, QUEUED, SKIPPED, SUCCESS, UP_FOR_RESCHEDULE, UP_FOR_RETRY } =
  TaskInstanceState;
const trigger = { kind: { case: 'asset', value: { assetName: 'x' } } } as const;

function aTask(task: TaskInit): { readonly world: World; readonly run: Run } {
  const world = aWorld({ tasks: [{ taskId: 'a', ...task } as TaskInit] });
  return { world, run: world.run() };
}

function begin(world: World): Attempt {
  const [attempt] = world.lease();
  if (attempt === undefined) throw new Error('nothing to lease');
  return attempt;
}

type Outcome = Omit<MessageInitShape<typeof AttemptOutcomeSchema>, '$typeName' | '$unknown'>;

function report(world: World, { attemptId, epoch }: Attempt, outcome: Outcome): void {
  const full = create(AttemptOutcomeSchema, { ...outcome, attemptId, epoch: BigInt(epoch) });
  world.decide((deciding) => recordOutcome(deciding, full));
  world.commit();
}

function pass(world: World, seconds: number): void {
  world.nowMs += seconds * 1_000;
  world.decide((deciding, moment) => keepAgenda(deciding, moment, 1_000));
  world.commit();
}

function happen(
  world: World,
  run: Run,
  event: { readonly error?: string; readonly isSkip?: boolean },
) {
  const full = { eventJson: '1', error: '', isSkip: false, ...event };
  world.decide((deciding) => fire(deciding, instanceIn(run, 'a'), full));
  world.commit();
}

describe('a task that defers itself', () => {
  test('goes on with the event, as the same try, and holds no slot meanwhile', () => {
    const { world, run } = aTask({});
    const first = begin(world);
    report(world, first, { end: AttemptEnd.DEFERRED, defer: { trigger, method: 'go_on' } });
    expect(world.picture.pools.get('default_pool')).toMatchObject({ pendingSlots: 0, used: 0 });
    happen(world, run, {});
    const second = begin(world);
    expect(second).toMatchObject({ isResumed: true, tryNumber: 1, epoch: 2 });
    expect(instanceIn(run, 'a').wait).toMatchObject({ eventJson: '1', resumeMethod: 'go_on' });
    report(world, second, { end: AttemptEnd.SUCCESS });
    expect(instanceIn(run, 'a')).toMatchObject({ state: SUCCESS, wait: undefined });
  });

  test('waits no longer than is left of its time, and then goes on to fail', () => {
    const { world, run } = aTask({ executionTimeout: { seconds: 60n } });
    const first = begin(world);
    pass(world, 20);
    const timeout = { seconds: 3_600n };
    report(world, first, { end: AttemptEnd.DEFERRED, defer: { trigger, timeout } });
    const { wait, deadlineMs } = instanceIn(run, 'a');
    expect(fromTimestamp(wait?.until)).toBe(NEW_YEAR_MS + 60_000);
    pass(world, 40);
    expect(instanceIn(run, 'a').wait?.error).toBe('trigger_timeout');
    begin(world);
    expect(instanceIn(run, 'a').deadlineMs).toBe(deadlineMs);
  });

  test('has its whole time again in the next try', () => {
    const { world, run } = aTask({
      executionTimeout: { seconds: 60n },
      retry: { retries: 1, delay: { seconds: 1n } },
    });
    const first = begin(world);
    pass(world, 50);
    report(world, first, { end: AttemptEnd.DEFERRED, defer: { trigger } });
    happen(world, run, { error: 'it broke' });
    report(world, begin(world), { end: AttemptEnd.FAILED });
    pass(world, 1);
    const second = begin(world);
    expect(second).toMatchObject({ isResumed: false, tryNumber: 2 });
    expect(instanceIn(run, 'a').deadlineMs).toBe(NEW_YEAR_MS + 51_000 + 60_000);
  });

  test('goes on from where it waited when its worker is lost, at no cost', () => {
    const { world, run } = aTask({ retry: { retries: 0 } });
    report(world, begin(world), { end: AttemptEnd.DEFERRED, defer: { trigger } });
    happen(world, run, {});
    report(world, begin(world), { end: AttemptEnd.LOST });
    expect(begin(world)).toMatchObject({ isResumed: true, tryNumber: 1 });
    expect(instanceIn(run, 'a')).toMatchObject({ triesMax: 0, lossesCount: 1 });
  });
});

describe('a sensor that asks to be run again later', () => {
  test('has its whole time again for each look', () => {
    const { world, run } = aTask({ executionTimeout: { seconds: 60n } });
    const rescheduleAt = toTimestamp(NEW_YEAR_MS + 600_000);
    report(world, begin(world), { end: AttemptEnd.RESCHEDULED, rescheduleAt });
    pass(world, 600);
    begin(world);
    expect(instanceIn(run, 'a').deadlineMs).toBe(NEW_YEAR_MS + 660_000);
  });

  test('is skipped when it fails softly and overstays, however many tries are left', () => {
    const overstayed = { end: AttemptEnd.FAILED, error: { reason: FailureReason.TIMEOUT } };
    const retry = { retries: 3, delay: { seconds: 1n } };
    const soft = aTask({ isSoftFail: true, retry });
    report(soft.world, begin(soft.world), overstayed);
    expect(instanceIn(soft.run, 'a').state).toBe(SKIPPED);
    const hard = aTask({ retry });
    report(hard.world, begin(hard.world), overstayed);
    expect(instanceIn(hard.run, 'a').state).toBe(UP_FOR_RETRY);
    const broken = aTask({ isSoftFail: true, retry });
    const error = { reason: FailureReason.EXCEPTION };
    report(broken.world, begin(broken.world), { end: AttemptEnd.FAILED, error });
    expect(instanceIn(broken.run, 'a').state).toBe(UP_FOR_RETRY);
  });

  test('is skipped when it fails softly and its worker does not end it in time', () => {
    const { world, run } = aTask({ isSoftFail: true, executionTimeout: { seconds: 60n } });
    begin(world);
    world.nowMs += 3_600_000;
    world.decide((deciding, moment) => {
      extendLeases(deciding.picture, moment.monotonicMs);
      sweepAttempts(deciding, moment);
    });
    world.commit();
    expect(instanceIn(run, 'a').state).toBe(SKIPPED);
  });

  test('waits off the worker until then, in the same try', () => {
    const { world, run } = aTask({});
    const rescheduleAt = toTimestamp(NEW_YEAR_MS + 30_000);
    report(world, begin(world), { end: AttemptEnd.RESCHEDULED, rescheduleAt });
    expect(instanceIn(run, 'a')).toMatchObject({ state: UP_FOR_RESCHEDULE, reschedulesCount: 1 });
    pass(world, 29);
    expect(world.lease()).toEqual([]);
    pass(world, 1);
    expect(begin(world)).toMatchObject({ isResumed: true, tryNumber: 1 });
  });

  test('remembers over its tries when it first began to wait', () => {
    const { world, run } = aTask({ retry: { retries: 1, delay: { seconds: 1n } } });
    const rescheduleAt = toTimestamp(NEW_YEAR_MS + 30_000);
    report(world, begin(world), { end: AttemptEnd.RESCHEDULED, rescheduleAt });
    pass(world, 30);
    report(world, begin(world), { end: AttemptEnd.FAILED });
    expect(instanceIn(run, 'a').state).toBe(UP_FOR_RETRY);
    pass(world, 1);
    begin(world);
    expect(instanceIn(run, 'a')).toMatchObject({
      waitingSinceMs: NEW_YEAR_MS,
      reschedulesCount: 0,
    });
  });
});

describe('a task that is nothing but a trigger', () => {
  test('succeeds with the event, is skipped with a skip, and fails with an error', () => {
    for (const [event, state] of [
      [{}, SUCCESS],
      [{ isSkip: true }, SKIPPED],
      [{ error: 'it broke' }, FAILED],
    ] as const) {
      const { world, run } = aTask({ trigger });
      expect(instanceIn(run, 'a').state).toBe(DEFERRED);
      happen(world, run, event);
      expect(instanceIn(run, 'a').state).toBe(state);
      expect(run.endMs).toBeDefined();
      expect(world.picture.waits.size).toBe(0);
    }
  });

  test('waits again when it is tried again, and is nobody’s wait in between', () => {
    const { world, run } = aTask({ trigger, retry: { retries: 1, delay: { seconds: 10n } } });
    happen(world, run, { error: 'it broke' });
    expect(instanceIn(run, 'a').state).toBe(UP_FOR_RETRY);
    expect(world.picture.waits.size).toBe(0);
    pass(world, 10);
    expect(instanceIn(run, 'a')).toMatchObject({ state: DEFERRED, tryNumber: 2 });
    expect(world.picture.waits.size).toBe(1);
  });

  test('waits no longer than the shorter of its times', () => {
    for (const [triggerSeconds, taskSeconds] of [
      [10n, 100n],
      [100n, 10n],
    ] as const) {
      const { world, run } = aTask({
        ...{ trigger, isSoftFail: true },
        triggerTimeout: { seconds: triggerSeconds },
        executionTimeout: { seconds: taskSeconds },
      });
      pass(world, 10);
      expect(instanceIn(run, 'a').state).toBe(SKIPPED);
      expect(run.state).toBe(DagRunState.SUCCESS);
    }
  });

  test('does not wait again when what is above it was cleared meanwhile', () => {
    const world = aWorld({
      tasks: [
        { taskId: 'first' },
        {
          ...{ taskId: 'a', upstreamTaskIds: ['first'], trigger },
          retry: { retries: 1, delay: { seconds: 10n } },
        },
      ],
    });
    const run = world.run();
    world.lease();
    world.end(run, 'first', AttemptEnd.SUCCESS);
    happen(world, run, { error: 'it broke' });
    clearFirst(world, run);
    pass(world, 10);
    expect(instanceIn(run, 'a').state).toBe(NONE);
    expect(instanceIn(run, 'first').state).toBe(QUEUED);
  });
});

function clearFirst(world: World, run: Run): void {
  const instances = [instanceIn(run, 'first')];
  world.decide((deciding, moment) => clearInstances(deciding, moment, run, instances));
  world.commit();
}

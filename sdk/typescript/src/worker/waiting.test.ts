// Tasks that give their slot back: seen from the mesh, through a real worker.
import { toJson } from '@bufbuild/protobuf';
import { durationMs, timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { HumanInputSpecSchema, TriggerSpecSchema } from '../gen/dagmesh/dag/v1/waiting_pb.ts';
import { Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { useWaitsWorker, valuesOf } from '../testkit/waits.ts';

const { run } = useWaitsWorker();

test('a task that defers says for what, how long, and how it goes on', async () => {
  const { outcome, defer } = await run('defers');
  expect(outcome).toBe(Outcome.DEFERRED);
  expect(defer).toMatchObject({ method: 'after_job', stateJson: '{"job":7}' });
  expect(defer?.timeout && durationMs(defer.timeout)).toBe(3_600_000);
  expect(defer?.trigger && toJson(TriggerSpecSchema, defer.trigger)).toEqual({
    timer: { after: '300s' },
  });
});

test('a task goes on with what it left behind and what the trigger brought', async () => {
  const resume = { method: 'after_job', stateJson: '{"job":7}', eventJson: '{"ok":true}' };
  expect(valuesOf(await run('defers', { resume }))).toEqual({
    return_value: { method: 'after_job', state: { job: 7 }, event: { ok: true } },
  });
  const failed = { method: 'after_job', stateJson: '', error: 'trigger_timeout' };
  expect(valuesOf(await run('defers', { resume: failed }))).toEqual({
    return_value: { method: 'after_job', state: null, error: 'trigger_timeout' },
  });
});

test('a task asks people and goes on with their answer', async () => {
  const { outcome, awaitInput } = await run('asks');
  expect(outcome).toBe(Outcome.AWAITING_INPUT);
  expect(awaitInput).toMatchObject({ method: 'answered' });
  const { humanInput } = awaitInput ?? {};
  expect(humanInput && toJson(HumanInputSpecSchema, humanInput)).toEqual({
    subject: 'Go on?',
    options: ['yes', 'no'],
  });
  const respondedAt = timestampFromDate(new Date('2026-01-01T00:00:00Z'));
  const response = {
    chosenOptions: ['yes'],
    paramsJson: '{"n":1}',
    respondedBy: 'ada',
    respondedAt,
  };
  expect(valuesOf(await run('asks', { resume: { response } }))).toEqual({
    return_value: {
      chosenOptions: ['yes'],
      params: { n: 1 },
      respondedBy: 'ada',
      respondedAt: '2026-01-01T00:00:00.000Z',
    },
  });
});

test('a question that cannot be asked is a failure of the task', async () => {
  const { outcome, error } = await run('asks_badly');
  expect(outcome).toBe(Outcome.FAILED);
  expect(error?.message).toContain('a question has a subject');
});

test('a task may ask to be run again at an instant', async () => {
  const { outcome, rescheduleAt } = await run('comes_again');
  expect(outcome).toBe(Outcome.RESCHEDULED);
  expect(rescheduleAt && timestampDate(rescheduleAt).toISOString()).toBe(
    '2026-01-01T00:05:00.000Z',
  );
});

test('a sensor gives its slot back until it finds something', async () => {
  const before = Date.now();
  const { outcome, rescheduleAt } = await run('looks', { reschedulesCount: 3 });
  expect(outcome).toBe(Outcome.RESCHEDULED);
  const waitMs = (rescheduleAt ? timestampDate(rescheduleAt).getTime() : 0) - before;
  expect(waitMs).toBeGreaterThanOrEqual(60_000);
  expect(waitMs).toBeLessThan(110_000);
  const found = await run('looks', { paramsJson: '{"isThere":true}' });
  expect(found.outcome).toBe(Outcome.SUCCESS);
});

test('the time of a sensor runs since it first waited, and its end is final', async () => {
  const waitingSince = timestampFromDate(new Date(Date.now() - 3_700_000));
  const { outcome, error } = await run('looks_long', { waitingSince, tryNumber: 2 });
  expect(outcome).toBe(Outcome.FAILED);
  expect(error).toMatchObject({ errorClass: 'SensorTimeout', isFinal: true });
});

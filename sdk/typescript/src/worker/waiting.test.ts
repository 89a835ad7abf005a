// Tasks that give their slot back, decide, or tell more than a value: seen from the mesh, through a
// real worker.
import { fromJson, toJson } from '@bufbuild/protobuf';
import { durationMs, timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AssetEventSchema } from '../gen/dagmesh/dag/v1/asset_pb.ts';
import { HumanInputSpecSchema, TriggerSpecSchema } from '../gen/dagmesh/dag/v1/waiting_pb.ts';
import { type AttemptReport, Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { aLease, runToReport } from '../testkit/a-lease.ts';
import { type FakeExecutor, startFakeExecutor } from '../testkit/fake-executor.ts';
import type { FakeSession } from '../testkit/fake-session.ts';
import { connectWorker, stopWorkers } from '../testkit/start-worker.ts';

let fake: FakeExecutor;
let session: FakeSession;

beforeAll(async () => {
  fake = await startFakeExecutor();
  ({ session } = await connectWorker(fake));
  session.keepAlive();
});

afterAll(async () => {
  await stopWorkers();
  fake.stop();
});

type LeaseInit = NonNullable<Parameters<typeof aLease>[1]>;

function run(task: string, lease: LeaseInit = {}): Promise<AttemptReport> {
  const file = { handler: `waits.ts:waits.${task}`, dagFile: 'waits.ts' };
  return runToReport(session, aLease(`waits.${task}`, { ...file, ...lease }));
}

function valuesOf({ xcoms }: AttemptReport): Record<string, unknown> {
  return Object.fromEntries(xcoms.map(({ key, valueJson }) => [key, JSON.parse(valueJson)]));
}

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
  expect(waitMs).toBeLessThan(70_000);
  const found = await run('looks', { paramsJson: '{"isThere":true}' });
  expect(found.outcome).toBe(Outcome.SUCCESS);
});

test('the time of a sensor runs since it first waited, and its end is final', async () => {
  const waitingSince = timestampFromDate(new Date(Date.now() - 3_700_000));
  const { outcome, error } = await run('looks_long', { waitingSince, tryNumber: 2 });
  expect(outcome).toBe(Outcome.FAILED);
  expect(error).toMatchObject({ errorClass: 'SensorTimeout', isFinal: true });
});

test('a branch tells which way is followed, and keeps its choice', async () => {
  const report = await run('chooses', { paramsJson: '{"way":"left"}' });
  expect(report.direction?.kind).toMatchObject({ case: 'branch', value: { followIds: ['left'] } });
  expect(valuesOf(report)).toEqual({ return_value: 'left' });
});

test('a short circuit tells that nothing is followed, and keeps its condition', async () => {
  const report = await run('stops_short');
  expect(report.direction?.kind).toMatchObject({
    case: 'shortCircuit',
    value: { respectsTriggerRules: false },
  });
  expect(valuesOf(report)).toEqual({ return_value: [] });
});

test('several outputs are XComs of their own, and no output is none', async () => {
  expect(valuesOf(await run('returns_parts'))).toEqual({
    return_value: { a: 1, b: [2] },
    a: 1,
    b: [2],
  });
  expect(await run('keeps_nothing')).toMatchObject({ outcome: Outcome.SUCCESS, xcoms: [] });
});

test('updates of assets are told with the success', async () => {
  const outlets = [{ kind: { case: 'alias' as const, value: 'found' } }];
  const { assetUpdates } = await run('updates', { outlets });
  expect(assetUpdates).toMatchObject([
    { asset: { name: 'rain', uri: 's3://bucket/rain' }, extraJson: '{"rows":3}', alias: '' },
    { asset: { name: 'snow', uri: '' }, extraJson: '', alias: 'found', partitionKey: '2026' },
  ]);
});

test('an alias that is no outlet stands for nothing', async () => {
  const { outcome, error } = await run('updates_strangely');
  expect(outcome).toBe(Outcome.FAILED);
  expect(error?.message).toContain('the alias "lost" is none of the task\'s outlets');
});

test('a task sees the updates that started its run, and earlier ones', async () => {
  const told: Record<string, unknown>[] = [];
  const event = fromJson(AssetEventSchema, {
    assetName: 'rain',
    extraJson: '{"rows":3}',
    sourceDagId: 'd',
    sourceTaskId: 'make',
    sourceMapIndex: -1,
  });
  fake.answer('listAssetEvents', (request) => {
    told.push(request);
    return { events: [event, event] };
  });
  const outside = fromJson(AssetEventSchema, { assetName: 'sun' });
  const report = await run('told_of_assets', {
    triggeringAssetEvents: [event, outside],
    partitionKey: '2026-01',
  });
  expect(valuesOf(report)).toEqual({
    return_value: {
      triggering: [
        { assetName: 'rain', extra: { rows: 3 }, source: 'make' },
        { assetName: 'sun', extra: {}, source: 'outside' },
      ],
      partitionKey: '2026-01',
      listed: 2,
    },
  });
  expect(told[0]).toMatchObject({ assetName: 'rain', limit: 2, after: { seconds: 0n } });
});

test('a task instance and an asset keep values', async () => {
  const told: Record<string, unknown>[] = [];
  const note = (request: Record<string, unknown>) => {
    told.push(request);
    return {};
  };
  fake.answer('setState', note);
  fake.answer('deleteState', note);
  fake.answer('getState', ({ key }) => ({ valueJson: key === 'seen' ? '[1]' : '"other"' }));
  expect(valuesOf(await run('keeps_state'))).toEqual({ return_value: [[1], 'other'] });
  expect(told).toMatchObject([
    { scope: 1, key: 'seen', valueJson: '[1]' },
    { scope: 2, assetName: 'rain', key: 'mark', valueJson: '"x"' },
    { scope: 1, key: 'old' },
  ]);
});

test('XComs are pulled from other runs, by instances and slices; run ids may be chosen', async () => {
  const told: Record<string, unknown>[] = [];
  fake.answer('pullXCom', (request) => {
    told.push(request);
    return { valueJson: '[1,null]' };
  });
  fake.answer('triggerDagRun', ({ runId }) => ({ runId }));
  expect(valuesOf(await run('pulls'))).toEqual({ return_value: ['mine', [1, null]] });
  expect(told[0]).toMatchObject({
    taskId: 'rows',
    dagId: 'd2',
    runId: 'r2',
    includePriorDates: true,
    mapIndexes: [2, 0],
    slice: { start: -2, step: 1 },
  });
});

const CHANGED = 'waits.ts:waits#map_1';

test('the element of a mapped instance is changed first, and names it', async () => {
  const report = await run('counts', {
    mapIndex: 0,
    expandedTiCount: 3,
    inputsJson: '{"n":1}',
    mapIndexTemplate: 'n={{ n }}',
    inputTransforms: [{ name: 'n', handlers: [CHANGED, 'waits.ts:twice'] }],
  });
  expect(valuesOf(report)).toEqual({ return_value: [4, 3] });
  expect(report.mapLabel).toBe('n=4');
});

test('a change that asks to be skipped skips the instance', async () => {
  const report = await run('counts', {
    inputsJson: '{"n":2}',
    inputTransforms: [{ name: 'n', handlers: [CHANGED] }],
  });
  expect(report).toMatchObject({ outcome: Outcome.SKIPPED, reason: 'two is no number' });
});

test('a change that is not there fails in the words of a missing handler', async () => {
  const { outcome, error } = await run('counts', {
    inputsJson: '{"n":2}',
    inputTransforms: [{ name: 'n', handlers: ['waits.ts:gone'] }],
  });
  expect(outcome).toBe(Outcome.FAILED);
  expect(error).toMatchObject({ errorClass: 'HandlerNotFound', isFinal: true });
});

// Every kind of trigger over real gRPC: what it waits for, and what its task is told.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import {
  DagRunSchema,
  DagRunState,
  TaskInstanceSchema,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { TriggerEvent } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { eventually, eventuallyGives } from '../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh, type TestTriggerer } from './testing/mesh.ts';
import type { SpecInit, TestScheduler } from './testing/scheduler.ts';
import { startTestSite, type TestSite } from './testing/site.ts';

let mesh: TestMesh;
let scheduler: TestScheduler;
let triggerer: TestTriggerer;
let folder: string;
let site: TestSite;
beforeAll(async () => {
  mesh = await startTestMesh();
  scheduler = await mesh.addScheduler();
  triggerer = await mesh.startTriggerer();
  folder = mkdtempSync(join(tmpdir(), 'dagmesh-files-'));
  site = await startTestSite();
});
afterAll(async () => {
  await mesh.stop();
  await site.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  mesh.ledger.failure = undefined;
  mesh.ledger.states = { runs: [], taskInstances: [] };
  mesh.ledger.assetEvents = [];
  mesh.ledger.stateCalls.length = 0;
  mesh.ledger.assetCalls.length = 0;
  site.asked.length = 0;
});

const soon = toDuration(100);
let waitsCount = 0;

/** Waits as a watcher that was told an event before; answers the wait's id. */
function watchAgain(kind: SpecInit['kind'], { eventJson }: TriggerEvent): string {
  waitsCount += 1;
  const waitId = `wait-${waitsCount}`;
  const knownEventSha256 = createHash('sha256').update(eventJson).digest();
  scheduler.add({ waitId, trigger: { kind }, knownEventSha256 });
  return waitId;
}

/** Begins to wait; answers the wait's id. */
function waitFor(kind: SpecInit['kind'], sinceMs?: number): string {
  waitsCount += 1;
  const waitId = `wait-${waitsCount}`;
  scheduler.add({ waitId, trigger: { kind }, ...(sinceMs === undefined ? {} : { sinceMs }) });
  return waitId;
}

/** Lets the triggerer look at files twice more; the wait goes on. */
async function looksAt(waitId: string): Promise<void> {
  const looks = async () => {
    const text = await triggerer.metrics.text();
    return Number(/poll_seconds_count\{.*kind="file".*\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  const before = await looks();
  const what = `${waitId} was looked at`;
  await eventually(async () => (await looks()) >= before + 2, { deadlineMs: 5_000, what });
  expect(scheduler.ended.has(waitId)).toBe(false);
}

function endOf(waitId: string): Promise<TriggerEvent> {
  return eventuallyGives(() => scheduler.ended.get(waitId), {
    deadlineMs: 5_000,
    what: `${waitId} has ended`,
  });
}

async function eventOf(waitId: string): Promise<unknown> {
  const { eventJson, error } = await endOf(waitId);
  expect(error).toBe('');
  return JSON.parse(eventJson);
}

describe('a timer', () => {
  it('fires at its instant, and not before', async () => {
    const atMs = Date.now() + 300;
    const waitId = waitFor({
      case: 'timer',
      value: { moment: { case: 'at', value: toTimestamp(atMs) } },
    });
    expect(await eventOf(waitId)).toEqual({ moment: new Date(atMs).toISOString() });
    expect(Date.now()).toBeGreaterThanOrEqual(atMs);
  });

  it('counts a span from when the wait began, not from when it came here', async () => {
    const after = { case: 'after' as const, value: toDuration(3_600_000) };
    const waitId = waitFor({ case: 'timer', value: { moment: after } }, Date.now() - 3_600_000);
    expect(await eventOf(waitId)).toHaveProperty('moment');
  });

  it('without a moment fails, and the others go on', async () => {
    const bad = waitFor({ case: 'timer', value: {} });
    const good = waitFor({ case: 'timer', value: { moment: { case: 'after', value: soon } } });
    expect((await endOf(bad)).error).toContain('at');
    expect(await eventOf(good)).toHaveProperty('moment');
  });
});

describe('a URL', () => {
  it('is asked until it answers as wished', async () => {
    site.answers.set('/job', { status: 503, body: '' });
    const url = `${site.url}/job`;
    const waitId = waitFor({ case: 'http', value: { url, contains: 'done', pollInterval: soon } });
    await eventually(() => site.asked.length >= 2, {
      deadlineMs: 5_000,
      what: 'it was asked twice',
    });
    site.answers.set('/job', { status: 200, body: 'not yet' });
    await eventually(() => site.asked.length >= 4, {
      deadlineMs: 5_000,
      what: 'it was asked again',
    });
    site.answers.set('/job', { status: 200, body: 'done: 7' });
    expect(await eventOf(waitId)).toEqual({ status: 200, body: 'done: 7' });
  });

  it('may be wished to be gone', async () => {
    const url = `${site.url}/gone`;
    const waitId = waitFor({ case: 'http', value: { url, status: 404, pollInterval: soon } });
    expect(await eventOf(waitId)).toEqual({ status: 404, body: '' });
  });

  it('is asked once for all who ask the same', async () => {
    const url = `${site.url}/shared`;
    const value = { url, method: 'POST', body: '{}', headers: { accept: 'x' } };
    const waitIds = Array.from({ length: 50 }, () =>
      waitFor({ case: 'http', value: { ...value, pollInterval: toDuration(60_000) } }),
    );
    site.answers.set('/shared', { status: 200, body: 'yes' });
    await Promise.all(waitIds.map(eventOf));
    expect(site.asked.length).toBeLessThan(5);
    expect(site.asked[0]).toMatchObject({ method: 'POST', body: '{}', accept: 'x' });
  });

  it('at which clouds keep secrets is not asked', async () => {
    const url = 'http://169.254.169.254/latest/meta-data/';
    const { error } = await endOf(waitFor({ case: 'http', value: { url } }));
    expect(error).toContain('169.254.169.254');
    expect(error).toContain('operator');
  });
});

describe('a file', () => {
  it('is seen when it appears', async () => {
    const waitId = waitFor({
      case: 'file',
      value: { path: join(folder, 'in', '*.csv'), pollInterval: soon },
    });
    const other = waitFor({
      case: 'file',
      value: { path: join(folder, 'a?'), pollInterval: soon },
    });
    writeFileSync(join(folder, 'a1'), '');
    const path = join(folder, 'a1');
    const changedAt = statSync(path).mtime.toISOString();
    expect(await eventOf(other)).toEqual({ paths: [path], changed_at: [changedAt] });
    expect(scheduler.ended.has(waitId)).toBe(false);
    scheduler.remove(waitId);
  });

  it('is seen when it is gone', async () => {
    const path = join(folder, 'lock');
    writeFileSync(path, '');
    const waitId = waitFor({ case: 'file', value: { path, isGone: true, pollInterval: soon } });
    await eventually(() => scheduler.givenCounts.has(waitId), { deadlineMs: 5_000, what: 'given' });
    rmSync(path);
    expect(await eventOf(waitId)).toEqual({ paths: [], changed_at: [] });
  });
});

describe('a watcher', () => {
  it('of files is told of others and of changes, not twice of what lies there', async () => {
    const path = join(folder, 'drop*');
    const kind = { case: 'file' as const, value: { path, pollInterval: soon } };
    writeFileSync(join(folder, 'drop1'), '');
    const first = await endOf(waitFor(kind));
    const second = watchAgain(kind, first);
    await looksAt(second);
    writeFileSync(join(folder, 'drop2'), '');
    const paths = [join(folder, 'drop1'), join(folder, 'drop2')];
    expect(await eventOf(second)).toMatchObject({ paths });
    const third = watchAgain(kind, await endOf(second));
    await looksAt(third);
    utimesSync(join(folder, 'drop1'), new Date(0), new Date(0));
    const changedAt = [new Date(0).toISOString(), expect.any(String)];
    expect(await eventOf(third)).toEqual({ paths, changed_at: changedAt });
  });

  it('is told the same again when it was untrue in between', async () => {
    const lock = join(folder, 'watched.lock');
    const value = { path: lock, isGone: true, pollInterval: soon };
    const first = await endOf(waitFor({ case: 'file', value }));
    const second = watchAgain({ case: 'file', value }, first);
    await looksAt(second);
    writeFileSync(lock, '');
    await looksAt(second);
    rmSync(lock);
    expect((await endOf(second)).eventJson).toBe(first.eventJson);
  });

  it('of an instant is told it once', async () => {
    const moment = { case: 'at' as const, value: toTimestamp(Date.now()) };
    const first = await endOf(waitFor({ case: 'timer', value: { moment } }));
    const again = watchAgain({ case: 'timer', value: { moment } }, first);
    await eventOf(waitFor({ case: 'timer', value: { moment: { case: 'after', value: soon } } }));
    expect(scheduler.ended.has(again)).toBe(false);
    scheduler.remove(again);
  });
});

describe('another DAG', () => {
  const run = create(DagRunSchema, { id: 'r1', runId: 'daily', state: DagRunState.RUNNING });
  const taskIn = (taskId: string, state: TaskInstanceState) =>
    create(TaskInstanceSchema, { dagRunId: 'r1', taskId, mapIndex: -1, state });
  const daily = { dagId: 'other', runId: 'daily', pollInterval: soon };

  it('lets the task go on when all tasks it names have succeeded', async () => {
    const { SUCCESS, RUNNING } = TaskInstanceState;
    const taskInstances = [taskIn('a', SUCCESS), taskIn('b', RUNNING)];
    mesh.ledger.states = { runs: [run], taskInstances };
    const first = waitFor({ case: 'externalTask', value: { ...daily, taskIds: ['a'] } });
    const both = waitFor({ case: 'externalTask', value: { ...daily, taskIds: ['a', 'b'] } });
    expect(await eventOf(first)).toEqual({ dag_id: 'other', run_ids: ['daily'] });
    expect(scheduler.ended.has(both)).toBe(false);
    mesh.ledger.states = {
      runs: [run],
      taskInstances: [taskIn('a', SUCCESS), taskIn('b', SUCCESS)],
    };
    expect(await eventOf(both)).toEqual({ dag_id: 'other', run_ids: ['daily'] });
  });

  it('is asked once for all who wait for the same run', async () => {
    const value = { ...daily, pollInterval: toDuration(60_000) };
    const taskIds = Array.from({ length: 100 }, (_, index) => `t${index}`);
    const waitIds = taskIds.map((taskId) =>
      waitFor({ case: 'externalTask', value: { ...value, taskIds: [taskId] } }),
    );
    const { SUCCESS } = TaskInstanceState;
    mesh.ledger.states = { runs: [run], taskInstances: taskIds.map((id) => taskIn(id, SUCCESS)) };
    await Promise.all(waitIds.map(endOf));
    expect(mesh.ledger.stateCalls.length).toBeLessThan(5);
  });

  it('fails the task with one in a failed state, and skips it with one in a skipped state', async () => {
    const { FAILED, SKIPPED } = TaskInstanceState;
    mesh.ledger.states = {
      runs: [run],
      taskInstances: [taskIn('a', FAILED), taskIn('b', SKIPPED)],
    };
    const states = { failedStates: ['failed'], skippedStates: ['skipped'] };
    const failed = waitFor({
      case: 'externalTask',
      value: { ...daily, ...states, taskIds: ['a', 'b'] },
    });
    const skipped = waitFor({
      case: 'externalTask',
      value: { ...daily, ...states, taskIds: ['b'] },
    });
    expect((await endOf(failed)).error).toBe('task a in run daily of DAG other is failed');
    expect(await endOf(skipped)).toMatchObject({ isSkip: true, error: '' });
  });

  it('is asked again while metadata is away', async () => {
    mesh.ledger.failure = 'database_unavailable';
    const waitId = waitFor({
      case: 'externalTask',
      value: { ...daily, allowedStates: ['running'] },
    });
    await eventually(() => mesh.ledger.stateCalls.length >= 2, {
      deadlineMs: 5_000,
      what: 'asked',
    });
    mesh.ledger.failure = undefined;
    mesh.ledger.states = { runs: [run], taskInstances: [] };
    expect(await eventOf(waitId)).toEqual({ dag_id: 'other', run_ids: ['daily'] });
  });

  it('must be told which run is meant', async () => {
    const waitId = waitFor({ case: 'externalTask', value: { dagId: 'other' } });
    expect((await endOf(waitId)).error).toContain('run_id');
  });
});

describe('an asset', () => {
  const update = (id: string, atMs: number) =>
    create(AssetEventSchema, {
      id,
      assetName: 'orders',
      assetUri: 's3://orders',
      timestamp: toTimestamp(atMs),
      extraJson: '{"rows":3}',
      actor: 'ann',
    });

  it('is waited for from the moment the wait began', async () => {
    const sinceMs = Date.UTC(2026, 0, 1);
    mesh.ledger.assetEvents = [update('old', sinceMs)];
    const value = { assetName: 'orders', pollInterval: soon };
    const waitId = waitFor({ case: 'asset', value }, sinceMs);
    await eventually(() => mesh.ledger.assetCalls.length >= 2, {
      deadlineMs: 5_000,
      what: 'asked',
    });
    expect(mesh.ledger.assetCalls[0]?.after).toEqual(toTimestamp(sinceMs));
    mesh.ledger.assetEvents.push(update('new', sinceMs + 1));
    expect(await eventOf(waitId)).toEqual({
      asset_events: [
        {
          id: 'new',
          asset_name: 'orders',
          asset_uri: 's3://orders',
          timestamp: '2026-01-01T00:00:00.001Z',
          extra: { rows: 3 },
          actor: 'ann',
        },
      ],
    });
  });
});

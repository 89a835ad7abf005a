// Triggers that wait for what the mesh itself does: other DAGs, and assets.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import {
  DagRunSchema,
  DagRunState,
  TaskInstanceSchema,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { eventually } from '../../../tests/kit/wait.ts';
import { soon, useWaiting } from '../testing/waiting.ts';

const waiting = useWaiting();

describe('another DAG', () => {
  const run = create(DagRunSchema, { id: 'r1', runId: 'daily', state: DagRunState.RUNNING });
  const taskIn = (taskId: string, state: TaskInstanceState) =>
    create(TaskInstanceSchema, { dagRunId: 'r1', taskId, mapIndex: -1, state });
  const daily = { dagId: 'other', runId: 'daily', pollInterval: soon };

  it('lets the task go on when all tasks it names have succeeded', async () => {
    const { SUCCESS, RUNNING } = TaskInstanceState;
    const taskInstances = [taskIn('a', SUCCESS), taskIn('b', RUNNING)];
    waiting().mesh.ledger.states = { runs: [run], taskInstances };
    const first = waiting().waitFor({ case: 'externalTask', value: { ...daily, taskIds: ['a'] } });
    const both = waiting().waitFor({
      case: 'externalTask',
      value: { ...daily, taskIds: ['a', 'b'] },
    });
    expect(await waiting().eventOf(first)).toEqual({ dag_id: 'other', run_ids: ['daily'] });
    expect(waiting().scheduler.ended.has(both)).toBe(false);
    waiting().mesh.ledger.states = {
      runs: [run],
      taskInstances: [taskIn('a', SUCCESS), taskIn('b', SUCCESS)],
    };
    expect(await waiting().eventOf(both)).toEqual({ dag_id: 'other', run_ids: ['daily'] });
  });

  it('is asked once for all who wait for the same run', async () => {
    const value = { ...daily, pollInterval: toDuration(60_000) };
    const taskIds = Array.from({ length: 100 }, (_, index) => `t${index}`);
    const waitIds = taskIds.map((taskId) =>
      waiting().waitFor({ case: 'externalTask', value: { ...value, taskIds: [taskId] } }),
    );
    const { SUCCESS } = TaskInstanceState;
    waiting().mesh.ledger.states = {
      runs: [run],
      taskInstances: taskIds.map((id) => taskIn(id, SUCCESS)),
    };
    await Promise.all(waitIds.map((waitId) => waiting().endOf(waitId)));
    expect(waiting().mesh.ledger.stateCalls.length).toBeLessThan(5);
  });

  it('fails the task with one in a failed state, and skips it with one in a skipped state', async () => {
    const { FAILED, SKIPPED } = TaskInstanceState;
    waiting().mesh.ledger.states = {
      runs: [run],
      taskInstances: [taskIn('a', FAILED), taskIn('b', SKIPPED)],
    };
    const states = { failedStates: ['failed'], skippedStates: ['skipped'] };
    const failed = waiting().waitFor({
      case: 'externalTask',
      value: { ...daily, ...states, taskIds: ['a', 'b'] },
    });
    const skipped = waiting().waitFor({
      case: 'externalTask',
      value: { ...daily, ...states, taskIds: ['b'] },
    });
    expect((await waiting().endOf(failed)).error).toBe(
      'task a in run daily of DAG other is failed',
    );
    expect(await waiting().endOf(skipped)).toMatchObject({ isSkip: true, error: '' });
  });

  it('is asked again while metadata is away', async () => {
    waiting().mesh.ledger.failure = 'database_unavailable';
    const waitId = waiting().waitFor({
      case: 'externalTask',
      value: { ...daily, allowedStates: ['running'] },
    });
    await eventually(() => waiting().mesh.ledger.stateCalls.length >= 2, {
      deadlineMs: 60_000,
      what: 'asked',
    });
    waiting().mesh.ledger.failure = undefined;
    waiting().mesh.ledger.states = { runs: [run], taskInstances: [] };
    expect(await waiting().eventOf(waitId)).toEqual({ dag_id: 'other', run_ids: ['daily'] });
  });

  it('must be told which run is meant', async () => {
    const waitId = waiting().waitFor({ case: 'externalTask', value: { dagId: 'other' } });
    expect((await waiting().endOf(waitId)).error).toContain('run_id');
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
    waiting().mesh.ledger.assetEvents = [update('old', sinceMs)];
    const value = { assetName: 'orders', pollInterval: soon };
    const waitId = waiting().waitFor({ case: 'asset', value }, { sinceMs });
    await eventually(() => waiting().mesh.ledger.assetCalls.length >= 2, {
      deadlineMs: 60_000,
      what: 'asked',
    });
    const since = toTimestamp(sinceMs);
    expect(waiting().mesh.ledger.assetCalls[0]?.places).toMatchObject([{ since, waitId }]);
    waiting().mesh.ledger.assetEvents.push(update('new', sinceMs + 1));
    expect(await waiting().eventOf(waitId)).toEqual({
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

  /** Waits as a watcher at a cursor; answers what it is told, and where it stands then. */
  const watch = async (assetCursor: string, meanwhile?: () => Promise<void>) => {
    const value = { assetName: 'orders', pollInterval: soon };
    const waitId = waiting().waitFor({ case: 'asset', value }, { assetCursor });
    await meanwhile?.();
    const { eventJson, assetCursor: next } = await waiting().endOf(waitId);
    const { asset_events: told } = JSON.parse(eventJson);
    return { ids: told.map(({ id }: { readonly id: string }) => id), next };
  };

  it('tells each update once, also one of an earlier time that was committed later', async () => {
    const { ledger } = waiting().mesh;
    ledger.assetEvents = [update('told', 2_000)];
    const first = await watch('1:1:', async () => {
      await eventually(() => ledger.assetCalls.length >= 2, { deadlineMs: 60_000, what: 'asked' });
      ledger.assetEvents.push(update('early', 1_000));
    });
    expect(first).toEqual({ ids: ['early'], next: '2:2:' });
    ledger.assetEvents.push(update('later', 3_000), update('late', 1_500));
    expect(await watch(first.next)).toEqual({ ids: ['later', 'late'], next: '4:4:' });
  });

  it('is followed by time when metadata is older than cursors', async () => {
    const { ledger } = waiting().mesh;
    ledger.isOld = true;
    ledger.assetEvents = [update('old', 1_000)];
    const value = { assetName: 'orders', pollInterval: soon };
    const waitId = waiting().waitFor({ case: 'asset', value }, { sinceMs: 1_000 });
    await eventually(() => ledger.assetCalls.length >= 2, { deadlineMs: 60_000, what: 'asked' });
    ledger.assetEvents.push(update('new', 1_001));
    expect(await waiting().eventOf(waitId)).toMatchObject({ asset_events: [{ id: 'new' }] });
  });

  it('is asked for where all stand together once they were answered', async () => {
    const { ledger } = waiting().mesh;
    const value = { assetName: 'orders', pollInterval: soon };
    const waitIds = Array.from({ length: 50 }, (_, index) =>
      waiting().waitFor({ case: 'asset', value }, { sinceMs: index }),
    );
    const areTogether = () => ledger.assetCalls.at(-1)?.places.length === 1;
    await eventually(areTogether, { deadlineMs: 60_000, what: 'all stand at one place' });
    ledger.assetEvents.push(update('new', 0));
    for (const waitId of waitIds) {
      expect(await waiting().eventOf(waitId)).toMatchObject({ asset_events: [{ id: 'new' }] });
    }
  });
});

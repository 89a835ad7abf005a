// The rows of a commit: what is written is what is read, and what is refused is held back.
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  DagRunState,
  RunType,
  TaskAttemptState,
  TaskInstanceState,
  WaitSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import {
  aRun,
  aTaskInstance,
  anAttempt,
  ledgerOf,
  storeDag,
  refusal,
  runExists,
} from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

const readInstance = async (run: { dagId: string; runId: string }, taskId = 'extract') => {
  const query = metadata.as('api', QueryService);
  const answer = await query.getTaskInstance({ ...run, taskId, mapIndex: -1 });
  return {
    instance: answer.taskInstance?.taskInstance,
    attempts: answer.taskInstance?.attempts ?? [],
  };
};

describe('rows', () => {
  test('what is committed is what is read, whatever the texts hold', async () => {
    const nasty = 'a "quoted", {braced} \\back\\ NULL \u0000 zero, ünïcode 🚀\nline';
    const run = aRun({
      logicalDate: toTimestamp(Date.UTC(1999, 11, 31, 23, 59, 59, 1)),
      confJson: nasty,
    });
    const instance = aTaskInstance({
      dagRunId: run.id,
      state: TaskInstanceState.RUNNING,
      epoch: 1n,
    });
    const attempt = anAttempt({ taskInstanceId: instance.id });
    await scheduler.commit({
      newRuns: [run],
      newTaskInstances: [{ ...instance, attemptId: attempt.attemptId, tryNumber: 1 }],
      newAttempts: [attempt],
    });
    const ended = {
      ...attempt,
      state: TaskAttemptState.FAILED,
      errorMessage: nasty,
      endDate: toTimestamp(1),
    };
    const failed = {
      ...instance,
      attemptId: attempt.attemptId,
      tryNumber: 1,
      state: TaskInstanceState.FAILED,
    };
    await scheduler.commit({
      changedRuns: [{ ...run, state: DagRunState.FAILED, stateReason: 'task_failure' }],
      changedTaskInstances: [failed],
      endedAttempts: [ended],
    });
    const stored = nasty.replace('\u0000', '\uFFFD');
    const loaded = await ledgerOf(metadata)
      .loadRun({ dagId: 'etl', runId: run.runId })
      .catch(() => undefined);
    expect(loaded).toBeUndefined(); // its version was never made
    const { attempts, instance: read } = await readInstance(run);
    expect(attempts).toEqual([
      expect.objectContaining({ errorMessage: stored, endDate: toTimestamp(1) }),
    ]);
    expect(read).toMatchObject({ ...failed, dagId: 'etl', runId: run.runId, workerId: 'worker-1' });
    const answer = await metadata
      .as('api', QueryService)
      .getDagRun({ dagId: 'etl', runId: run.runId });
    expect(answer.run?.run).toEqual({
      ...run,
      confJson: stored,
      state: DagRunState.FAILED,
      stateReason: 'task_failure',
    });
    expect(answer.run?.taskCounts).toEqual({ failed: 1 });
  });

  test('a value that no column can hold refuses the commit, and the next one goes on', async () => {
    for (const changes of [
      { newRuns: [aRun({ id: 'no uuid' })] },
      { newRuns: [aRun({ state: DagRunState.UNSPECIFIED })] },
      { newTaskInstances: [aTaskInstance({ dagRunId: 'no uuid' })] },
      { changedTaskInstances: [aTaskInstance({ state: TaskInstanceState.UNSPECIFIED })] },
    ]) {
      expect(await refusal(scheduler.commit(changes))).toBe('bad_request');
    }
    await expect(scheduler.commit({ newRuns: [aRun()] })).resolves.toBeDefined();
  });

  test('all that a run and its task instances say is read, and gone when it is gone', async () => {
    const dagId = 'telling';
    const dagVersionId = await storeDag(metadata, { dagId });
    const at = toTimestamp(Date.UTC(2026, 0, 1));
    const run = aRun({
      dagId,
      dagVersionId,
      runType: RunType.BACKFILL,
      originalRunType: RunType.MANUAL,
      note: 'looked at',
      partitionKey: '2026-01',
      backfillId: uuidV7(),
      backfillOrdinal: 7,
    });
    const plain = aTaskInstance({ dagRunId: run.id, taskId: 'plain' });
    const telling = aTaskInstance({
      dagRunId: run.id,
      mapIndex: 4,
      mapLength: 0,
      mapLabel: 'north',
      skipDecisionJson: '{"followed": ["a"]}',
      executionDeadline: at,
      waitingSince: at,
      reschedulesCount: 3,
      wait: {
        waitId: uuidV7(),
        trigger: { kind: { case: 'timer', value: { moment: { case: 'at', value: at } } } },
        since: at,
        resumeMethod: 'resume',
        resumeJson: '{"a":"\\u0000"}',
      },
      note: 'late again',
    });
    await scheduler.commit({ newRuns: [run], newTaskInstances: [plain, telling] }, dagId);
    const load = () => ledgerOf(metadata).loadRun({ dagId, runId: run.runId });
    const loaded = await load();
    expect(loaded.run).toEqual(run);
    const filled = { dagId, runId: run.runId };
    expect(loaded.taskInstances).toEqual([
      { ...plain, ...filled },
      { ...telling, ...filled },
    ]);
    const { id, dagRunId } = telling;
    const silent = aTaskInstance({ id, dagRunId, mapIndex: 0 });
    const changes = { changedTaskInstances: [silent, { ...plain, note: 'new' }] };
    await scheduler.commit(changes, dagId);
    expect((await load()).taskInstances).toEqual([
      { ...plain, ...filled, note: 'new' },
      { ...silent, ...filled },
    ]);
  });

  test('an instance that its pool refused keeps what it is to be resumed with', async () => {
    const dagId = 'resuming';
    const dagVersionId = await storeDag(metadata, { dagId });
    const run = aRun({ dagId, dagVersionId });
    const instance = aTaskInstance({ dagRunId: run.id, state: TaskInstanceState.DEFERRED });
    const fresh = aTaskInstance({ dagRunId: run.id, taskId: 'fresh' });
    await scheduler.commit({ newRuns: [run], newTaskInstances: [instance, fresh] }, dagId);
    const executionDeadline = toTimestamp(Date.UTC(2026, 0, 2));
    const wait = create(WaitSchema, { waitId: uuidV7(), eventJson: '{"fired":true}' });
    const queued = { state: TaskInstanceState.QUEUED, executionDeadline };
    const refused = await scheduler.commit(
      {
        changedTaskInstances: [
          { ...instance, ...queued, wait },
          { ...fresh, ...queued },
        ],
        poolClaims: [instance.id, fresh.id].map((taskInstanceId) => ({
          pool: 'no such pool',
          slots: 1,
          taskInstanceId,
        })),
      },
      dagId,
    );
    expect(refused.refusedTaskInstanceIds).toHaveLength(2);
    const { taskInstances } = await ledgerOf(metadata).loadRun({ dagId, runId: run.runId });
    const held = { state: TaskInstanceState.SCHEDULED };
    expect(taskInstances).toMatchObject([{ ...held, wait, executionDeadline }, held]);
    expect(taskInstances[1]?.executionDeadline).toBeUndefined();
  });

  test('runs without a logical date do not stand in each other’s way', async () => {
    const callback = { runType: RunType.CALLBACK, callbackOfRunId: 'r' };
    const newRuns = [callback, callback, { runType: RunType.ASSET_TRIGGERED }].map(aRun);
    expect((await scheduler.commit({ newRuns })).refusedRunIds).toEqual([]);
  });

  test('a run whose logical date is taken is refused, but its cursor moves', async () => {
    const logicalDate = toTimestamp(Date.UTC(2026, 1, 1));
    await scheduler.commit({ newRuns: [aRun({ logicalDate })] });
    const run = aRun({ logicalDate });
    const instance = aTaskInstance({ dagRunId: run.id });
    const answer = await scheduler.commit({
      newRuns: [run],
      newTaskInstances: [instance],
      receipts: [{ requestId: 'r1', dagId: 'etl', dagRunId: run.id, runId: run.runId }],
      poolClaims: [{ pool: 'default_pool', slots: 1, taskInstanceId: instance.id }],
      cursors: [{ dagId: 'etl', nextLogicalDate: logicalDate }],
    });
    expect(answer.refusedRunIds).toEqual([run.id]);
    expect(answer.pools).toEqual([expect.objectContaining({ pool: 'default_pool', used: 0 })]);
    expect(await runExists(metadata, run)).toBe(false);
    const picture = await Array.fromAsync(
      ledgerOf(metadata).loadPartitions({ partitions: [partitionOf('etl')] }),
    );
    expect(picture.flatMap((page) => page.receipts)).toEqual([]);
  });
});

describe('attempts', () => {
  test('a task instance has at most one running attempt', async () => {
    const run = aRun();
    const instance = aTaskInstance({ dagRunId: run.id });
    const first = anAttempt({ taskInstanceId: instance.id });
    await scheduler.commit({ newRuns: [run], newTaskInstances: [instance], newAttempts: [first] });
    const second = anAttempt({ taskInstanceId: instance.id, epoch: 2n });
    await expect(scheduler.commit({ newAttempts: [second] })).rejects.toThrow();
    const { attempts } = await readInstance(run);
    expect(attempts.map((attempt) => attempt.attemptId)).toEqual([first.attemptId]);
  });

  test('the commit that ends an attempt may begin the next one', async () => {
    const run = aRun();
    const instance = aTaskInstance({ dagRunId: run.id });
    const first = anAttempt({ taskInstanceId: instance.id });
    const second = anAttempt({ taskInstanceId: instance.id, epoch: 2n, tryNumber: 2 });
    await scheduler.commit({ newRuns: [run], newTaskInstances: [instance], newAttempts: [first] });
    await scheduler.commit({
      newAttempts: [second],
      endedAttempts: [{ ...first, state: TaskAttemptState.LOST }],
    });
    const { attempts } = await readInstance(run);
    expect(attempts.map((attempt) => attempt.state)).toEqual([
      TaskAttemptState.LOST,
      TaskAttemptState.RUNNING,
    ]);
  });

  test('an attempt that has ended keeps its first outcome', async () => {
    const run = aRun();
    const instance = aTaskInstance({ dagRunId: run.id });
    const attempt = anAttempt({ taskInstanceId: instance.id });
    await scheduler.commit({
      newRuns: [run],
      newTaskInstances: [instance],
      newAttempts: [attempt],
    });
    await scheduler.commit({ endedAttempts: [{ ...attempt, state: TaskAttemptState.SUCCESS }] });
    await scheduler.commit({ endedAttempts: [{ ...attempt, state: TaskAttemptState.FAILED }] });
    const { attempts } = await readInstance(run);
    expect(attempts.map((one) => one.state)).toEqual([TaskAttemptState.SUCCESS]);
  });
});

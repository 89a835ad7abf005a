// What an owner gets when it takes over, and what executors get about an attempt.
import { describe, expect, test } from 'vitest';
import {
  DagRunState,
  RunType,
  TaskAttemptState,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  LedgerService,
  type LoadPartitionsResponse,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import {
  aDag,
  anAssetEvent,
  anAttempt,
  aRun,
  aTaskInstance,
  ledgerOf,
  storeDag,
} from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

async function loadPages(...dagIds: string[]): Promise<LoadPartitionsResponse[]> {
  const partitions = dagIds.map(partitionOf);
  return Array.fromAsync(ledgerOf(metadata).loadPartitions({ partitions }));
}

describe('the picture of a partition', () => {
  test('has DAGs, live runs with all task instances, live attempts, receipts', async () => {
    const dagVersionId = await storeDag(metadata, { dagId: 'whole' });
    const live = aRun({ dagId: 'whole', dagVersionId, state: DagRunState.QUEUED });
    const finished = aRun({ dagId: 'whole', dagVersionId, state: DagRunState.SUCCESS });
    const done = aTaskInstance({ dagRunId: live.id, state: TaskInstanceState.SUCCESS });
    const running = aTaskInstance({ dagRunId: live.id, taskId: 'load', mapIndex: 3 });
    const ended = anAttempt({ taskInstanceId: done.id, state: TaskAttemptState.SUCCESS });
    const attempt = anAttempt({ taskInstanceId: running.id });
    const receipt = { requestId: 'r', dagId: 'whole', dagRunId: live.id, runId: live.runId };
    const nextRunAfter = toTimestamp(Date.UTC(2026, 5, 1));
    await scheduler.commit(
      {
        newRuns: [live, finished],
        newTaskInstances: [
          done,
          { ...running, attemptId: attempt.attemptId, state: TaskInstanceState.RUNNING },
          aTaskInstance({ dagRunId: finished.id }),
        ],
        newAttempts: [attempt, ended],
        receipts: [receipt],
        cursors: [{ dagId: 'whole', nextRunAfter }],
        pauses: [{ dagId: 'whole', isPaused: true }],
      },
      'whole',
    );
    const pages = await loadPages('whole');
    expect(pages.flatMap((page) => page.pools)).toMatchObject([
      { pool: 'default_pool', slots: 128 },
    ]);
    expect(pages.flatMap((page) => page.versions)).toMatchObject([
      {
        dagVersionId,
        dagId: 'whole',
        versionNumber: 1,
        dagFile: 'whole.ts',
        spec: aDag({ dagId: 'whole' }),
      },
    ]);
    expect(pages.flatMap((page) => page.dags)).toMatchObject([
      {
        dagId: 'whole',
        dagVersionId,
        isPaused: true,
        isActive: true,
        cursor: { dagId: 'whole', nextRunAfter },
      },
    ]);
    expect(pages.flatMap((page) => page.runs)).toEqual([live]);
    expect(pages.flatMap((page) => page.taskInstances)).toMatchObject([
      { ...done, dagId: 'whole', runId: live.runId },
      { id: running.id, mapIndex: 3, workerId: 'worker-1', state: TaskInstanceState.RUNNING },
    ]);
    expect(pages.flatMap((page) => page.attempts)).toEqual([attempt]);
    expect(pages.flatMap((page) => page.receipts)).toMatchObject([receipt]);
  });

  test('says of a DAG without pause when its last scheduled run ended', async () => {
    const timetable = { kind: { case: 'continuous', value: {} } } as const;
    await storeDag(metadata, { dagId: 'endless', timetable });
    const ended = (hour: number) => ({
      dagId: 'endless',
      runType: RunType.SCHEDULED,
      state: DagRunState.SUCCESS,
      endDate: toTimestamp(Date.UTC(2026, 0, 1, hour)),
    });
    const newRuns = [
      aRun({ ...ended(1), id: uuidV7(1) }),
      aRun({ ...ended(2), id: uuidV7(2) }),
      aRun({ ...ended(9), id: uuidV7(3), runType: RunType.MANUAL }),
      aRun({ dagId: 'endless', id: uuidV7(4), runType: RunType.SCHEDULED }),
    ];
    await scheduler.commit({ newRuns }, 'endless');
    const lastRunEnd = toTimestamp(Date.UTC(2026, 0, 1, 2));
    const [page] = (await loadPages('endless')).filter(({ dags }) => dags.length > 0);
    expect(page?.dags.find((dag) => dag.dagId === 'endless')).toMatchObject({ lastRunEnd });
    const { dag } = await ledgerOf(metadata).loadDag({ dagId: 'endless' });
    expect(dag).toMatchObject({ lastRunEnd });
  });

  test('leaves other partitions out', async () => {
    await storeDag(metadata, { dagId: 'elsewhere' });
    const run = aRun({ dagId: 'elsewhere' });
    await scheduler.commit({ newRuns: [run] }, 'elsewhere');
    const other = ['one', 'two', 'three'].find(
      (id) => partitionOf(id) !== partitionOf('elsewhere'),
    );
    const pages = await loadPages(other ?? '');
    expect(pages.flatMap((page) => [...page.runs, ...page.dags, ...page.versions])).toEqual([]);
  });

  test('comes in messages of at most 1,000 rows and 2 MiB, in order', async () => {
    const dagId = 'wide';
    const run = aRun({ dagId });
    const heavy = Array.from({ length: 12 }, () =>
      aRun({ dagId, confJson: `"${'x'.repeat(250_000)}"` }),
    );
    const instances = Array.from({ length: 2_500 }, (_, mapIndex) =>
      aTaskInstance({ dagRunId: run.id, mapIndex }),
    );
    await scheduler.commit({ newRuns: [run, ...heavy], newTaskInstances: instances }, dagId);
    const pages = await loadPages(dagId);
    const rowCounts = pages.map((page) => page.taskInstances.length).filter((count) => count > 0);
    expect(rowCounts).toEqual([1_000, 1_000, 500]);
    expect(pages.flatMap((page) => page.taskInstances.map((one) => one.mapIndex))).toEqual(
      instances.map((one) => one.mapIndex),
    );
    const runPages = pages.filter((page) => page.runs.length > 0);
    expect(runPages.flatMap((page) => page.runs)).toHaveLength(13);
    for (const page of runPages) {
      const bytes = page.runs.reduce((sum, one) => sum + one.confJson.length, 0);
      expect(bytes).toBeLessThan(2 * 1024 * 1024);
    }
  });

  test('can be left half read without keeping a connection', async () => {
    for (let n = 0; n < 12; n += 1) {
      for await (const _page of ledgerOf(metadata).loadPartitions({
        partitions: [partitionOf('wide')],
      }))
        break;
    }
    await expect(loadPages('wide')).resolves.toBeDefined();
  });
});

describe('single reads', () => {
  test('a run, also a finished one, comes with all that belongs to it', async () => {
    const dagVersionId = await storeDag(metadata, { dagId: 'single' });
    const run = aRun({ dagId: 'single', dagVersionId, state: DagRunState.FAILED });
    const instance = aTaskInstance({ dagRunId: run.id });
    const attempt = anAttempt({ taskInstanceId: instance.id });
    await scheduler.commit(
      { newRuns: [run], newTaskInstances: [instance], newAttempts: [attempt] },
      'single',
    );
    const loaded = await ledgerOf(metadata).loadRun({ dagId: 'single', runId: run.runId });
    expect(loaded.run).toEqual(run);
    expect(loaded.version?.dagVersionId).toBe(dagVersionId);
    expect(loaded.taskInstances.map((one) => one.id)).toEqual([instance.id]);
    expect(loaded.attempts).toEqual([attempt]);
  });

  test('a run comes with as much of what started it as a message can bear', async () => {
    const dagId = 'started';
    const dagVersionId = await storeDag(metadata, { dagId });
    const run = aRun({ dagId, dagVersionId });
    const extraJson = `{"rows": "${'x'.repeat(65_000)}"}`;
    const events = Array.from({ length: 50 }, (_, n) =>
      anAssetEvent({ id: uuidV7(n), extraJson, sourceDagId: dagId }),
    );
    const eventIds = events.map((event) => event.id);
    const consumedDeliveries = [{ dagId, dagRunId: run.id, eventIds }];
    await scheduler.commit({ newRuns: [run], assetEvents: events, consumedDeliveries }, dagId);
    const loaded = await ledgerOf(metadata).loadRun({ dagId, runId: run.runId });
    expect(loaded.assetEvents.map((event) => event.id)).toEqual(eventIds.slice(0, 32));
    const picture = (await loadPages(dagId)).flatMap((page) => page.runAssetEvents);
    expect(picture).toMatchObject([{ dagRunId: run.id }]);
    expect(picture[0]?.events).toHaveLength(32);
  });

  test('what is not there is not found, by name', async () => {
    const ledger = ledgerOf(metadata);
    const reasons = await Promise.all(
      [
        ledger.loadDag({ dagId: 'no' }),
        ledger.loadRun({ dagId: 'single', runId: 'no' }),
        ledger.getAttempt({ attemptId: crypto.randomUUID() }),
      ].map((call) =>
        call.then(
          () => undefined,
          (error: unknown) => reasonOf(error),
        ),
      ),
    );
    expect(reasons).toEqual(['dag_not_found', 'run_not_found', 'attempt_not_found']);
  });

  test('an attempt comes with its task instance and its task', async () => {
    const dagVersionId = await storeDag(metadata, { dagId: 'asked' });
    const run = aRun({ dagId: 'asked', dagVersionId });
    const instance = aTaskInstance({ dagRunId: run.id });
    const attempt = anAttempt({ taskInstanceId: instance.id });
    const running = { ...instance, attemptId: attempt.attemptId, state: TaskInstanceState.RUNNING };
    await scheduler.commit(
      { newRuns: [run], newTaskInstances: [running], newAttempts: [attempt] },
      'asked',
    );
    const { attemptId } = attempt;
    const answer = await metadata.as('executor', LedgerService).getAttempt({ attemptId });
    expect(answer.attempt).toEqual(attempt);
    expect(answer.taskInstance).toMatchObject({
      id: instance.id,
      dagId: 'asked',
      runId: run.runId,
      state: TaskInstanceState.RUNNING,
      workerId: 'worker-1',
    });
    expect(answer.task).toMatchObject({ taskId: 'extract', handler: 'etl.ts:extract' });
    await scheduler.commit(
      { endedAttempts: [{ ...attempt, state: TaskAttemptState.SUCCESS }] },
      'asked',
    );
    const later = await metadata.as('executor', LedgerService).getAttempt({ attemptId });
    expect(later.attempt?.state).toBe(TaskAttemptState.SUCCESS);
  });
});

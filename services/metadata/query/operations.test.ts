// What people see of what there is to run and what ran: versions, filters, backfills.
import { beforeAll, describe, expect, test } from 'vitest';
import { DagRunState, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { BackfillAction, BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { fromDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { aRun, aTaskInstance, refusal, storeDag } from '../testing/builders.ts';
import { useMetadata } from '../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();
/** The two versions of `etl`: one with a task, one with a group of tasks beside it. */
let versions: readonly [bigint, bigint];

beforeAll(async () => {
  const tasks = [{ taskId: 'extract', handler: 'etl.ts:extract' }];
  const loading = ['load.a', 'load.inner.b'].map((taskId) => ({
    taskId,
    handler: 'etl.ts:load',
    taskGroupId: taskId.slice(0, taskId.lastIndexOf('.')),
  }));
  const taskGroups = [
    { groupId: 'load' },
    { groupId: 'load.inner', parentGroupId: 'load' },
    { groupId: 'empty' },
  ];
  versions = [
    await storeDag(metadata, { dagId: 'etl', tasks }),
    await storeDag(metadata, { dagId: 'etl', tasks: [...tasks, ...loading], taskGroups }),
  ];
});
const query = () => metadata.as('api', QueryService);
const day = (date: number) => toTimestamp(Date.UTC(2026, 0, date));

describe('versions of a DAG', () => {
  test('are listed newest first, and the current one is marked', async () => {
    const { page } = await query().listDagVersions({ query: { dagId: 'etl' } });
    const seen = page?.versions.map((one) => [one.versionNumber, one.tasksCount, one.isCurrent]);
    expect(seen).toEqual([
      [2, 3, true],
      [1, 1, false],
    ]);
    const unknown = query().listDagVersions({ query: { dagId: 'nope' } });
    expect(await refusal(unknown)).toBe('dag_not_found');
  });

  test('keep their spec', async () => {
    const { dag } = await query().getDag({ dagId: 'etl', versionNumber: 1 });
    expect(dag?.spec?.tasks.map(({ taskId }) => taskId)).toEqual(['extract']);
    expect(dag?.dag?.versionNumber).toBe(2);
    const now = await query().getDag({ dagId: 'etl' });
    expect(now.dag?.version?.dagVersionId).toBe(versions[1]);
    expect(await refusal(query().getDag({ dagId: 'etl', versionNumber: 3 }))).toBe(
      'dag_version_not_found',
    );
  });
});

describe('runs', () => {
  test('of callbacks are listed only when asked for', async () => {
    const about = aRun({ runId: 'about', state: DagRunState.FAILED });
    const callback = aRun({
      runId: 'callback__1',
      runType: RunType.CALLBACK,
      callbackOfRunId: 'about',
    });
    await scheduler.commit({ newRuns: [about, callback] });
    const ids = async (filter: { includesCallbacks?: boolean; runTypes?: RunType[] }) => {
      const asked = { dagId: 'etl', ...filter };
      const { page } = await query().listDagRuns({ query: asked });
      return page?.runs.map(({ runId }) => runId);
    };
    expect(await ids({})).not.toContain('callback__1');
    expect(await ids({ includesCallbacks: true })).toContain('callback__1');
    expect(await ids({ runTypes: [RunType.CALLBACK] })).toEqual(['callback__1']);
    const { page } = await query().listCallbacks({ query: { dagId: 'etl', runId: 'about' } });
    expect(page?.runs).toMatchObject([{ runId: 'callback__1', callbackOfRunId: 'about' }]);
  });

  test('are found by dates, text and partition', async () => {
    const runs = [1, 2, 3].map((date) =>
      aRun({
        id: uuidV7(Date.UTC(2026, 0, 1, date)),
        runId: `dated_${date}`,
        logicalDate: day(date),
        partitionKey: `p${date % 2}`,
      }),
    );
    await scheduler.commit({ newRuns: runs });
    const found = async (filter: object) => {
      const { page } = await query().listDagRuns({ query: { dagId: 'etl', ...filter } });
      return page?.runs.map(({ runId }) => runId);
    };
    expect(await found({ logicalDateFrom: day(2) })).toEqual(['dated_3', 'dated_2']);
    expect(await found({ logicalDateFrom: day(1), logicalDateTo: day(2) })).toEqual([
      'dated_2',
      'dated_1',
    ]);
    expect(await found({ runIdContains: 'ted_1' })).toEqual(['dated_1']);
    expect(await found({ partitionKey: 'p1' })).toEqual(['dated_3', 'dated_1']);
  });
});

describe('task instances', () => {
  test('are found by task, group and map index', async () => {
    const run = aRun({ dagVersionId: versions[1] });
    const instances = [
      aTaskInstance({ dagRunId: run.id, taskId: 'extract' }),
      ...[0, 1, 2].map((mapIndex) =>
        aTaskInstance({ dagRunId: run.id, taskId: 'load.a', mapIndex }),
      ),
      aTaskInstance({ dagRunId: run.id, taskId: 'load.inner.b' }),
    ];
    await scheduler.commit({ newRuns: [run], newTaskInstances: instances });
    const found = async (filter: object) => {
      const asked = { dagId: 'etl', runId: run.runId, ...filter };
      const { page } = await query().listTaskInstances({ query: asked });
      return page?.taskInstances.map(({ taskId, mapIndex }) => `${taskId}[${mapIndex}]`);
    };
    expect(await found({ taskId: 'extract' })).toEqual(['extract[-1]']);
    expect(await found({ taskGroupId: 'load' })).toHaveLength(4);
    expect(await found({ taskGroupId: 'load.inner' })).toEqual(['load.inner.b[-1]']);
    expect(await found({ taskGroupId: 'empty' })).toEqual([]);
    expect(await found({ mapIndexFrom: 1, mapIndexTo: 1 })).toEqual(['load.a[1]']);
    expect(await found({ onlyMapped: true })).toHaveLength(3);
    expect(await refusal(found({ taskGroupId: 'nope' }))).toBe('bad_filter');
  });
});

describe('a backfill', () => {
  const backfillId = uuidV7();
  const began = Date.UTC(2026, 0, 9);

  beforeAll(async () => {
    const dates = [
      { action: BackfillAction.CREATE, runId: 'b1' },
      { action: BackfillAction.CREATE, runId: 'b2' },
      { action: BackfillAction.REPROCESS, runId: 'dated_3' },
      { action: BackfillAction.CREATE, runId: '' },
      { action: BackfillAction.IN_FLIGHT, runId: 'dated_2' },
    ].map((date, n) => ({ ...date, ordinal: n + 1, logicalDate: day(n + 10) }));
    const runs = [
      aRun({ runId: 'b1', state: DagRunState.SUCCESS, endDate: toTimestamp(began + 60_000) }),
      aRun({ runId: 'b2', state: DagRunState.RUNNING }),
    ].map((run) => ({ ...run, backfillId, startDate: toTimestamp(began) }));
    const backfill = {
      backfillId,
      dagId: 'etl',
      fromDate: day(10),
      toDate: day(14),
      activeRunsMax: 2,
      state: BackfillState.RUNNING,
      createdBy: 'ada',
      createdAt: day(9),
      dates,
    };
    await scheduler.commit({ newRuns: runs, backfills: [backfill] });
  });

  test('knows how far it is, and how long it still takes', async () => {
    const { answer } = await query().getBackfill({ query: { backfillId } });
    const { $typeName: _typeName, remaining, ...counts } = answer?.status?.progress ?? {};
    expect(counts).toEqual({
      datesCount: 5,
      pendingCount: 2,
      queuedCount: 0,
      runningCount: 1,
      successCount: 1,
      failedCount: 0,
      unneededCount: 1,
    });
    // Three are left, two at a time, a minute each.
    expect(fromDuration(remaining)).toBe(120_000);
    const unknown = query().getBackfill({ query: { backfillId: uuidV7() } });
    expect(await refusal(unknown)).toBe('backfill_not_found');
  });

  test('is listed by DAG and state', async () => {
    const ids = async (states: BackfillState[]) => {
      const { page } = await query().listBackfills({ query: { dagId: 'etl', states } });
      return page?.backfills.map((one) => one.backfill?.backfillId);
    };
    expect(await ids([BackfillState.RUNNING])).toEqual([backfillId]);
    expect(await ids([BackfillState.COMPLETED])).toEqual([]);
  });

  test('shows its dates in order, with the runs that are its own', async () => {
    const { page } = await query().listBackfillDates({ query: { backfillId, pageSize: 3 } });
    const seen = page?.dates.map(({ date, runState }) => [date?.ordinal, date?.runId, runState]);
    expect(seen).toEqual([
      [1, 'b1', DagRunState.SUCCESS],
      [2, 'b2', DagRunState.RUNNING],
      [3, 'dated_3', 0],
    ]);
    const pageToken = page?.nextPageToken ?? '';
    const rest = await query().listBackfillDates({ query: { backfillId, pageSize: 3, pageToken } });
    expect(rest.page?.dates.map(({ date }) => date?.ordinal)).toEqual([4, 5]);
    const runStates = [DagRunState.RUNNING];
    const running = await query().listBackfillDates({ query: { backfillId, runStates } });
    expect(running.page?.dates.map(({ date }) => date?.ordinal)).toEqual([2]);
  });
});

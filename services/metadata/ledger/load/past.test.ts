// The runs before another, and runs by their dates.
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type DagRun,
  DagRunState,
  RunType,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { aRun, aTaskInstance, ledgerOf, refusal } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

/** The n-th of January. */
const day = (n: number) => toTimestamp(Date.UTC(2026, 0, n));
const run = (
  runId: string,
  runType: RunType,
  logicalDay: number | undefined,
  runAfterDay: number,
) =>
  aRun({
    runId,
    runType,
    runAfter: day(runAfterDay),
    ...(logicalDay === undefined ? {} : { logicalDate: day(logicalDay) }),
  });
const runs = {
  first: run('first', RunType.SCHEDULED, 1, 2),
  second: run('second', RunType.BACKFILL, 2, 3),
  manual: run('manual', RunType.MANUAL, 3, 3),
  asset: run('asset', RunType.ASSET_TRIGGERED, undefined, 4),
  callback: {
    ...run('callback', RunType.CALLBACK, undefined, 5),
    callbackOfRunId: 'second',
  } satisfies DagRun,
  last: { ...run('last', RunType.SCHEDULED, 5, 6), state: DagRunState.FAILED } satisfies DagRun,
};
const instances = [
  aTaskInstance({ dagRunId: runs.first.id, taskId: 'old' }),
  aTaskInstance({ dagRunId: runs.first.id, taskId: 'load', state: TaskInstanceState.FAILED }),
  aTaskInstance({ dagRunId: runs.second.id, taskId: 'load', mapIndex: 0 }),
  aTaskInstance({ dagRunId: runs.second.id, taskId: 'load', mapIndex: 1 }),
  aTaskInstance({ dagRunId: runs.callback.id, taskId: 'called' }),
  aTaskInstance({ dagRunId: runs.last.id, taskId: 'new' }),
];

beforeAll(async () => {
  await scheduler.commit({ newRuns: Object.values(runs), newTaskInstances: instances });
});
describe('the run before', () => {
  const past = (
    logicalDay: number,
    options: { onlyScheduled?: boolean; taskIds?: string[] } = {},
  ) => ledgerOf(metadata).loadPast({ dagId: 'etl', logicalDate: day(logicalDay), ...options });

  test('is the one with the latest earlier date, callbacks and dateless ones aside', async () => {
    expect((await past(9)).run).toEqual(runs.last);
    expect((await past(5)).run).toEqual(runs.manual);
    expect((await past(2)).run).toEqual(runs.first);
    expect((await past(1)).run).toBeUndefined();
  });

  test('is one that the timetable or a backfill made, when only such count', async () => {
    expect((await past(5, { onlyScheduled: true })).run).toEqual(runs.second);
    expect((await past(2, { onlyScheduled: true })).run).toEqual(runs.first);
  });

  test('comes with all instances of the tasks asked about', async () => {
    const { taskInstances } = await past(3, { taskIds: ['load', 'old'] });
    expect(taskInstances).toMatchObject([
      { taskId: 'load', mapIndex: 0, dagId: 'etl', runId: 'second' },
      { taskId: 'load', mapIndex: 1 },
    ]);
  });

  test('says which tasks have a past in any earlier run', async () => {
    const taskIds = ['load', 'old', 'new', 'called', 'unknown'];
    const withPast = async (logicalDay: number) =>
      (await past(logicalDay, { taskIds })).taskIdsWithPast.toSorted();
    expect(await withPast(3)).toEqual(['load', 'old']);
    expect(await withPast(9)).toEqual(['load', 'new', 'old']);
    expect(await withPast(1)).toEqual([]);
  });
});

describe('runs', () => {
  const list = async (query: object) => {
    const answer = await ledgerOf(metadata).listRuns({ dagId: 'etl', limit: 100, ...query });
    return answer.runs.map((one) => one.runId);
  };

  test('come by their date, or by when they may run, without callbacks', async () => {
    expect(await list({})).toEqual(['first', 'second', 'manual', 'asset', 'last']);
    expect(await list({ isDescending: true })).toEqual([
      'last',
      'asset',
      'manual',
      'second',
      'first',
    ]);
    expect(await list({ includesCallbacks: true, isDescending: true, limit: 2 })).toEqual([
      'last',
      'callback',
    ]);
  });

  test('are chosen by date and state', async () => {
    expect(await list({ fromDate: day(2), toDate: day(3) })).toEqual(['second', 'manual']);
    expect(await list({ states: [DagRunState.FAILED] })).toEqual(['last']);
    expect(await list({ hasLogicalDate: true, fromDate: day(3) })).toEqual(['manual', 'last']);
  });

  test('are chosen by their partition', async () => {
    const keys = ['2026-01-01', '2026-01-02', '2026-01-03'];
    const newRuns = keys.map((key) => aRun({ dagId: 'parts', runId: key, partitionKey: key }));
    await scheduler.commit({ newRuns }, 'parts');
    const ofParts = (query: object) => list({ dagId: 'parts', ...query });
    expect(await ofParts({ partitionKeys: ['2026-01-02', 'unknown'] })).toEqual(['2026-01-02']);
    expect(await ofParts({ partitionKeys: ['unknown'] })).toEqual([]);
    expect(await ofParts({})).toHaveLength(3);
  });

  test('of an unknown DAG are none', async () => {
    expect(await list({ dagId: 'unknown' })).toEqual([]);
  });

  test('that no answer can hold are refused, not cut', async () => {
    const confJson = JSON.stringify('x'.repeat(250_000));
    for (let n = 0; n < 10; n += 1) {
      const heavy = Array.from({ length: 21 }, () => aRun({ dagId: 'heavy', confJson }));
      await scheduler.commit({ newRuns: heavy }, 'heavy');
    }
    expect(await refusal(list({ dagId: 'heavy', limit: 1_000 }))).toBe('limit_reached');
    expect(await list({ dagId: 'heavy', limit: 10 })).toHaveLength(10);
  });
});

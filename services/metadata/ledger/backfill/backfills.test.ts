// Backfills as their owner writes and loads them.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { DagRunState, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type Backfill,
  BackfillAction,
  BackfillSchema,
  BackfillState,
  ReprocessBehavior,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { aRun, loadPicture, refusal } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

const day = (n: number) => toTimestamp(Date.UTC(2026, 0, n));

/** A backfill of three days, two of which have runs. */
function aBackfill(dagId: string): Backfill {
  const dates = [3, 2, 1].map((n, index) => ({
    logicalDate: day(n),
    dataIntervalStart: day(n),
    dataIntervalEnd: day(n + 1),
    runAfter: day(n + 1),
    ordinal: index + 1,
    action: BackfillAction.CREATE,
    partitionKey: `2026-01-0${n}`,
  }));
  return create(BackfillSchema, {
    backfillId: uuidV7(),
    dagId,
    fromDate: day(1),
    toDate: day(3),
    confJson: '{"a":"\\u0000"}',
    reprocessBehavior: ReprocessBehavior.FAILED,
    activeRunsMax: 4,
    isReverse: true,
    taskIds: ['a "quoted", {braced}', 'b'],
    taskIdsIncludeUpstream: true,
    stopsOnFailure: true,
    runOnLatestVersion: true,
    state: BackfillState.RUNNING,
    createdBy: 'ann',
    createdAt: day(9),
    dates,
  });
}
const loaded = async (dagId: string) => (await loadPicture(metadata, dagId)).backfills;

test('a backfill is loaded as it was made, with its dates in their order', async () => {
  const backfill = aBackfill('whole');
  await scheduler.commit({ backfills: [backfill] }, 'whole');
  expect(await loaded('whole')).toEqual([backfill]);
});

test('later its state and what became of named dates are taken over, nothing else', async () => {
  const backfill = aBackfill('changed');
  const [first, second, third] = backfill.dates;
  await scheduler.commit({ backfills: [backfill] }, 'changed');
  const date = { ordinal: 2, action: BackfillAction.REPROCESS, runId: 'run_2' };
  const { backfillId, dagId } = backfill;
  const change = { backfillId, dagId, activeRunsMax: 4, state: BackfillState.PAUSED };
  await scheduler.commit({ backfills: [{ ...change, dates: [date] }] }, 'changed');
  expect(await loaded('changed')).toEqual([
    {
      ...backfill,
      state: BackfillState.PAUSED,
      dates: [first, { ...second, action: BackfillAction.REPROCESS, runId: 'run_2' }, third],
    },
  ]);
});

test('one that is over is not loaded any more', async () => {
  const backfill = aBackfill('over');
  await scheduler.commit({ backfills: [backfill] }, 'over');
  const over = { ...backfill, state: BackfillState.COMPLETED, completedAt: day(10), dates: [] };
  await scheduler.commit({ backfills: [over] }, 'over');
  expect(await loaded('over')).toEqual([]);
});

test('made and changed in one commit it has its dates and the later state', async () => {
  const backfill = aBackfill('at_once');
  const dates = [{ ordinal: 1, action: BackfillAction.CREATE, runId: 'run_1' }];
  const { backfillId, dagId } = backfill;
  const change = { backfillId, dagId, state: BackfillState.PAUSED, activeRunsMax: 4, dates };
  await scheduler.commit({ backfills: [backfill, change] }, 'at_once');
  const [first, ...others] = backfill.dates;
  expect(await loaded('at_once')).toEqual([
    { ...backfill, state: BackfillState.PAUSED, dates: [{ ...first, runId: 'run_1' }, ...others] },
  ]);
});

test('a date does not name a run that was refused', async () => {
  const taken = aRun({ dagId: 'refused', logicalDate: day(3) });
  await scheduler.commit({ newRuns: [taken] }, 'refused');
  const backfill = aBackfill('refused');
  const run = aRun({ dagId: 'refused', runId: 'run_1', logicalDate: day(3) });
  const dates = backfill.dates.map((date) => ({
    ...date,
    runId: date.ordinal === 1 ? 'run_1' : '',
  }));
  const request = { newRuns: [run], backfills: [{ ...backfill, dates }] };
  expect((await scheduler.commit(request, 'refused')).refusedRunIds).toEqual([run.id]);
  expect(await loaded('refused')).toEqual([backfill]);
});

test('a run that a backfill takes over keeps what it was, and gets the version it runs', async () => {
  const run = aRun({
    dagId: 'taken_over',
    runType: RunType.SCHEDULED,
    logicalDate: day(1),
    note: 'mine',
  });
  await scheduler.commit({ newRuns: [run] }, 'taken_over');
  const over = {
    ...run,
    runType: RunType.BACKFILL,
    originalRunType: RunType.SCHEDULED,
    state: DagRunState.QUEUED,
    backfillId: uuidV7(),
    backfillOrdinal: 2,
    dagVersionId: 7n,
    note: '',
  };
  await scheduler.commit({ changedRuns: [over] }, 'taken_over');
  expect((await loadPicture(metadata, 'taken_over')).runs).toEqual([over]);
});

test('without a fence for its partition it is refused', async () => {
  const backfill = aBackfill('one');
  expect(await refusal(scheduler.commit({ backfills: [backfill] }, 'two'))).toBe('bad_request');
});

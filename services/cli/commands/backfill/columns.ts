// How backfills and their dates look in tables.
import type {
  BackfillDateStatus,
  BackfillProgress,
  BackfillStatus,
} from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { DagRunStateSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  BackfillActionSchema,
  type BackfillDate,
  BackfillStateSchema,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { stateColour } from '../../core/paint.ts';
import { enumName } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { elapsed, localIso, relative, span } from '../../core/when.ts';

/** Columns of a list of backfills. */
export function backfillColumns(nowMs: number): readonly Column<BackfillStatus>[] {
  return [
    { title: 'backfill_id', cell: ({ backfill }) => backfill?.backfillId ?? '' },
    { title: 'dag_id', cell: ({ backfill }) => backfill?.dagId ?? '' },
    { title: 'state', cell: backfillState, colour: stateColour },
    { title: 'from', cell: ({ backfill }) => localIso(fromTimestamp(backfill?.fromDate)) },
    { title: 'to', cell: ({ backfill }) => localIso(fromTimestamp(backfill?.toDate)) },
    { title: 'done', cell: ({ progress }) => doneOf(progress), align: 'right' },
    {
      title: 'failed',
      cell: ({ progress }) => String(progress?.failedCount ?? 0),
      align: 'right',
    },
    { title: 'left', cell: ({ progress }) => leftOf(progress), align: 'right' },
    {
      title: 'created',
      cell: ({ backfill }) => relative(fromTimestamp(backfill?.createdAt), nowMs),
      wide: true,
    },
    { title: 'by', cell: ({ backfill }) => backfill?.createdBy ?? '', wide: true },
  ];
}

/** Columns of the dates of a backfill that is under way. */
export function dateColumns(nowMs: number): readonly Column<BackfillDateStatus>[] {
  return [
    { title: '#', cell: ({ date }) => String(date?.ordinal ?? ''), align: 'right' },
    { title: 'logical_date', cell: ({ date }) => (date === undefined ? '' : dateName(date)) },
    { title: 'action', cell: ({ date }) => (date === undefined ? '' : actionOf(date)) },
    { title: 'run_id', cell: ({ date }) => date?.runId ?? '' },
    { title: 'state', cell: runStateOf, colour: stateColour },
    {
      title: 'took',
      cell: (one) => elapsed(fromTimestamp(one.startDate), fromTimestamp(one.endDate), nowMs),
      align: 'right',
    },
  ];
}

/** Columns of the dates of a backfill that is only planned. */
export const PLAN_COLUMNS: readonly Column<BackfillDate>[] = [
  { title: '#', cell: (date) => String(date.ordinal), align: 'right' },
  { title: 'logical_date', cell: dateName },
  { title: 'action', cell: actionOf },
  { title: 'interval start', cell: (date) => localIso(fromTimestamp(date.dataIntervalStart)) },
  { title: 'interval end', cell: (date) => localIso(fromTimestamp(date.dataIntervalEnd)) },
  { title: 'run_id', cell: (date) => date.runId, wide: true },
];

/** The state of a backfill in lower case. */
export function backfillState({ backfill }: BackfillStatus): string {
  return enumName(BackfillStateSchema, backfill?.state ?? 0);
}

/** `12 of 30 done (1 failed), 3 running, 15 to go, about 5m00s left`. */
export function progressLine(progress: BackfillProgress | undefined): string {
  if (progress === undefined) return '';
  const { failedCount, runningCount, queuedCount, pendingCount } = progress;
  const failed = failedCount === 0 ? '' : ` (${failedCount} failed)`;
  const left = leftOf(progress);
  return [
    `${doneOf(progress)} done${failed}`,
    `${runningCount} running`,
    `${queuedCount + pendingCount} to go`,
    ...(left === '' ? [] : [`about ${left} left`]),
  ].join(', ');
}

function doneOf(progress: BackfillProgress | undefined): string {
  if (progress === undefined) return '';
  const neededCount = progress.datesCount - progress.unneededCount;
  return `${progress.successCount + progress.failedCount} of ${neededCount}`;
}

function leftOf(progress: BackfillProgress | undefined): string {
  const leftMs = fromDuration(progress?.remaining);
  return leftMs === undefined ? '' : span(leftMs);
}

function dateName(date: BackfillDate): string {
  return localIso(fromTimestamp(date.logicalDate)) || date.partitionKey;
}

function actionOf(date: BackfillDate): string {
  return enumName(BackfillActionSchema, date.action);
}

function runStateOf({ runState }: BackfillDateStatus): string {
  return runState === 0 ? '' : enumName(DagRunStateSchema, runState);
}

// Backfills with their progress, and how long they still take.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { BackfillStatusSchema } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { type BackfillRow, toBackfill } from '../ledger/backfill/backfills.ts';
import { backfillStates } from '../ledger/record/names.ts';
import { remainingMs } from './remaining.ts';

/** A row of backfill with the number of its dates and of its own runs by state. */
export type BackfillStatusRow = BackfillRow & {
  readonly dates_count: number;
  readonly unneeded_count: number;
  readonly queued_count: number;
  readonly running_count: number;
  readonly success_count: number;
  readonly failed_count: number;
  /** How long its finished runs took on average; null when there are none. */
  readonly mean_ms: number | null;
};

type StatusInit = MessageInitShape<typeof BackfillStatusSchema>;

export function toBackfillStatus(row: BackfillStatusRow): StatusInit {
  return { backfill: toBackfill(row), progress: toProgress(row) };
}

function toProgress(row: BackfillStatusRow): StatusInit['progress'] {
  const finishedCount = row.success_count + row.failed_count;
  const begunCount = row.queued_count + row.running_count + finishedCount;
  const neededCount = row.dates_count - row.unneeded_count;
  const leftMs = remainingMs({
    leftCount: neededCount - finishedCount,
    activeRunsMax: row.active_runs_max,
    meanMs: row.mean_ms ?? undefined,
  });
  const isRunning = backfillStates.valueOf(row.state) === BackfillState.RUNNING;
  return {
    datesCount: row.dates_count,
    pendingCount: neededCount - begunCount,
    queuedCount: row.queued_count,
    runningCount: row.running_count,
    successCount: row.success_count,
    failedCount: row.failed_count,
    unneededCount: row.unneeded_count,
    ...(isRunning && leftMs !== undefined ? { remaining: toDuration(leftMs) } : {}),
  };
}

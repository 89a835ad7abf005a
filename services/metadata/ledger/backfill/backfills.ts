// Backfills and their dates as rows, written by commits and loaded by owners.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type Backfill,
  type BackfillDate,
  BackfillDateSchema,
  type BackfillSchema,
  ReprocessBehavior,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { PlacedDate } from '../../core/commit-rows.ts';
import { orAbsent, plainArray, textArray, timeArray } from '../database/array.ts';
import { backfillActions, backfillStates, reprocessBehaviors } from '../record/names.ts';
import { type Instant, instant } from '../record/dag-records.ts';

/** A row of backfill. */
export type BackfillRow = {
  readonly id: string;
  readonly dag_id: string;
  readonly from_date: Instant;
  readonly to_date: Instant;
  readonly conf_json: string;
  readonly reprocess_behavior: string;
  readonly active_runs_max: number;
  readonly is_reverse: boolean;
  readonly task_ids: string[];
  readonly task_ids_include_upstream: boolean;
  readonly stops_on_failure: boolean;
  readonly run_on_latest_version: boolean;
  readonly state: string;
  readonly created_by: string;
  readonly created_at: Instant;
  readonly completed_at: Instant;
};

/** A row of backfill_dag_run. */
export type BackfillDateRow = {
  readonly ordinal: number;
  readonly logical_date: Instant;
  readonly data_interval_start: Instant;
  readonly data_interval_end: Instant;
  readonly run_after: Instant;
  readonly action: string;
  readonly run_id: string | null;
  readonly partition_key: string;
};

/** For put_backfills. */
export function backfillColumns(backfills: readonly Backfill[]): string[] {
  return [
    textArray(backfills.map((backfill) => backfill.backfillId)),
    textArray(backfills.map((backfill) => backfill.dagId)),
    plainArray(backfills.map((backfill) => partitionOf(backfill.dagId))),
    timeArray(backfills.map((backfill) => backfill.fromDate)),
    timeArray(backfills.map((backfill) => backfill.toDate)),
    textArray(backfills.map((backfill) => backfill.confJson)),
    textArray(backfills.map((backfill) => behaviorOf(backfill))),
    plainArray(backfills.map((backfill) => backfill.activeRunsMax)),
    plainArray(backfills.map((backfill) => backfill.isReverse)),
    textArray(backfills.map((backfill) => JSON.stringify(backfill.taskIds))),
    plainArray(backfills.map((backfill) => backfill.taskIdsIncludeUpstream)),
    plainArray(backfills.map((backfill) => backfill.stopsOnFailure)),
    plainArray(backfills.map((backfill) => backfill.runOnLatestVersion)),
    textArray(backfills.map((backfill) => backfillStates.nameOf(backfill.state))),
    textArray(backfills.map((backfill) => backfill.createdBy)),
    timeArray(backfills.map((backfill) => backfill.createdAt)),
    timeArray(backfills.map((backfill) => backfill.completedAt)),
  ];
}

/** For put_backfill_dates. */
export function backfillDateColumns(dates: readonly PlacedDate[]): string[] {
  return [
    textArray(dates.map((date) => date.backfillId)),
    plainArray(dates.map((date) => date.ordinal)),
    timeArray(dates.map((date) => date.logicalDate)),
    timeArray(dates.map((date) => date.dataIntervalStart)),
    timeArray(dates.map((date) => date.dataIntervalEnd)),
    timeArray(dates.map((date) => date.runAfter)),
    textArray(dates.map((date) => backfillActions.nameOf(date.action))),
    textArray(dates.map((date) => orAbsent(date.runId))),
    textArray(dates.map((date) => date.partitionKey)),
  ];
}

/** A backfill without its dates. */
export function toBackfill(row: BackfillRow): MessageInitShape<typeof BackfillSchema> {
  return {
    backfillId: row.id,
    dagId: row.dag_id,
    fromDate: instant(row.from_date),
    toDate: instant(row.to_date),
    confJson: row.conf_json,
    reprocessBehavior: reprocessBehaviors.valueOf(row.reprocess_behavior),
    activeRunsMax: row.active_runs_max,
    isReverse: row.is_reverse,
    taskIds: row.task_ids,
    taskIdsIncludeUpstream: row.task_ids_include_upstream,
    stopsOnFailure: row.stops_on_failure,
    runOnLatestVersion: row.run_on_latest_version,
    state: backfillStates.valueOf(row.state),
    createdBy: row.created_by,
    createdAt: instant(row.created_at),
    completedAt: instant(row.completed_at),
  };
}

export function toBackfillDate(row: BackfillDateRow): BackfillDate {
  return create(BackfillDateSchema, {
    ordinal: row.ordinal,
    logicalDate: instant(row.logical_date),
    dataIntervalStart: instant(row.data_interval_start),
    dataIntervalEnd: instant(row.data_interval_end),
    runAfter: instant(row.run_after),
    action: backfillActions.valueOf(row.action),
    runId: row.run_id ?? '',
    partitionKey: row.partition_key,
  });
}

/** Who says nothing means that runs which exist are left alone. */
function behaviorOf({ reprocessBehavior }: Backfill): string {
  const isSaid = reprocessBehavior !== ReprocessBehavior.UNSPECIFIED;
  return reprocessBehaviors.nameOf(isSaid ? reprocessBehavior : ReprocessBehavior.NONE);
}

// Rows of DAGs, their versions and their runs as the contract's messages.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromBinary } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { type DagRunSchema, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  DagRecordSchema,
  DagVersionRecordSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { dagRunStates, runTypes } from './names.ts';

/** An instant as the database gives it: milliseconds since the epoch, or null. */
export type Instant = number | null;

/** A row of dag_run. */
export type DagRunRow = {
  readonly id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly run_type: string;
  readonly state: string;
  readonly logical_date: Instant;
  readonly data_interval_start: Instant;
  readonly data_interval_end: Instant;
  readonly run_after: Instant;
  readonly queued_at: Instant;
  readonly start_date: Instant;
  readonly end_date: Instant;
  readonly dag_version_id: bigint;
  readonly clear_number: number;
  readonly triggered_by: string;
  readonly state_reason: string;
  readonly conf_json: string;
  readonly note?: string | null;
  readonly partition_key?: string | null;
  readonly backfill_id?: string | null;
  readonly backfill_ordinal?: number | null;
  readonly original_run_type?: string | null;
  readonly callback_of_run_id?: string | null;
};

/** A row of dag_version. */
export type DagVersionRow = {
  readonly dag_version_id: bigint;
  readonly dag_id: string;
  readonly version_number: number;
  readonly spec: Uint8Array;
  readonly dag_file: string;
  readonly bundle_name: string;
  readonly bundle_version: string;
};

/** A row of dag with its schedule's. */
export type DagRow = {
  readonly dag_id: string;
  readonly dag_version_id: bigint;
  readonly is_paused: boolean;
  readonly is_active: boolean;
  readonly next_run_after: Instant;
  readonly next_logical_date: Instant;
  readonly next_interval_start: Instant;
  readonly next_interval_end: Instant;
  readonly last_interval_end: Instant;
  readonly last_run_end: Instant;
};

/** An instant as the contract has it. */
export function instant(value: Instant | undefined): Timestamp | undefined {
  return value === null || value === undefined ? undefined : toTimestamp(value);
}

export function toDagRun(row: DagRunRow): MessageInitShape<typeof DagRunSchema> {
  return {
    id: row.id,
    dagId: row.dag_id,
    runId: row.run_id,
    runType: runTypes.valueOf(row.run_type),
    state: dagRunStates.valueOf(row.state),
    logicalDate: instant(row.logical_date),
    dataIntervalStart: instant(row.data_interval_start),
    dataIntervalEnd: instant(row.data_interval_end),
    runAfter: instant(row.run_after),
    queuedAt: instant(row.queued_at),
    startDate: instant(row.start_date),
    endDate: instant(row.end_date),
    confJson: row.conf_json,
    dagVersionId: row.dag_version_id,
    triggeredBy: row.triggered_by,
    clearNumber: row.clear_number,
    stateReason: row.state_reason,
    note: row.note ?? '',
    partitionKey: row.partition_key ?? '',
    backfillId: row.backfill_id ?? '',
    backfillOrdinal: row.backfill_ordinal ?? 0,
    originalRunType:
      typeof row.original_run_type === 'string'
        ? runTypes.valueOf(row.original_run_type)
        : RunType.UNSPECIFIED,
    callbackOfRunId: row.callback_of_run_id ?? '',
  };
}

export function toDagVersion(row: DagVersionRow): MessageInitShape<typeof DagVersionRecordSchema> {
  return {
    dagVersionId: row.dag_version_id,
    dagId: row.dag_id,
    versionNumber: row.version_number,
    spec: fromBinary(DagSpecSchema, row.spec),
    dagFile: row.dag_file,
    bundleName: row.bundle_name,
    bundleVersion: row.bundle_version,
  };
}

/** The cursor is absent while the schedule has never moved. */
export function toDagRecord(row: DagRow): MessageInitShape<typeof DagRecordSchema> {
  return {
    dagId: row.dag_id,
    dagVersionId: row.dag_version_id,
    isPaused: row.is_paused,
    isActive: row.is_active,
    cursor: {
      dagId: row.dag_id,
      nextRunAfter: instant(row.next_run_after),
      nextLogicalDate: instant(row.next_logical_date),
      nextIntervalStart: instant(row.next_interval_start),
      nextIntervalEnd: instant(row.next_interval_end),
      lastIntervalEnd: instant(row.last_interval_end),
    },
    lastRunEnd: instant(row.last_run_end),
  };
}

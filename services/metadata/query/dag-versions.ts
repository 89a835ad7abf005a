// Versions of DAGs, as lists show them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DagVersionSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type Instant, instant } from '../ledger/record/dag-records.ts';

/** A row of dag_version without its spec. */
export type DagVersionSummaryRow = {
  readonly dag_version_id: bigint;
  readonly version_number: number;
  readonly created_at: Instant;
  readonly dag_file: string;
  readonly bundle_name: string;
  readonly bundle_version: string;
  readonly schedule: string;
  readonly tasks_count: number;
  readonly is_current: boolean;
};

export function toDagVersionSummary(
  row: DagVersionSummaryRow,
): MessageInitShape<typeof DagVersionSchema> {
  return {
    versionNumber: row.version_number,
    dagVersionId: row.dag_version_id,
    createdAt: instant(row.created_at),
    dagFile: row.dag_file,
    bundleName: row.bundle_name,
    bundleVersion: row.bundle_version,
    schedule: row.schedule,
    tasksCount: row.tasks_count,
    isCurrent: row.is_current,
  };
}

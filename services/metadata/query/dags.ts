// DAGs in short, as lists show them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DagSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type Instant, instant } from '../ledger/record/dag-records.ts';

/** A DAG with the facts of its current version and its schedule. */
export type DagSummaryRow = {
  readonly dag_id: string;
  readonly description: string;
  readonly schedule: string;
  readonly is_paused: boolean;
  readonly is_active: boolean;
  readonly dag_file: string;
  readonly version_number: number;
  readonly next_run_after: Instant;
  readonly tags: string[];
  readonly owner: string;
  readonly tasks_count: number;
};

export function toDag(row: DagSummaryRow): MessageInitShape<typeof DagSchema> {
  return {
    dagId: row.dag_id,
    description: row.description,
    schedule: row.schedule,
    isPaused: row.is_paused,
    isActive: row.is_active,
    dagFile: row.dag_file,
    versionNumber: row.version_number,
    nextRunAfter: instant(row.next_run_after),
    tags: row.tags,
    owner: row.owner,
    tasksCount: row.tasks_count,
  };
}

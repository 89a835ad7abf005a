// When attempts of a DAG began, for the rates of its limit keys.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AttemptBeginSchema,
  LoadBeginsRequest,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { orAbsent, textArray } from '../database/array.ts';
import type { Database } from '../database/database.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

const LOAD_BEGINS = sql<{ readonly attempt_id: string; readonly start_date: number }>(
  'load/load_begins',
);

/** Newest first, those later than `sinceMs`; at most as many as the request's limit. */
export async function loadBegins(
  database: Database,
  { beforeAttemptId, dagId, limit, taskIds }: LoadBeginsRequest,
  sinceMs: number,
): Promise<MessageInitShape<typeof AttemptBeginSchema>[]> {
  const rows = await database.browse(LOAD_BEGINS, [
    dagId,
    partitionOf(dagId),
    textArray(taskIds),
    sinceMs,
    limit,
    orAbsent(beforeAttemptId),
  ]);
  return rows.map((row) => ({ attemptId: row.attempt_id, at: toTimestamp(row.start_date) }));
}

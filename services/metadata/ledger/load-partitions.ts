// What an owner rebuilds its picture of partitions from: one snapshot, streamed in pages.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { LoadPartitionsResponseSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { plainArray } from './array.ts';
import type { Database, Snapshot } from './database.ts';
import { pagesOf } from './page.ts';
import {
  type DagRow,
  type DagRunRow,
  type DagVersionRow,
  type TaskAttemptRow,
  type TaskInstanceRow,
  toDagRecord,
  toDagRun,
  toDagVersion,
  toTaskAttempt,
  toTaskInstance,
} from './records.ts';
import { type Statement, ledgerStatement as sql } from './statement.ts';

type Page = MessageInitShape<typeof LoadPartitionsResponseSchema>;
type PoolRow = { readonly pool: string; readonly slots: number; readonly used: number };
type ReceiptRow = {
  readonly request_id: string;
  readonly dag_id: string;
  readonly dag_run_id: string | null;
  readonly run_id: string;
};

const LOAD_POOLS = sql<PoolRow>('load_pools');
const LOAD_VERSIONS = sql<DagVersionRow>('load_versions');
const LOAD_DAGS = sql<DagRow>('load_dags');
const LOAD_RUNS = sql<DagRunRow>('load_runs');
const LOAD_TASK_INSTANCES = sql<TaskInstanceRow>('load_task_instances');
const LOAD_ATTEMPTS = sql<TaskAttemptRow>('load_attempts');
const LOAD_RECEIPTS = sql<ReceiptRow>('load_receipts');

/** How many rows are fetched at a time, by how large they may be. */
const LARGE_ROWS = 20;
const MIDDLING_ROWS = 200;
const SMALL_ROWS = 1_000;
/** What a row weighs beside its large column. */
const ROW_BYTES = 400;

/**
 * Streams pools, versions, DAGs, runs, task instances, attempts and receipts, in this order, all as
 * of one instant. Nothing is missing in it that the last owner committed: taking over waits for the
 * last owner's commit.
 */
export async function* loadPartitions(
  database: Database,
  partitions: readonly number[],
): AsyncGenerator<Page> {
  const snapshot = await database.snapshot();
  try {
    const read = reader(snapshot, [plainArray(partitions)]);
    for await (const rows of pagesOf(snapshot.rows(LOAD_POOLS, [], SMALL_ROWS), small)) {
      yield { pools: rows };
    }
    const versions = read(LOAD_VERSIONS, LARGE_ROWS, (row) => ROW_BYTES + row.spec.length);
    for await (const rows of versions) yield { versions: rows.map(toDagVersion) };
    for await (const rows of read(LOAD_DAGS, SMALL_ROWS)) yield { dags: rows.map(toDagRecord) };
    const runs = read(LOAD_RUNS, MIDDLING_ROWS, (row) => ROW_BYTES + row.conf_json.length);
    for await (const rows of runs) yield { runs: rows.map(toDagRun) };
    for await (const rows of read(LOAD_TASK_INSTANCES, SMALL_ROWS)) {
      yield { taskInstances: rows.map(toTaskInstance) };
    }
    for await (const rows of read(LOAD_ATTEMPTS, SMALL_ROWS)) {
      yield { attempts: rows.map(toTaskAttempt) };
    }
    for await (const rows of read(LOAD_RECEIPTS, SMALL_ROWS)) {
      yield { receipts: rows.map(toReceipt) };
    }
  } finally {
    await snapshot.close();
  }
}

function reader(snapshot: Snapshot, values: readonly string[]) {
  return <Row>(query: Statement<Row>, pageSize: number, bytesOf: (row: Row) => number = small) =>
    pagesOf(snapshot.rows(query, values, pageSize), bytesOf);
}

function small(): number {
  return ROW_BYTES;
}

function toReceipt(row: ReceiptRow) {
  return {
    requestId: row.request_id,
    dagId: row.dag_id,
    dagRunId: row.dag_run_id ?? '',
    runId: row.run_id,
  };
}

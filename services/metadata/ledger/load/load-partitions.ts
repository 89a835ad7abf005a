// What an owner rebuilds its picture of partitions from: one snapshot, streamed in pages.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  LoadPartitionsRequest,
  LoadPartitionsResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { plainArray } from '../database/array.ts';
import {
  type AssetEventRow,
  LOAD_RUN_EVENTS,
  RUN_EXTRAS_BYTES_MAX,
  toAssetEvent,
} from '../asset/asset-events.ts';
import {
  type BackfillDateRow,
  type BackfillRow,
  toBackfill,
  toBackfillDate,
} from '../backfill/backfills.ts';
import type { Database, Snapshot } from '../database/database.ts';
import { LOAD_DELIVERIES, toDelivery } from '../asset/deliveries.ts';
import { pagesOf } from '../database/page.ts';
import { type KeyPauseRow, toKeyPause } from '../promise/promises.ts';
import {
  type DagRunRow,
  type DagVersionRow,
  toDagRecord,
  toDagRun,
  toDagVersion,
} from '../record/dag-records.ts';
import { type Statement, ledgerStatement as sql } from '../database/statement.ts';
import { LOAD_DAGS, OF_RUNS, type Reading } from './statements.ts';

type Page = MessageInitShape<typeof LoadPartitionsResponseSchema>;
type PoolRow = {
  readonly pool: string;
  readonly slots: number;
  readonly used: number;
  readonly include_deferred: boolean;
};
type ReceiptRow = {
  readonly request_id: string;
  readonly dag_id: string;
  readonly dag_run_id: string | null;
  readonly run_id: string;
};

const LOAD_POOLS = sql<PoolRow>('pool/load_pools');
const LOAD_VERSIONS = sql<DagVersionRow>('load/load_versions');
const LOAD_RUNS = sql<DagRunRow>('load/load_runs');
const LOAD_RECEIPTS = sql<ReceiptRow>('load/load_receipts');
const LOAD_BACKFILLS = sql<BackfillRow>('backfill/load_backfills');
const LOAD_BACKFILL_DATES = sql<BackfillDateRow>('backfill/load_backfill_dates');
const LOAD_KEY_PAUSES = sql<KeyPauseRow>('promise/load_key_pauses');

/** How many rows are fetched at a time, by how large they may be. */
const LARGE_ROWS = 20;
const MIDDLING_ROWS = 200;
const SMALL_ROWS = 1_000;
/** What a row weighs beside its large column. */
const ROW_BYTES = 400;

/**
 * Streams pools, versions, DAGs, runs, task instances, attempts, receipts and then what else the
 * contract names, in its order, all as of one instant. Nothing is missing in it that the last owner
 * committed: taking over waits for the last owner's commit.
 */
export async function* loadPartitions(
  database: Database,
  { partitions, omitDeliveries }: Pick<LoadPartitionsRequest, 'partitions' | 'omitDeliveries'>,
): AsyncGenerator<Page> {
  const snapshot = await database.snapshot();
  try {
    const read = reader(snapshot, plainArray(partitions));
    for await (const rows of pagesOf(snapshot.rows(LOAD_POOLS, [], SMALL_ROWS), small)) {
      yield { pools: rows.map(toPool) };
    }
    const versions = read.ofPartitions(
      LOAD_VERSIONS,
      LARGE_ROWS,
      (row) => ROW_BYTES + row.spec.length,
    );
    for await (const rows of versions) yield { versions: rows.map(toDagVersion) };
    for await (const rows of read.orOne(LOAD_DAGS)) yield { dags: rows.map(toDagRecord) };
    const runs = read.ofPartitions(
      LOAD_RUNS,
      MIDDLING_ROWS,
      (row) => ROW_BYTES + row.conf_json.length,
    );
    for await (const rows of runs) yield { runs: rows.map(toDagRun) };
    for await (const taskInstances of read.ofRuns(OF_RUNS.taskInstances)) yield { taskInstances };
    for await (const attempts of read.ofRuns(OF_RUNS.attempts)) yield { attempts };
    for await (const rows of read.ofPartitions(LOAD_RECEIPTS, SMALL_ROWS)) {
      yield { receipts: rows.map(toReceipt) };
    }
    if (!omitDeliveries) yield* loadQueues(snapshot, plainArray(partitions));
    yield* loadAround(snapshot, read, plainArray(partitions));
  } finally {
    await snapshot.close();
  }
}

type Read = ReturnType<typeof reader>;

/** The asset events that await consumers, all of them. */
async function* loadQueues(snapshot: Snapshot, partitions: string): AsyncGenerator<Page> {
  const all = [partitions, ...Array.from({ length: 4 }, () => undefined)];
  const queued = snapshot.rows(LOAD_DELIVERIES, all, MIDDLING_ROWS);
  for await (const rows of pagesOf(queued, extraBytes)) {
    yield { deliveries: rows.map(toDelivery) };
  }
}

/** What is about runs without being part of them: backfills, promises. */
async function* loadAround(
  snapshot: Snapshot,
  read: Read,
  partitions: string,
): AsyncGenerator<Page> {
  for (const row of await Array.fromAsync(
    snapshot.rows(LOAD_BACKFILLS, [partitions], LARGE_ROWS),
  )) {
    const dates = await Array.fromAsync(snapshot.rows(LOAD_BACKFILL_DATES, [row.id], SMALL_ROWS));
    yield { backfills: [{ ...toBackfill(row), dates: dates.map(toBackfillDate) }] };
  }
  for await (const deadlines of read.ofRuns(OF_RUNS.deadlines)) yield { deadlines };
  for await (const rows of read.ofPartitions(LOAD_KEY_PAUSES, SMALL_ROWS)) {
    yield { keyPauses: rows.map(toKeyPause) };
  }
  const ofRuns = [partitions, undefined, RUN_EXTRAS_BYTES_MAX];
  const starting = snapshot.rows(LOAD_RUN_EVENTS, ofRuns, MIDDLING_ROWS);
  for await (const rows of runsOf(pagesOf(starting, extraBytes))) {
    const [first] = rows;
    if (first === undefined) continue;
    yield { runAssetEvents: [{ dagRunId: first.dag_run_id, events: rows.map(toAssetEvent) }] };
  }
  for await (const slaMisses of read.ofRuns(OF_RUNS.slaMisses)) yield { slaMisses };
}

/** Rows that follow each other, by their run. */
async function* runsOf<Row extends { readonly dag_run_id: string }>(
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let run: Row[] = [];
  for await (const page of pages) {
    for (const row of page) {
      if (run.length > 0 && run[0]?.dag_run_id !== row.dag_run_id) {
        yield run;
        run = [];
      }
      run.push(row);
    }
  }
  yield run;
}

function toPool({ pool, slots, used, include_deferred }: PoolRow) {
  return { pool, slots, used, includeDeferred: include_deferred };
}

function reader(snapshot: Snapshot, partitions: string) {
  /** Statements that could be about one thing as well: its id is null. */
  const orOne = <Row>(query: Statement<Row>) =>
    pagesOf(snapshot.rows(query, [partitions, undefined], SMALL_ROWS), small);
  return {
    orOne,
    /** Statements that are about partitions alone. */
    ofPartitions: <Row>(
      query: Statement<Row>,
      pageSize: number,
      bytesOf: (row: Row) => number = small,
    ) => pagesOf(snapshot.rows(query, [partitions], pageSize), bytesOf),
    /** What belongs to runs, as it is told. */
    async *ofRuns<Row, Message>({ statement, toMessage }: Reading<Row, Message>) {
      for await (const rows of orOne(statement)) yield rows.map(toMessage);
    },
  };
}

function small(): number {
  return ROW_BYTES;
}

function extraBytes(row: AssetEventRow): number {
  return ROW_BYTES + row.extra.length;
}

function toReceipt(row: ReceiptRow) {
  return {
    requestId: row.request_id,
    dagId: row.dag_id,
    dagRunId: row.dag_run_id ?? '',
    runId: row.run_id,
  };
}

// Single reads of the ledger: one DAG, one version, one run with all that belongs to it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  LoadDagResponseSchema,
  LoadRunResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { dagNotFound, runNotFound } from '#kernel/errors/not-found.ts';
import { readRunAssetEvents, toAssetEvent } from '../asset/asset-events.ts';
import type { Database } from '../database/database.ts';
import {
  type DagRunRow,
  type DagVersionRow,
  toDagRecord,
  toDagRun,
  toDagVersion,
} from '../record/dag-records.ts';
import { ledgerStatement as sql } from '../database/statement.ts';
import { LOAD_DAGS, OF_RUNS, type Reading } from './statements.ts';

const LOAD_VERSION = sql<DagVersionRow>('load/load_version');
const LOAD_RUN = sql<DagRunRow>('load/load_run');

/** A DAG with its current version; `dag_not_found`. */
export async function loadDag(
  database: Database,
  dagId: string,
): Promise<MessageInitShape<typeof LoadDagResponseSchema>> {
  const [dag] = await database.browse(LOAD_DAGS, [undefined, dagId]);
  if (dag === undefined) throw dagNotFound(dagId);
  const version = await readVersion(database, dag.dag_version_id);
  return { dag: toDagRecord(dag), version: toDagVersion(version) };
}

/** A run with its version and all that belongs to it; `run_not_found`. */
export async function loadRun(
  database: Database,
  place: { readonly dagId: string; readonly runId: string },
): Promise<MessageInitShape<typeof LoadRunResponseSchema>> {
  const run = await readRun(database, place);
  if (run === undefined) throw runNotFound(place);
  const read = async <Row, Message>({ statement, toMessage }: Reading<Row, Message>) =>
    (await database.browse(statement, [undefined, run.id])).map(toMessage);
  const [version, taskInstances, attempts, assetEvents, deadlines, slaMisses] = await Promise.all([
    readVersion(database, run.dag_version_id),
    read(OF_RUNS.taskInstances),
    read(OF_RUNS.attempts),
    readRunAssetEvents(database, run.id),
    read(OF_RUNS.deadlines),
    read(OF_RUNS.slaMisses),
  ]);
  return {
    run: toDagRun(run),
    version: toDagVersion(version),
    ...{ taskInstances, attempts, deadlines, slaMisses },
    assetEvents: assetEvents.map(toAssetEvent),
  };
}

/** The row of a run, by its names; undefined when there is no such run. */
export async function readRun(
  database: Database,
  { dagId, runId }: { readonly dagId: string; readonly runId: string },
): Promise<DagRunRow | undefined> {
  const [run] = await database.run(LOAD_RUN, [dagId, runId]);
  return run;
}

/** A version of a DAG by its id; `dag_version_not_found`. */
export async function readVersion(
  database: Database,
  dagVersionId: bigint,
): Promise<DagVersionRow> {
  const [version] = await database.run(LOAD_VERSION, [dagVersionId]);
  if (version === undefined) {
    throw fail('dag_version_not_found', `there is no DAG version ${dagVersionId}`);
  }
  return version;
}

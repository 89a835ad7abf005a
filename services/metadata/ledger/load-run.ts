// Single reads of the ledger: one DAG, one version, one run with all that belongs to it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  LoadDagResponseSchema,
  LoadRunResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { type AssetEventRow, toAssetEvent } from './asset-events.ts';
import type { Database } from './database.ts';
import { type DeadlineRow, type SlaMissRow, toDeadline, toSlaMiss } from './promises.ts';
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
import { ledgerStatement as sql } from './statement.ts';

const LOAD_DAG = sql<DagRow>('load_dag');
const LOAD_VERSION = sql<DagVersionRow>('load_version');
const LOAD_RUN = sql<DagRunRow>('load_run');
const LOAD_RUN_TASK_INSTANCES = sql<TaskInstanceRow>('load_run_task_instances');
const LOAD_RUN_ATTEMPTS = sql<TaskAttemptRow>('load_run_attempts');
const LOAD_ASSET_EVENTS = sql<AssetEventRow>('load_asset_events_of_run');
const LOAD_DEADLINES = sql<DeadlineRow>('load_run_deadlines');
const LOAD_SLA_MISSES = sql<SlaMissRow>('load_run_sla_misses');

/** A DAG with its current version; `dag_not_found`. */
export async function loadDag(
  database: Database,
  dagId: string,
): Promise<MessageInitShape<typeof LoadDagResponseSchema>> {
  const [dag] = await database.run(LOAD_DAG, [dagId]);
  if (dag === undefined) {
    throw fail(
      'dag_not_found',
      `there is no DAG ${dagId}; check its id, and whether its file was parsed`,
    );
  }
  const version = await readVersion(database, dag.dag_version_id);
  return { dag: toDagRecord(dag), version: toDagVersion(version) };
}

/** A run with its version and all that belongs to it; `run_not_found`. */
export async function loadRun(
  database: Database,
  place: { readonly dagId: string; readonly runId: string },
): Promise<MessageInitShape<typeof LoadRunResponseSchema>> {
  const [run] = await database.run(LOAD_RUN, [place.dagId, place.runId]);
  if (run === undefined) {
    throw fail(
      'run_not_found',
      `DAG ${place.dagId} has no run ${place.runId}; list its runs to see which it has`,
    );
  }
  const ofRun = [run.id];
  const [version, taskInstances, attempts, assetEvents, deadlines, misses] = await Promise.all([
    readVersion(database, run.dag_version_id),
    database.browse(LOAD_RUN_TASK_INSTANCES, ofRun),
    database.browse(LOAD_RUN_ATTEMPTS, ofRun),
    database.browse(LOAD_ASSET_EVENTS, ofRun),
    database.browse(LOAD_DEADLINES, ofRun),
    database.browse(LOAD_SLA_MISSES, ofRun),
  ]);
  return {
    run: toDagRun(run),
    version: toDagVersion(version),
    taskInstances: taskInstances.map(toTaskInstance),
    attempts: attempts.map(toTaskAttempt),
    assetEvents: assetEvents.map(toAssetEvent),
    deadlines: deadlines.map(toDeadline),
    slaMisses: misses.map(toSlaMiss),
  };
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

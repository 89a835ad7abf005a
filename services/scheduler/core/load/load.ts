// Building the picture from what the ledger has: at a takeover, and for single DAGs and runs.
import type { DagRun, TaskAttempt, TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  CommandReceipt,
  DagRecord,
  DagVersionRecord,
  Deadline,
  KeyPause,
  PoolState,
  RunAssetEvents,
  SlaMiss,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Backfill } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { compileAll } from '../graph/compile-version.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import { reconsiderOversized } from '../limit/admission.ts';
import { countQueued } from '../limit/begins.ts';
import { loadKeyPauses } from '../limit/key-limits.ts';
import { poolOf } from '../limit/pool.ts';
import type { Moment, Picture, Receipt } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { dropDag } from './drop.ts';
import { loadDag } from './load-dag.ts';
import { loadAttempts, loadInstances } from './load-rows.ts';
import { loadDeadline, loadRun, versionOfRun } from './load-run.ts';

/** What one loading told. */
export type Loaded = {
  readonly pools: readonly PoolState[];
  readonly versions: readonly DagVersionRecord[];
  readonly dags: readonly DagRecord[];
  readonly runs: readonly DagRun[];
  readonly taskInstances: readonly TaskInstance[];
  readonly attempts: readonly TaskAttempt[];
  readonly receipts: readonly CommandReceipt[];
  readonly backfills: readonly Backfill[];
  readonly deadlines: readonly Deadline[];
  readonly keyPauses: readonly KeyPause[];
  readonly runAssetEvents: readonly RunAssetEvents[];
  readonly slaMisses: readonly SlaMiss[];
};

/**
 * Adds whole partitions to the picture. DAGs whose version cannot be read are named in the answer,
 * and left out unless their live runs have one that can.
 */
export function loadPicture(picture: Picture, loaded: Loaded, moment: Moment): readonly string[] {
  for (const state of loaded.pools) loadPool(picture, state);
  const { versions, broken } = compileAll(loaded.versions);
  for (const record of loaded.dags) {
    const known = picture.dags.get(record.dagId);
    if (known !== undefined) dropDag(picture, known);
    loadDag(picture, { ...record, dagVersionId: readableId(record, versions) }, versions);
  }
  const runs = new Map<string, Run>();
  const taskIds = taskIdsOf(loaded);
  for (const row of loaded.runs) {
    const dag = picture.dags.get(row.dagId);
    const version = versions.get(row.dagVersionId);
    if (dag === undefined || version === undefined) continue;
    const own = versionOfRun(version, version, row, taskIds.get(row.id));
    runs.set(row.id, loadRun(picture, dag, own, row));
    if (own.isWhole) dag.versions.set(version.dagVersionId, version);
  }
  loadInstances(picture, runs, loaded.taskInstances, moment);
  loadAttempts(picture, runs, loaded.attempts, moment);
  loadBeside(picture, runs, loaded);
  loadKeyPauses(picture, loaded.keyPauses, moment.nowMs);
  for (const dag of new Set(Array.from(runs.values(), (run) => run.dag))) countQueued(dag);
  for (const receipt of loaded.receipts) keepReceipt(picture, receiptOf(receipt, moment.nowMs));
  return broken;
}

/** A DAG's version, or the newest that its live runs have: as if it had not been replaced yet. */
function readableId(
  { dagId, dagVersionId }: DagRecord,
  versions: ReadonlyMap<bigint, DagVersion>,
): bigint {
  if (versions.has(dagVersionId)) return dagVersionId;
  let newest = 0n;
  for (const version of versions.values()) {
    if (version.dagId === dagId && version.dagVersionId > newest) newest = version.dagVersionId;
  }
  return newest;
}

/** The tasks that the runs of backfills have instances of. */
function taskIdsOf({ runs, taskInstances }: Loaded): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { backfillId, id } of runs) if (backfillId !== '') found.set(id, new Set());
  for (const { dagRunId, taskId } of taskInstances) found.get(dagRunId)?.add(taskId);
  return found;
}

/** What belongs to DAGs and runs beside their instances. */
function loadBeside(picture: Picture, runs: ReadonlyMap<string, Run>, loaded: Loaded): void {
  for (const backfill of loaded.backfills) {
    picture.dags.get(backfill.dagId)?.backfills.set(backfill.backfillId, backfill);
  }
  for (const deadline of loaded.deadlines) {
    const run = runs.get(deadline.dagRunId);
    const dag = picture.dags.get(deadline.dagId);
    if (dag !== undefined) loadDeadline(picture, dag, deadline, run);
  }
  for (const { dagRunId, events } of loaded.runAssetEvents) {
    const run = runs.get(dagRunId);
    if (run !== undefined) run.events = events;
  }
  for (const { dagRunId, taskInstanceId } of loaded.slaMisses) {
    runs.get(dagRunId)?.slaMissed.add(taskInstanceId);
  }
}

/** Takes over a pool's slots as the ledger has them. */
export function loadPool(picture: Picture, state: PoolState): void {
  const pool = poolOf(picture, state.pool);
  pool.slots = state.slots;
  pool.used = state.used;
  pool.isMissing = false;
  pool.includesDeferred = state.includeDeferred;
  reconsiderOversized(pool);
}

/** Remembers the answer of a command; the oldest is forgotten. */
function keepReceipt(picture: Picture, receipt: Receipt): void {
  picture.receipts.set(receipt.requestId, receipt);
}

function receiptOf(receipt: CommandReceipt, atMs: number): Receipt {
  const { requestId, dagId, dagRunId, runId } = receipt;
  return { requestId, dagId, dagRunId, runId, atMs, run: undefined };
}

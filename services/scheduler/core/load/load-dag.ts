// One DAG, as the ledger has it.
import type { DagRecord } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { Dag } from '../dag.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import { createHeap } from '../heap.ts';
import { longestSlaMs } from '../alert/sla.ts';
import { wantBegins } from '../limit/begins.ts';
import { tuneKeys } from '../limit/key-limits.ts';
import { createLimit } from '../limit/limit.ts';
import { needsHistory } from '../past/history.ts';
import type { Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { forgetVersion } from '../run/runs.ts';
import { readCursor } from '../schedule/cursor.ts';

/** Adds or replaces a DAG's current version; live runs keep theirs. */
export function loadDag(
  picture: Picture,
  record: DagRecord,
  versions: ReadonlyMap<bigint, DagVersion>,
): Dag | undefined {
  const known = picture.dags.get(record.dagId);
  const version = known?.versions.get(record.dagVersionId) ?? versions.get(record.dagVersionId);
  if (version === undefined) return undefined;
  if (known !== undefined) {
    const before = known.version;
    known.version = version;
    known.versions.set(version.dagVersionId, version);
    tuneKeys(known);
    forgetVersion(known, before);
    known.isActive = record.isActive;
    if (known.history === undefined && needsHistory(version)) picture.historyWanted.add(known);
    return known;
  }
  const { dagId } = record;
  const dag: Dag = {
    dagId,
    partition: partitionOf(dagId),
    version,
    versions: new Map([[version.dagVersionId, version]]),
    isPaused: record.isPaused,
    isActive: record.isActive,
    cursor: readCursor(record.cursor, version.timetable),
    runs: new Map(),
    queuedRuns: createHeap(startsBefore),
    runningCount: 0,
    scheduledCount: 0,
    gate: createLimit('dag_paused', dagId, record.isPaused ? 0 : Number.POSITIVE_INFINITY),
    taskLimits: new Map(),
    keys: new Map(),
    deliveries: new Map(),
    takenEvents: new Set(),
    dropped: { count: 0, latest: [] },
    backfills: new Map(),
    deadlines: new Map(),
    slaRuns: new Map(),
    history: undefined,
    endedUntold: [],
    onAgendaMs: undefined,
    startOnAgendaMs: undefined,
    lastManualMs: 0,
    isOwned: true,
  };
  picture.dags.set(dagId, dag);
  if (needsHistory(version)) picture.historyWanted.add(dag);
  if (longestSlaMs(version) !== undefined) picture.slasWanted.add(dag);
  wantBegins(picture, dag);
  return dag;
}

function startsBefore(a: Run, b: Run): boolean {
  return a.runAfterMs === b.runAfterMs ? a.seq < b.seq : a.runAfterMs < b.runAfterMs;
}

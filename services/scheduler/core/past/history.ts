// How the latest runs of a DAG ended: for averages, and for DAGs that are paused after too many
// failures.
import type { AverageRuntimeReference } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import type { Dag } from '../dag.ts';
import type { Run } from '../run/run.ts';
import { DagRunState } from '../state.ts';

/** A run that has ended. */
export type EndedRun = {
  readonly runId: string;
  /** Its logical date, else when it was due: what runs are ordered by. */
  readonly atMs: number;
  readonly isSuccess: boolean;
  readonly durationMs: number;
};

/** Runs that are remembered for a DAG. */
export const HISTORY_MAX = 1_000;
const AVERAGED_RUNS = 10;

/** True when decisions about a DAG depend on how its earlier runs ended. */
export function needsHistory({ consecutiveFailedRunsMax, deadlines }: DagVersion): boolean {
  if (consecutiveFailedRunsMax > 0) return true;
  return deadlines.some(({ reference }) => reference.case === 'averageRuntime');
}

/** Remembers how a run ended; one that ended before is replaced. */
export function noteEnd(dag: Dag, run: Run): void {
  if (!needsHistory(dag.version) || run.runType === RunType.CALLBACK) return;
  const ended = {
    runId: run.runId,
    atMs: run.logicalDateMs ?? run.runAfterMs,
    isSuccess: run.state === DagRunState.SUCCESS,
    durationMs: Math.max((run.endMs ?? 0) - (run.queuedAtMs ?? run.startMs ?? 0), 0),
  };
  if (dag.history === undefined) {
    dag.endedUntold.push(ended);
    if (dag.endedUntold.length > HISTORY_MAX) dag.endedUntold.shift();
  } else dag.history = merge(dag.history, [ended]);
}

/** Takes over what the ledger tells; what was seen here since it was asked is newer. */
export function takeHistory(dag: Dag, told: readonly EndedRun[]): void {
  dag.history ??= merge(told, dag.endedUntold.splice(0));
}

/** The latest of both; of one run the newer end counts. */
function merge(known: readonly EndedRun[], newer: readonly EndedRun[]): readonly EndedRun[] {
  const byRunId = new Map([...known, ...newer].map((each) => [each.runId, each]));
  return [...byRunId.values()].toSorted((a, b) => b.atMs - a.atMs).slice(0, HISTORY_MAX);
}

/** True when the latest runs, by date, have all failed, and there are as many as that takes. */
export function hasFailedTooOften(dag: Dag): boolean {
  const max = dag.version.consecutiveFailedRunsMax;
  if (max <= 0 || dag.history === undefined || dag.history.length < max) return false;
  return dag.history.slice(0, max).every(({ isSuccess }) => !isSuccess);
}

/** The average time successful runs took from queue to end; undefined while there are too few. */
export function averageRuntimeMs(
  { history = [] }: Dag,
  { runsMax, runsMin }: Pick<AverageRuntimeReference, 'runsMax' | 'runsMin'>,
): number | undefined {
  const most = runsMax || AVERAGED_RUNS;
  const counted = history.filter(({ isSuccess }) => isSuccess).slice(0, most);
  if (counted.length === 0 || counted.length < (runsMin || most)) return undefined;
  return counted.reduce((sum, { durationMs }) => sum + durationMs, 0) / counted.length;
}

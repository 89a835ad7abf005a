// A DAG of an owned partition: its versions, its live runs, and where its schedule stands.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { Deadline } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Backfill } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type { SlaWatch } from './alert/sla.ts';
import type { DagVersion } from './graph/dag-version.ts';
import type { Heap } from './heap.ts';
import { unpark } from './limit/admission.ts';
import type { KeyState, Limit } from './limit/limit.ts';
import type { EndedRun } from './past/history.ts';
import type { DroppedEvents } from './picture.ts';
import type { Run } from './run/run.ts';

/** A DAG of an owned partition. */
export type Dag = {
  readonly dagId: string;
  readonly partition: number;
  /** The version new runs get. */
  version: DagVersion;
  /** The current version and those of live runs, by dag_version_id. */
  readonly versions: Map<bigint, DagVersion>;
  isPaused: boolean;
  isActive: boolean;
  cursor: Cursor;
  /** Live runs by run_id: QUEUED and RUNNING. */
  readonly runs: Map<string, Run>;
  /** QUEUED runs, earliest run_after first. */
  readonly queuedRuns: Heap<Run>;
  /** RUNNING runs. */
  runningCount: number;
  /** Live runs that the timetable created. */
  scheduledCount: number;
  /** Shut while the DAG is paused: nothing passes then. */
  readonly gate: Limit;
  /** Limits of tasks over all runs, by task_id. */
  readonly taskLimits: Map<string, Limit>;
  /** Where its limit keys stand, by key. */
  readonly keys: Map<string, KeyState>;
  /** Asset events that await this DAG, by id, oldest first. */
  readonly deliveries: Map<string, AssetEvent>;
  /** Ids of asset events that it has taken, as long as a reading under way may bring them again. */
  readonly takenEvents: Set<string>;
  /** Updates that it was to get and did not, since this scheduler has it. */
  readonly dropped: DroppedEvents;
  /** How its latest runs ended, latest first; undefined until the ledger was asked, if ever. */
  history: readonly EndedRun[] | undefined;
  /** Runs that have ended while the ledger is asked how earlier ones did. */
  readonly endedUntold: EndedRun[];
  /** Deadlines that are neither kept nor missed yet, by id. */
  readonly deadlines: Map<string, Deadline>;
  /** Runs that may miss SLAs, live ones and such that are over, by run_id: what comes first. */
  readonly slaRuns: Map<string, SlaWatch>;
  /** Backfills that are not over, by id. */
  readonly backfills: Map<string, Backfill>;
  /** Instant for which its schedule stands on the agenda. */
  onAgendaMs: number | undefined;
  /** Instant for which the start of its first queued run stands on the agenda. */
  startOnAgendaMs: number | undefined;
  /** Instant in the id of the last manual run, so that no two get the same. */
  lastManualMs: number;
  /** False once the partition was lost: whoever still holds the DAG must let go. */
  isOwned: boolean;
};

/** Where a DAG's schedule stands. */
export type Cursor = {
  readonly next: NextRun | undefined;
  /**
   * End of the data interval of the last run that the timetable created; of one without interval,
   * its run_after.
   */
  readonly lastIntervalEndMs: number | undefined;
};

/** A run that is due at `runAfterMs`; about a date with an interval, or about a partition. */
export type NextRun = {
  readonly runAfterMs: number;
  readonly logicalDateMs: number | undefined;
  readonly intervalStartMs: number | undefined;
  readonly intervalEndMs: number | undefined;
  readonly partitionKey?: string | undefined;
};

/** Opens or shuts a DAG's gate. */
export function setGate(dag: Dag, isPaused: boolean): void {
  dag.isPaused = isPaused;
  dag.gate.max = isPaused ? 0 : Number.POSITIVE_INFINITY;
  unpark(dag.gate);
}

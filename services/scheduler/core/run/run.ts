// A run: what it is about, where it stands, and what its instances wait at.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Deadline } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Dag } from '../dag.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import type { Instance, Node } from '../instance.ts';
import { createLimit, type Limit } from '../limit/limit.ts';
import type { Lane } from '../lines.ts';
import type { EndedBefore, RunPast } from '../past/past.ts';
import type { Picture } from '../picture.ts';
import { DagRunState } from '../state.ts';

/** A run. Its row fields are those of DagRun; instants in epoch milliseconds. */
export type Run = {
  readonly id: string;
  readonly dag: Dag;
  version: DagVersion;
  readonly runId: string;
  runType: RunType;
  /** What created it, once a backfill has taken it over. */
  originalRunType: RunType;
  backfillId: string;
  backfillOrdinal: number;
  note: string;
  /** The asset events that started it. */
  events: readonly AssetEvent[];
  /** Instances of tasks that its version does not have any more; gone once it goes on with it. */
  leftBehind: readonly Instance[];
  /** Its deadlines that are not missed yet. */
  deadlines: readonly Deadline[];
  /** Instances whose SLA was missed, by id. */
  readonly slaMissed: Set<string>;
  /** The run before it, for tasks that look at it; undefined until the ledger was asked. */
  past: RunPast | undefined;
  /** The latest run before it that has ended since it became known, if one has. */
  pastSeen: EndedBefore | undefined;
  readonly logicalDateMs: number | undefined;
  readonly intervalStartMs: number | undefined;
  readonly intervalEndMs: number | undefined;
  readonly runAfterMs: number;
  readonly partitionKey: string;
  readonly confJson: string;
  readonly triggeredBy: string;
  /** The run that a callback run is about. */
  readonly callbackOfRunId: string;
  readonly seq: number;
  state: DagRunState;
  queuedAtMs: number | undefined;
  startMs: number | undefined;
  endMs: number | undefined;
  clearNumber: number;
  stateReason: string;
  /** By task index; empty until the run first starts. */
  nodes: Node[];
  /** What its instances wait at: one lane for each set of limits and pool. */
  readonly lanes: Map<string, Lane>;
  /** active_tasks_max. */
  readonly limit: Limit;
  /** Instances that are not finished. */
  unfinishedCount: number;
  /** Unfinished instances that something other than an upstream task will move on. */
  stirringCount: number;
  /** False until its row is committed. */
  isStored: boolean;
  /** True when the ledger refused it because it exists already. */
  isRefused: boolean;
  heapIndex: number;
};

/** What a new run is about. */
export type RunRequest = {
  readonly runId: string;
  readonly runType: RunType;
  readonly logicalDateMs: number | undefined;
  readonly intervalStartMs: number | undefined;
  readonly intervalEndMs: number | undefined;
  readonly runAfterMs: number;
  readonly confJson: string;
  readonly triggeredBy: string;
  readonly partitionKey?: string;
  readonly note?: string;
  readonly backfillId?: string;
  readonly backfillOrdinal?: number;
  readonly callbackOfRunId?: string;
  readonly events?: readonly AssetEvent[];
  /** Undefined means the DAG's current one. */
  readonly version?: DagVersion;
};

/** A run as it is first known; its place among the DAG's runs is the caller's business. */
export function newRun(
  picture: Picture,
  dag: Dag,
  request: Omit<RunRequest, 'version'> & Pick<Run, 'id' | 'version' | 'state'>,
): Run {
  return {
    partitionKey: '',
    note: '',
    backfillId: '',
    backfillOrdinal: 0,
    callbackOfRunId: '',
    events: [],
    ...request,
    originalRunType: RunType.UNSPECIFIED,
    leftBehind: [],
    deadlines: [],
    slaMissed: new Set(),
    past: undefined,
    pastSeen: undefined,
    dag,
    seq: picture.nextSeq++,
    queuedAtMs: undefined,
    startMs: undefined,
    endMs: undefined,
    clearNumber: 0,
    stateReason: '',
    nodes: [],
    lanes: new Map(),
    limit: createLimit('active_tasks_max', request.runId, request.version.activeTasksMax),
    unfinishedCount: 0,
    stirringCount: 0,
    isStored: false,
    isRefused: false,
    heapIndex: -1,
  };
}

// What a scheduler knows of its partitions: DAGs, live runs, task instances, attempts, pools, and
// what waits for what.
//
// The picture is the whole truth between two commits. Functions of this folder change it in place
// and note in a change set which rows differ from the ledger; nobody outside learns of a change
// before the commit that carries it.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Deadline } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Backfill } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { type Agenda, createAgenda } from './agenda.ts';
import type { Reprocess } from './operation/backfills.ts';
import type { DagVersion, Task } from './graph/dag-version.ts';
import { createFairLine, type FairLine, type Share } from './limit/fair-line.ts';
import type { EndedRun } from './past/history.ts';
import type { Heap } from './heap.ts';
import type { Instance, Node } from './instance.ts';
import type { KeyState, Limit } from './limit/limit.ts';
import type { EndedBefore, RunPast } from './past/past.ts';
import type { DagRunState, TaskAttemptState } from './state.ts';
import { createWorkerRegister, type WorkerRegister } from './attempt/worker-register.ts';

/** Everything a scheduler knows. */
export type Picture = {
  /** Spans that decisions depend on, in milliseconds. */
  readonly timing: PictureTiming;
  readonly dags: Map<string, Dag>;
  readonly pools: Map<string, Pool>;
  readonly queues: Map<string, Queue>;
  /** Live attempts by id. */
  readonly attempts: Map<string, Attempt>;
  /** How the latest attempts ended, by id; the oldest are forgotten first. */
  readonly endedAttempts: Map<string, TaskAttemptState>;
  /** Answers of commands by request id; the oldest are forgotten first. */
  readonly receipts: Map<string, Receipt>;
  readonly agenda: Agenda<AgendaSubject>;
  /** Offers that wait for work, longest waiting first. */
  readonly waiters: Set<LeaseWaiter>;
  readonly workers: WorkerRegister;
  /** QUEUED instances that may not be leased before the commit under way is answered. */
  readonly heldBack: Set<Instance>;
  /** DEFERRED instances that wait for a trigger, by wait_id. */
  readonly waits: Map<string, Instance>;
  /** DAGs whose latest runs are to be read. */
  readonly historyWanted: Set<Dag>;
  /** Instances with a try that begins in this decision, of which somebody is to be told. */
  readonly begun: Set<Instance>;
  /** Finished runs that backfills want to process again, until they are read. */
  readonly reprocessWanted: Map<string, Reprocess>;
  /** Runs whose predecessor is not known yet: the ledger is asked. */
  readonly pastWanted: Set<Run>;
  /** Numbers runs and instances in the order in which they became known. */
  nextSeq: number;
};

/** When something is decided, and where ids for what is new come from. */
export type Moment = {
  /** Wall clock, epoch milliseconds. */
  readonly nowMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly monotonicMs: number;
  readonly newId: () => string;
};

/** Spans that decisions depend on, in milliseconds. */
export type PictureTiming = {
  readonly leaseTtlMs: number;
  readonly killGraceMs: number;
  readonly sweepMs: number;
  /** Most instances of a mapped task; 100,000 when it is not given. */
  readonly mappingMax?: number;
  /** How much waiting is worth one unit of priority; an hour when it is not given. */
  readonly priorityAgeMs?: number;
  /** After so long in a queue that no worker serves somebody is told; 10 min when not given. */
  readonly taskQueuedTimeoutMs?: number;
};

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
  /** How its latest runs ended, latest first; undefined until the ledger was asked, if ever. */
  history: readonly EndedRun[] | undefined;
  /** Runs that have ended while the ledger is asked how earlier ones did. */
  readonly endedUntold: EndedRun[];
  /** Deadlines that are neither kept nor missed yet, by id. */
  readonly deadlines: Map<string, Deadline>;
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

/** One try at an instance on one worker. */
export type Attempt = {
  readonly attemptId: string;
  readonly instance: Instance;
  readonly tryNumber: number;
  readonly epoch: number;
  readonly workerId: string;
  readonly executorId: string;
  readonly startMs: number;
  /** The attempt_id of the instance before this one, put back when this one is not made. */
  readonly previousId: string;
  /** True when it goes on with a try that waited. */
  readonly isResumed: boolean;
  state: TaskAttemptState;
  endMs: number | undefined;
  error: AttemptFailure | undefined;
  /** When its lease ends, on the monotonic clock; infinite until its commit is answered. */
  leaseUntilMs: number;
  /**
   * When the server ends it because its worker did not, on the monotonic clock; infinite without a
   * timeout.
   */
  timeoutAtMs: number;
  /** Set while it must end but still lives. */
  cancel: Cancel | undefined;
  isStored: boolean;
};

/** Why an attempt failed. */
export type AttemptFailure = {
  readonly errorClass: string;
  /** The classes that it descends from, when the worker told. */
  readonly ancestors?: readonly string[];
  readonly message: string;
  readonly stack: string;
};

/** How and why an attempt must end. */
export type Cancel = { readonly mode: CancelMode; readonly reason: string };

/**
 * The SCHEDULED instances of one run that wait for the same limits and the same pool, so that
 * looking at the first of them says what holds all of them. A lane with instances stands either in
 * the pool's line or parked at an exhausted limit.
 */
export type Lane = {
  readonly run: Run;
  readonly limits: readonly Limit[];
  readonly pool: Pool;
  readonly line: Heap<Instance>;
  /** Where it stands in its pool's line; undefined when it does not. */
  share: Share<Lane> | undefined;
  parkedAt: Limit | undefined;
  /** Its place in its share, or among those parked at a limit. */
  heapIndex: number;
};

/**
 * A pool as last seen. Slots move in the ledger only, so this is an estimate, and the ledger may
 * refuse.
 */
export type Pool = {
  readonly name: string;
  /** Slots in all, −1 for infinite; undefined when unknown: a few claims find out. */
  slots: number | undefined;
  /** True when the last claims found no such pool. */
  isMissing: boolean;
  /** Whether tasks that wait for a trigger keep their slots meanwhile. */
  includesDeferred: boolean;
  /** Slots taken, by the last answer of the ledger. */
  used: number;
  /** What the commit under way adds. */
  unsettledSlots: number;
  /** What the next commit will add. */
  pendingSlots: number;
  /** The lanes that wait for slots. */
  readonly line: FairLine<Lane>;
  /** Slots that others got past those that needed more than were free. */
  readonly overtakenSlots: Map<Instance, number>;
  /** Instances that need more slots than the pool has. */
  readonly oversized: Set<Instance>;
};

/** Instances of one queue that may be leased. */
export type Queue = { readonly name: string; readonly ready: FairLine<Instance> };

/** What has to be looked at when its time comes. */
export type AgendaSubject =
  | { readonly kind: 'schedule'; readonly dag: Dag }
  | { readonly kind: 'start'; readonly dag: Dag }
  | { readonly kind: 'retry'; readonly instance: Instance }
  | { readonly kind: 'expand'; readonly node: Node }
  | {
      readonly kind: 'deadline';
      readonly dag: Dag;
      readonly deadline: Deadline;
      readonly run: Run | undefined;
    }
  | { readonly kind: 'sla'; readonly run: Run; readonly task: Task }
  | { readonly kind: 'wait_end'; readonly instance: Instance; readonly waitId: string }
  | { readonly kind: 'key'; readonly dag: Dag; readonly key: string }
  | { readonly kind: 'run_timeout'; readonly dag: Dag; readonly runId: string };

/** The answer a command got. */
export type Receipt = {
  readonly requestId: string;
  readonly dagId: string;
  readonly dagRunId: string;
  readonly runId: string;
  readonly atMs: number;
  /** The run, while the command's own commit may still be refused. */
  readonly run: Run | undefined;
};

/** Offers that wait for work. */
export type LeaseWaiter = {
  readonly executorId: string;
  readonly offers: readonly Offer[];
  /** What it got; not empty once it is served. */
  leases: readonly Attempt[];
};

/** Free slots of one worker. */
export type Offer = {
  readonly workerId: string;
  readonly queues: readonly string[];
  readonly slots: number;
};

/** What one worker holds, as its executor says. */
export type WorkerLease = {
  readonly workerId: string;
  readonly attemptIds: readonly string[];
  /** How long ago the worker was heard. */
  readonly heardAgoMs: number;
};

/** A picture of nothing. */
export function createPicture(timing: PictureTiming): Picture {
  return {
    timing,
    dags: new Map(),
    pools: new Map(),
    queues: new Map(),
    attempts: new Map(),
    endedAttempts: new Map(),
    receipts: new Map(),
    agenda: createAgenda(),
    waiters: new Set(),
    workers: createWorkerRegister(),
    heldBack: new Set(),
    waits: new Map(),
    historyWanted: new Set(),
    begun: new Set(),
    reprocessWanted: new Map(),
    pastWanted: new Set(),
    nextSeq: 1,
  };
}

/** The queue of that name, made when it is new. */
export function queueOf(picture: Picture, name: string): Queue {
  const known = picture.queues.get(name);
  if (known !== undefined) return known;
  const queue: Queue = { name, ready: createFairLine((instance) => instance) };
  picture.queues.set(name, queue);
  return queue;
}

// What a scheduler knows of its partitions: DAGs, live runs, task instances, attempts, pools, and
// what waits for what.
//
// The picture is the whole truth between two commits. Functions of this folder change it in place
// and note in a change set which rows differ from the ledger; nobody outside learns of a change
// before the commit that carries it.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { Deadline } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { type Agenda, createAgenda } from './agenda.ts';
import type { SlaWatch } from './alert/sla.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { LeaseWaiter } from './attempt/offer.ts';
import { createWorkerRegister, type WorkerRegister } from './attempt/worker-register.ts';
import type { Dag } from './dag.ts';
import type { Instance, Node } from './instance.ts';
import type { KeyState } from './limit/limit.ts';
import type { Pool, Queue } from './lines.ts';
import type { Reprocess } from './operation/backfills.ts';
import { createRecent, type Recent } from './recent.ts';
import type { Run } from './run/run.ts';
import type { TaskAttemptState } from './state.ts';

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
  readonly endedAttempts: Recent<TaskAttemptState>;
  /** When runs that are over were last decided about, by id: what was read before is outdated. */
  readonly overRuns: Recent<number>;
  /** Answers of commands by request id; the oldest are forgotten first. */
  readonly receipts: Recent<Receipt>;
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
  /**
   * Runs that are over with SLAs that are due: whether they have missed them is to be read. And
   * DAGs that were just loaded, of which such runs are to be looked for.
   */
  readonly slasWanted: Set<SlaWatch | Dag>;
  /** Instances with a try that begins in this decision, of which somebody is to be told. */
  readonly begun: Set<Instance>;
  /** Finished runs that backfills want to process again, until they are read. */
  readonly reprocessWanted: Map<string, Reprocess>;
  /** Keys with a rate of which it is not known yet what began: the ledger is asked. */
  readonly beginsWanted: Map<KeyState, Dag>;
  /** Runs whose predecessor is not known yet: the ledger is asked. */
  readonly pastWanted: Set<Run>;
  /** Numbers runs and instances, and what is decided of runs that are over, in their order. */
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

/** An update of an asset that does not count for the DAG that was to get it. */
export type DroppedEvent = {
  readonly dag: Dag;
  readonly event: AssetEvent;
  /** In words. */
  readonly why: string;
};

/** How many there were, and the latest of them, latest last. */
export type DroppedEvents = { count: number; readonly latest: DroppedEvent[] };

/** What has to be looked at when its time comes. */
export type AgendaSubject =
  | { readonly kind: 'schedule'; readonly dag: Dag }
  | { readonly kind: 'start'; readonly dag: Dag }
  | { readonly kind: 'backfill'; readonly dag: Dag }
  | { readonly kind: 'retry'; readonly instance: Instance }
  | { readonly kind: 'expand'; readonly node: Node }
  | {
      readonly kind: 'deadline';
      readonly dag: Dag;
      readonly deadline: Deadline;
      readonly run: Run | undefined;
    }
  | SlaWatch
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

/** Ends of attempts and runs, and receipts, that are remembered at least. */
const REMEMBERED_LEAST = 50_000;

/** A picture of nothing. */
export function createPicture(timing: PictureTiming): Picture {
  return {
    timing,
    dags: new Map(),
    pools: new Map(),
    queues: new Map(),
    attempts: new Map(),
    endedAttempts: createRecent(REMEMBERED_LEAST),
    overRuns: createRecent(REMEMBERED_LEAST),
    receipts: createRecent(REMEMBERED_LEAST),
    agenda: createAgenda(),
    waiters: new Set(),
    workers: createWorkerRegister(),
    heldBack: new Set(),
    waits: new Map(),
    historyWanted: new Set(),
    slasWanted: new Set(),
    begun: new Set(),
    reprocessWanted: new Map(),
    beginsWanted: new Map(),
    pastWanted: new Set(),
    nextSeq: 1,
  };
}

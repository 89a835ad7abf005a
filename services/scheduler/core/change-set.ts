// What the next commit must carry: the objects whose rows differ from the ledger, and what is to be
// done once it is answered.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type {
  ConsumedDeliveries,
  Deadline,
  SlaMiss,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Backfill, BackfillDate } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type { XCom } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Instance } from './instance.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Dag } from './dag.ts';
import type { DroppedEvent, Receipt } from './picture.ts';
import type { Run } from './run/run.ts';

/**
 * Rows are made from the objects when the commit is sealed, so several steps of one object in a
 * batch become one write.
 */
export type ChangeSet = {
  readonly runs: Set<Run>;
  readonly instances: Set<Instance>;
  /** New ones and ended ones. */
  readonly attempts: Set<Attempt>;
  readonly xcoms: Map<Attempt, readonly XCom[]>;
  /** DAGs whose schedule moved on. */
  readonly cursors: Set<Dag>;
  readonly pauses: Set<Dag>;
  readonly receipts: Map<Receipt, Dag>;
  readonly audits: Set<Audit>;
  /** Attempts whose workers must be told to end them, once this is committed. */
  readonly cancels: Set<Attempt>;
  /** Updates of assets, with the run they come from. */
  readonly assetEvents: Map<AssetEvent, Run>;
  /** Asset events that DAGs have taken. */
  readonly consumed: Map<ConsumedDeliveries, Dag>;
  /** Those among them of which somebody is to be told, as no run got them. */
  readonly dropped: Set<DroppedEvent>;
  /** Backfills that are new or changed, with those of their dates that are. */
  readonly backfills: Map<Backfill, ChangedBackfill>;
  readonly deadlines: Map<Deadline, Dag>;
  readonly slaMisses: Map<SlaMiss, Dag>;
  /** Limit keys that were paused, or are not any more: until when, epoch milliseconds. */
  readonly keyPauses: Map<Dag, Map<string, number | undefined>>;
  /** Attempts with which tries go on that waited, and the attempts before them (ids). */
  readonly carried: Map<Attempt, string>;
};

/** Who did what. */
export type Audit = {
  readonly actor: string;
  readonly action: string;
  readonly dag: Dag;
  readonly runId: string;
  readonly details: Readonly<Record<string, unknown>>;
};

/** What changed of a backfill. */
export type ChangedBackfill = { readonly dag: Dag; readonly dates: Set<BackfillDate> };

/** Nothing changed. */
export function createChangeSet(): ChangeSet {
  return {
    runs: new Set(),
    instances: new Set(),
    attempts: new Set(),
    xcoms: new Map(),
    cursors: new Set(),
    pauses: new Set(),
    receipts: new Map(),
    audits: new Set(),
    cancels: new Set(),
    assetEvents: new Map(),
    consumed: new Map(),
    dropped: new Set(),
    backfills: new Map(),
    deadlines: new Map(),
    slaMisses: new Map(),
    keyPauses: new Map(),
    carried: new Map(),
  };
}

/** How many rows the commit will write. */
export function countRows(changes: ChangeSet): number {
  const { runs, instances, attempts, xcoms, cursors, pauses, receipts, audits } = changes;
  const { assetEvents, consumed, backfills, deadlines, slaMisses, keyPauses } = changes;
  return [
    ...[runs, instances, attempts, xcoms, cursors, pauses, receipts, audits],
    ...[assetEvents, consumed, backfills, deadlines, slaMisses, keyPauses],
  ].reduce((sum, { size }) => sum + size, 0);
}

/** Beyond so many rows, or characters of params and XComs, a commit is full. */
const ROWS_MAX = 2_000;
const TEXTS_MAX = 8_000_000;

/** True when a commit should take no further decisions: messages and transactions have limits. */
export function isFull(changes: ChangeSet): boolean {
  if (countRows(changes) >= ROWS_MAX) return true;
  let size = 0;
  for (const run of changes.runs) size += run.isStored ? 0 : run.confJson.length;
  for (const xcoms of changes.xcoms.values()) {
    for (const { valueJson } of xcoms) size += valueJson.length;
  }
  return size >= TEXTS_MAX;
}

/** Takes out what the ledger will not have: all of DAGs no longer owned, and of refused runs. */
export function withoutLost(changes: ChangeSet): void {
  for (const instance of changes.instances) {
    // What it would have claimed is not claimed.
    if (isLost(instance.run)) instance.lane.pool.pendingSlots -= claimedSlots(instance);
  }
  const { attempts, xcoms, cancels, carried } = changes;
  const { cursors, pauses, keyPauses } = changes;
  drop(changes.runs, isLost);
  drop(changes.instances, ({ run }) => isLost(run));
  for (const rows of [attempts, xcoms, cancels, carried]) {
    drop<Attempt>(rows, ({ instance }) => isLost(instance.run));
  }
  for (const rows of [cursors, pauses, keyPauses]) drop<Dag>(rows, isForeign);
  drop(changes.audits, ({ dag }) => isForeign(dag));
  drop(changes.dropped, ({ dag }) => isForeign(dag));
  drop(changes.receipts, ({ run }) => run?.isRefused === true);
  dropOf(changes.assetEvents, isLost);
  dropOf(changes.backfills, ({ dag }) => isForeign(dag));
  const { consumed, deadlines, receipts, slaMisses } = changes;
  for (const rows of [consumed, deadlines, receipts, slaMisses]) {
    dropOf<unknown, Dag>(rows, isForeign);
  }
}

/** Slots an instance holds, less those the ledger says it holds. */
export function claimedSlots({ holdsSlots, slotsHeld, task }: Instance): number {
  return (holdsSlots ? task.poolSlots : 0) - slotsHeld;
}

/** Rows of some kind, with what they are about as keys. */
type Rows<Key> = { keys(): Iterable<Key>; delete(key: Key): boolean };

function drop<Key>(rows: Rows<Key>, isGone: (key: Key) => boolean): void {
  for (const key of rows.keys()) if (isGone(key)) rows.delete(key);
}

function dropOf<Row, Value>(rows: Map<Row, Value>, isGone: (value: Value) => boolean): void {
  for (const [row, value] of rows) if (isGone(value)) rows.delete(row);
}

function isForeign(dag: Dag): boolean {
  return !dag.isOwned;
}

function isLost(run: Run): boolean {
  return !run.dag.isOwned || run.isRefused;
}

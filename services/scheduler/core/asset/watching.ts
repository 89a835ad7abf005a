// A watcher of an asset, round by round: what its trigger waits for, and the update its event is.
import { createHash } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type AssetEvent, AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { AssetWatcher } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { TriggerLeaseSchema } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { fromDuration, fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';

/** Where a watcher stands. */
export type WatchedUntil = {
  /** What came later is news. */
  readonly sinceMs: number;
  /** SHA-256 of what it saw last; empty when it saw nothing yet. */
  readonly knownSha256: Uint8Array;
  /** Where it stands among the updates of the asset it waits for; empty: at `sinceMs`. */
  readonly assetCursor: string;
};

/** Least time between two rounds, whatever the trigger wishes. */
const PAUSE_MIN_MS = 1_000;
/** Time between two looks of a trigger that does not say, as the contract has it. */
const POLL_INTERVALS_MS = {
  timer: 0,
  http: 10_000,
  file: 5_000,
  externalTask: 2_000,
  asset: 2_000,
};
/** As tasks have it that do not say. */
const PRIORITY = 1;
const NO_MAP_INDEX = -1;

/** Where a watcher goes on: at the last update it saw, whoever recorded that; else now. */
export function whereItStands(watcher: AssetWatcher, nowMs: number): WatchedUntil {
  const { assetCursor, lastEventTime, lastEventSha256: knownSha256 } = watcher;
  return { sinceMs: fromTimestamp(lastEventTime) ?? nowMs, knownSha256, assetCursor };
}

/** Where it stands after an update; its trigger names the cursor, unless it is older than this. */
export function standsAfter(
  trigger: TriggerSpec | undefined,
  update: AssetEvent,
  assetCursor: string,
): WatchedUntil {
  const seenMs = trigger?.kind.case === 'asset' ? latestOf(update.extraJson) : undefined;
  return {
    sinceMs: seenMs ?? fromTimestamp(update.timestamp) ?? 0,
    knownSha256: createHash('sha256').update(update.extraJson).digest(),
    assetCursor,
  };
}

/** The round that begins there, as triggerers take it. */
export function roundOf(
  waitId: string,
  { trigger, watcherName, dagId }: AssetWatcher,
  { assetCursor, sinceMs, knownSha256 }: WatchedUntil,
): MessageInitShape<typeof TriggerLeaseSchema> {
  return {
    waitId,
    ...(trigger === undefined ? {} : { trigger }),
    since: toTimestamp(sinceMs),
    dagId,
    taskId: actorOf(watcherName),
    mapIndex: NO_MAP_INDEX,
    priority: PRIORITY,
    knownEventSha256: knownSha256,
    assetCursor,
  };
}

/** The update that an event of the trigger is. */
export function updateOf(
  { assetName, watcherName }: AssetWatcher,
  event: { readonly id: string; readonly nowMs: number; readonly eventJson: string },
): AssetEvent {
  return create(AssetEventSchema, {
    id: event.id,
    assetName,
    extraJson: extraOf(event.eventJson),
    timestamp: toTimestamp(event.nowMs),
    sourceMapIndex: NO_MAP_INDEX,
    actor: actorOf(watcherName),
  });
}

/** Time from an event to the next round. */
export function pauseMsOf(trigger: TriggerSpec | undefined): number {
  const { kind } = trigger ?? {};
  if (kind?.case === undefined || kind.case === 'timer') return PAUSE_MIN_MS;
  const intervalMs = fromDuration(kind.value.pollInterval) ?? POLL_INTERVALS_MS[kind.case];
  return Math.max(intervalMs, PAUSE_MIN_MS);
}

function actorOf(watcherName: string): string {
  return `watcher:${watcherName}`;
}

/** The event itself when it is an object, else `{"event": …}`. */
function extraOf(eventJson: string): string {
  const event = parsed(eventJson);
  const isObject = typeof event === 'object' && event !== null && !Array.isArray(event);
  return isObject ? eventJson : JSON.stringify({ event });
}

/** What is no JSON is a text. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** When the latest of the updates was that a trigger on another asset tells of. */
function latestOf(extraJson: string): number | undefined {
  const { asset_events: events } = parsed(extraJson) as { readonly asset_events?: unknown };
  if (!Array.isArray(events)) return undefined;
  const times = events.map(({ timestamp }: { readonly timestamp?: string }) =>
    Date.parse(timestamp ?? ''),
  );
  const known = times.filter(Number.isFinite);
  return known.length === 0 ? undefined : Math.max(...known);
}

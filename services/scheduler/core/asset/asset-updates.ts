// Updates of assets: what a task's success means for those who wait for what it makes.
import { create } from '@bufbuild/protobuf';
import {
  type AssetEvent,
  AssetEventSchema,
  type AssetRef,
  type AssetUpdate,
} from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Deciding } from '../deciding.ts';
import type { Instance } from '../instance.ts';

/**
 * Notes an event for each asset among a task's outlets, and for each update it reported beside
 * them. What it reported about an outlet goes into that outlet's event.
 */
export function noteOutlets(
  deciding: Deciding,
  instance: Instance,
  updates: readonly AssetUpdate[],
): void {
  const events = new Map<string, AssetEvent>();
  for (const { kind } of instance.task.outlets) {
    if (kind.case !== 'asset') continue;
    events.set(keyOf(kind.value, ''), eventOf(deciding, instance, kind.value));
  }
  for (const update of updates) {
    if (update.asset === undefined) continue;
    const key = keyOf(update.asset, update.partitionKey);
    const plain = keyOf(update.asset, '');
    const event = events.get(key) ?? eventOf(deciding, instance, update.asset);
    if (key !== plain && isUntold(events.get(plain))) events.delete(plain);
    if (update.extraJson !== '') event.extraJson = update.extraJson;
    if (update.partitionKey !== '') event.partitionKey = update.partitionKey;
    if (update.alias !== '' && !event.aliases.includes(update.alias)) {
      event.aliases.push(update.alias);
    }
    events.set(key, event);
  }
  for (const event of events.values()) {
    deciding.changes.assetEvents.set(event, instance.run);
  }
}

/** An outlet's own event, of which the task has said nothing. */
function isUntold(event: AssetEvent | undefined): boolean {
  return event !== undefined && event.extraJson === '' && event.aliases.length === 0;
}

function eventOf({ newId, nowMs }: Deciding, instance: Instance, asset: AssetRef): AssetEvent {
  const { run, task, mapIndex } = instance;
  return create(AssetEventSchema, {
    id: newId(),
    assetName: asset.name,
    assetUri: asset.uri,
    timestamp: toTimestamp(nowMs),
    sourceDagId: run.dag.dagId,
    sourceRunId: run.runId,
    sourceTaskId: task.taskId,
    sourceMapIndex: mapIndex,
    partitionKey: run.partitionKey,
  });
}

function keyOf(asset: AssetRef, partitionKey: string): string {
  return JSON.stringify([asset.name, asset.uri, partitionKey]);
}

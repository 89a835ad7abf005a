// Which partition an update of an asset counts for, as the consumer's schedule maps keys.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import { type CompiledPartitionedAsset, runKeyOf } from '#kernel/timetable/timetable.ts';

/** Events by what they count for. */
export type Partitions = {
  /** By the key of the run. */
  readonly byKey: ReadonlyMap<string, readonly AssetEvent[]>;
  /** Those whose keys the schedule leaves out on purpose. */
  readonly foreign: readonly AssetEvent[];
  /** Those whose keys cannot be read, and why. */
  readonly unreadable: ReadonlyMap<AssetEvent, string>;
};

/** Sorts events by partition. */
export function partitionsOf(
  timetable: CompiledPartitionedAsset,
  events: readonly AssetEvent[],
): Partitions {
  const byKey = new Map<string, AssetEvent[]>();
  const foreign: AssetEvent[] = [];
  const unreadable = new Map<AssetEvent, string>();
  for (const event of events) {
    const key = keyOf(timetable, event, unreadable);
    const known = key === undefined ? foreign : byKey.get(key);
    if (unreadable.has(event)) continue;
    if (known !== undefined) known.push(event);
    else if (key !== undefined) byKey.set(key, [event]);
  }
  return { byKey, foreign, unreadable };
}

function keyOf(
  timetable: CompiledPartitionedAsset,
  event: AssetEvent,
  unreadable: Map<AssetEvent, string>,
): string | undefined {
  if (event.partitionKey === '') {
    unreadable.set(event, 'it has no partition key');
    return undefined;
  }
  try {
    return runKeyOf(timetable, event.assetName, event.partitionKey);
  } catch (error) {
    unreadable.set(event, messageOf(error));
    return undefined;
  }
}

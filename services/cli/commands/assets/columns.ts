// How assets and their updates look in tables.
import type { Asset, AssetUse, AssetWatcherStatus } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Column } from '../../core/table.ts';
import { triggerWords } from '../../core/trigger-words.ts';
import { localIso, relative } from '../../core/when.ts';

/** Columns of a list of assets. */
export function assetColumns(nowMs: number): readonly Column<Asset>[] {
  return [
    { title: 'name', cell: (asset) => asset.name },
    { title: 'uri', cell: (asset) => asset.uri },
    { title: 'updated', cell: (asset) => relative(fromTimestamp(asset.lastEventTime), nowMs) },
    { title: 'made by', cell: (asset) => String(asset.producersCount), align: 'right' },
    { title: 'starts', cell: (asset) => String(asset.consumersCount), align: 'right' },
    { title: 'group', cell: (asset) => asset.group, wide: true },
    { title: 'active', cell: (asset) => (asset.isActive ? 'yes' : 'no'), wide: true },
  ];
}

/** Columns of a list of updates. */
export function eventColumns(nowMs: number): readonly Column<AssetEvent>[] {
  return [
    { title: 'asset', cell: (event) => event.assetName },
    { title: 'when', cell: (event) => relative(fromTimestamp(event.timestamp), nowMs) },
    { title: 'timestamp', cell: (event) => localIso(fromTimestamp(event.timestamp)), wide: true },
    { title: 'from', cell: sourceOf },
    { title: 'partition', cell: (event) => event.partitionKey },
    { title: 'extra', cell: (event) => event.extraJson, wide: true },
    { title: 'aliases', cell: (event) => event.aliases.join(','), wide: true },
    { title: 'id', cell: (event) => event.id, wide: true },
  ];
}

/** `dag` for a schedule, `dag.task` for a task. */
export function useName({ dagId, taskId }: AssetUse): string {
  return taskId === '' ? dagId : `${dagId}.${taskId}`;
}

/** `drop: file /in/*.csv, of DAG etl, last update 5m ago`. */
export function watcherWords(watcher: AssetWatcherStatus, nowMs: number): string {
  const { name, trigger, dagId, isWatching, lastEventTime } = watcher;
  const owner = isWatching ? `of DAG ${dagId}` : `not watching: DAG ${dagId} is paused`;
  const last = relative(fromTimestamp(lastEventTime), nowMs);
  const updated = last === '' ? 'no update yet' : `last update ${last}`;
  return `${name}: ${triggerWords(trigger)}, ${owner}, ${updated}`;
}

/** The task instance that made it, or who did from outside. */
function sourceOf(event: AssetEvent): string {
  if (event.sourceDagId === '') return event.actor;
  const index = event.sourceMapIndex < 0 ? '' : `[${event.sourceMapIndex}]`;
  return `${event.sourceDagId}.${event.sourceTaskId}${index} ${event.sourceRunId}`;
}

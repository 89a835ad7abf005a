// A timetable that was checked and prepared, and what can be told of it at a glance.
import type { CronTicks } from './cron-ticks.ts';
import type { KeyMapper } from './partition-key.ts';
import type { Step } from './rhythm.ts';
import type { WallReading } from './strftime.ts';

/** A timetable, checked and prepared; make it with `parseTimetable`, once per DAG version. */
export type CompiledTimetable =
  | CompiledCron
  | CompiledDelta
  | { readonly kind: 'once' }
  | { readonly kind: 'continuous' }
  | { readonly kind: 'multiple_cron'; readonly members: readonly [CompiledCron, ...CompiledCron[]] }
  | CompiledEvents
  | CompiledWorkday
  | { readonly kind: 'asset' }
  | { readonly kind: 'asset_or_time'; readonly time: CompiledTimetable }
  | CompiledCronPartition
  | CompiledPartitionedAsset;

export type CompiledCron = {
  readonly kind: 'cron';
  readonly ticks: CronTicks;
  /** True: runs cover the interval between two ticks. False: runs are points in time. */
  readonly dataInterval: boolean;
  /** Length of the interval that ends at the tick of a point in time. */
  readonly lookBackMs: number;
  /** How late the first run may be; undefined: by the period. */
  readonly lateMaxMs: number | undefined;
};

export type CompiledDelta = {
  readonly kind: 'delta';
  readonly step: Step;
  readonly dataInterval: boolean;
  readonly lookBackMs: number;
};

export type CompiledEvents = {
  readonly kind: 'events';
  /** Rising, none twice, at least one. */
  readonly instantsMs: readonly [number, ...number[]];
  readonly restrictToEvents: boolean;
  readonly description: string;
};

export type CompiledWorkday = {
  readonly kind: 'workday';
  /** Every midnight of the zone. */
  readonly days: CronTicks;
  /** Days since 1970-01-01 on the zone's calendar. */
  readonly holidays: ReadonlySet<number>;
};

export type CompiledCronPartition = {
  readonly kind: 'cron_partition';
  readonly ticks: CronTicks;
  /** The partition is that of the tick so many ticks later. */
  readonly runOffset: number;
  readonly writeKey: (reading: WallReading) => string;
};

export type CompiledPartitionedAsset = {
  readonly kind: 'partitioned_asset';
  /** By asset name. */
  readonly mappers: ReadonlyMap<string, KeyMapper>;
  readonly defaultMapper: KeyMapper;
};

/** How many runs of the DAG may be active at once, whatever it says itself; undefined: no limit. */
export function activeRunsLimit(timetable: CompiledTimetable): number | undefined {
  return timetable.kind === 'continuous' ? 1 : undefined;
}

/** Whether runs come by the calendar, so that a range of dates can be backfilled. */
export function isPeriodic(timetable: CompiledTimetable): boolean {
  return canBeScheduled(timetable) && timetable.kind !== 'once' && timetable.kind !== 'continuous';
}

/** Whether time alone brings runs about; false when only assets do. */
export function canBeScheduled(timetable: CompiledTimetable): boolean {
  return timetable.kind !== 'asset' && timetable.kind !== 'partitioned_asset';
}

/** The zone whose clock the timetable goes by; `UTC` when it goes by none. */
export function timezoneOf(timetable: CompiledTimetable): string {
  switch (timetable.kind) {
    case 'cron':
    case 'cron_partition':
      return timetable.ticks.zone.name;
    case 'multiple_cron':
      return timezoneOf(timetable.members[0]);
    case 'workday':
      return timetable.days.zone.name;
    case 'asset_or_time':
      return timezoneOf(timetable.time);
    default:
      return 'UTC';
  }
}

/**
 * The partition key that an asset's event gives to a run; undefined when the event is to be
 * ignored. Throws an Error with a sentence when the event's key is not as the mapper expects it.
 */
export function runKeyOf(
  { mappers, defaultMapper }: CompiledPartitionedAsset,
  assetName: string,
  key: string,
): string | undefined {
  return (mappers.get(assetName) ?? defaultMapper)(key);
}

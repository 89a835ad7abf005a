// Schedules that wait for assets, alone, beside the clock, or partition by partition; and what
// `schedule` of a DAG accepts.
import {
  PartitionMapperKind,
  type PartitionMapperSchema,
  type Timetable,
} from '../../gen/dagmesh/dag/v1/timetable_pb.ts';
import {
  type Asset,
  type AssetExpression,
  assetExpression,
  assetsIn,
  isAssetExpression,
} from '../asset.ts';
import { cronSchedule, type Preset } from './cron.ts';
import { DagError } from '../checks/dag-error.ts';
import type { FieldsOf } from '../values/fields.ts';
import { requireShapes, type Shapes } from '../checks/shapes.ts';
import { continuous, once, type Schedule, scheduleOf } from './schedule.ts';

/**
 * What `schedule` of a DAG accepts: a preset or cron expression (both as points in time, UTC), a
 * schedule in long form, assets (a list means all of them), or `null` for a DAG that runs only when
 * triggered.
 */
export type ScheduleOption = Preset | (string & {}) | Schedule | AssetExpression | null;

/** How a partition key of an asset becomes the key of a run; made by the functions of `mapper`. */
export type PartitionMapper = {
  readonly kind: 'partition_mapper';
  readonly fields: FieldsOf<typeof PartitionMapperSchema>;
};

/** How keys of a roll-up are written. */
export type RollUpOptions = {
  /** How upstream keys are read, as strptime; `%Y-%m-%dT%H:%M:%S` by default. */
  readonly inputFormat?: string;
  /** How keys are written, as strftime; the kind's own way by default. */
  readonly outputFormat?: string;
  /** An IANA name; UTC by default. */
  readonly timezone?: string;
};

const ROLL_UP_SHAPES: Shapes<RollUpOptions> = {
  inputFormat: 'text',
  outputFormat: 'text',
  timezone: 'text',
};

/** How the keys of a DAG's partitions follow from those of its assets. */
export type PartitionedOptions = {
  /** By asset name. */
  readonly mappers?: { readonly [assetName: string]: PartitionMapper };
  /** For all others; identity by default. */
  readonly defaultMapper?: PartitionMapper;
};

/** Ways from a partition key to another. */
export const mapper = {
  /** The same key. */
  identity: () => mapperOf(PartitionMapperKind.IDENTITY),
  /** `2026-02-10T14`. */
  hourly: (options: RollUpOptions = {}) => rollUp(PartitionMapperKind.HOURLY, options),
  /** `2026-02-10`. */
  daily: (options: RollUpOptions = {}) => rollUp(PartitionMapperKind.DAILY, options),
  /** `2026-02-09 (W07)`. */
  weekly: (options: RollUpOptions = {}) => rollUp(PartitionMapperKind.WEEKLY, options),
  /** `2026-02`. */
  monthly: (options: RollUpOptions = {}) => rollUp(PartitionMapperKind.MONTHLY, options),
  /** `2026-Q1`. */
  quarterly: (options: RollUpOptions = {}) => rollUp(PartitionMapperKind.QUARTERLY, options),
  /** `2026`. */
  yearly: (options: RollUpOptions = {}) => rollUp(PartitionMapperKind.YEARLY, options),
  /** The same key for every run. */
  constant: (constantKey: string) => mapperOf(PartitionMapperKind.CONSTANT, { constantKey }),
  /** Only these keys pass. */
  allowed: (...allowedKeys: readonly string[]) =>
    mapperOf(PartitionMapperKind.ALLOWED, { allowedKeys: [...allowedKeys] }),
  /** One mapper after the other. */
  chain: (...mappers: readonly PartitionMapper[]) =>
    mapperOf(PartitionMapperKind.CHAIN, { chain: mappers.map(({ fields }) => fields) }),
} as const;

/** Runs when assets were updated, and by time as well. */
export function assetOrTime(
  time: Schedule | Preset | (string & {}),
  assets: AssetExpression,
): ScheduleWithAssets {
  const timetable = timetableOf(time);
  if (timetable === undefined) throw new DagError('assetOrTime() needs a schedule of time');
  const value = { condition: assetExpression(assets), time: timetable };
  return { ...scheduleOf({ case: 'assetOrTime', value }), assets: assetsIn(assets) };
}

/**
 * Runs when assets were updated, once for each partition key.
 */
export function partitioned(
  assets: AssetExpression,
  options: PartitionedOptions = {},
): ScheduleWithAssets {
  requireShapes<PartitionedOptions>('partitioned()', options, {
    mappers: 'object',
    defaultMapper: 'object',
  });
  const named = Object.entries(options.mappers ?? {}).map(([name, { fields }]) => [name, fields]);
  const fallback = options.defaultMapper;
  const value = {
    condition: assetExpression(assets),
    mappers: Object.fromEntries(named),
    ...(fallback === undefined ? {} : { defaultMapper: fallback.fields }),
  };
  return { ...scheduleOf({ case: 'partitionedAsset', value }), assets: assetsIn(assets) };
}

/** A schedule that names assets. */
export type ScheduleWithAssets = Schedule & { readonly assets: readonly Asset[] };

/** The contract's form of what the author wrote; undefined means "only when triggered". */
export function timetableOf(option: ScheduleOption | undefined): Timetable | undefined {
  if (option === undefined || option === null) return undefined;
  if (option === '@once') return once().timetable;
  if (option === '@continuous') return continuous().timetable;
  if (typeof option === 'string') return cronSchedule(option).timetable;
  if (typeof option !== 'object') throw neither();
  if ('timetable' in option) return option.timetable;
  if (!isAssetExpression(option)) {
    throw neither();
  }
  return scheduleOf({ case: 'asset', value: { condition: assetExpression(option) } }).timetable;
}

/** The assets that a schedule describes in full. */
export function assetsOfSchedule(option: ScheduleOption | undefined): readonly Asset[] {
  if (option === undefined || option === null || typeof option === 'string') return [];
  if ('timetable' in option) return 'assets' in option ? (option as ScheduleWithAssets).assets : [];
  return assetsIn(option);
}

function rollUp(kind: PartitionMapperKind, options: RollUpOptions): PartitionMapper {
  requireShapes('the mapper', options, ROLL_UP_SHAPES);
  return mapperOf(kind, options);
}

function neither(): RangeError {
  return new RangeError('it is neither a schedule nor assets; use e.g. cron(), every(), asset()');
}

function mapperOf(
  kind: PartitionMapperKind,
  options: Omit<FieldsOf<typeof PartitionMapperSchema>, '$typeName'> = {},
): PartitionMapper {
  return { kind: 'partition_mapper', fields: { ...options, kind } };
}

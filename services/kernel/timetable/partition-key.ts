// How a partition key of an upstream asset becomes the key of the run that reads it.
import { type PartitionMapper, PartitionMapperKind } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { createWriter, type WallReading } from './strftime.ts';
import { createReader } from './strptime.ts';
import { toInstant, zoneOf } from './zone.ts';

/**
 * A mapper, checked and prepared. Answers the new key, or undefined when the event is none of the
 * DAG's business. Throws an Error with a sentence when the key is not of the mapper's input format.
 */
export type KeyMapper = (key: string) => string | undefined;

/** How keys are written where nobody says otherwise. */
export const DEFAULT_KEY_FORMAT = '%Y-%m-%dT%H:%M:%S';

/** The key that a mapper makes of an upstream key, in one step; see `KeyMapper`. */
export function partitionKeyOf(mapper: PartitionMapper, key: string): string | undefined {
  return compileMapper(mapper)(key);
}

/** Checks and prepares a mapper. Throws an Error with a sentence when a part of it is wrong. */
export function compileMapper(mapper: PartitionMapper): KeyMapper {
  switch (mapper.kind) {
    case PartitionMapperKind.UNSPECIFIED:
    case PartitionMapperKind.IDENTITY:
      return (key) => key;
    case PartitionMapperKind.CONSTANT:
      return constantMapper(mapper.constantKey);
    case PartitionMapperKind.ALLOWED:
      return allowedMapper(mapper.allowedKeys);
    case PartitionMapperKind.CHAIN:
      return chainMapper(mapper.chain);
    default:
      return rollUpMapper(mapper);
  }
}

function constantMapper(key: string): KeyMapper {
  if (key === '') throw new Error('the constant partition mapper has no key; set constant_key');
  return () => key;
}

function allowedMapper(keys: readonly string[]): KeyMapper {
  if (keys.length === 0) {
    throw new Error('the partition mapper allows no key at all; name some in allowed_keys');
  }
  const allowed = new Set(keys);
  return (key) => (allowed.has(key) ? key : undefined);
}

function chainMapper(chain: readonly PartitionMapper[]): KeyMapper {
  if (chain.length === 0) {
    throw new Error('the chain of partition mappers is empty; give it at least one mapper');
  }
  const mappers = chain.map(compileMapper);
  return (key) =>
    mappers.reduce<string | undefined>(
      (mapped, mapper) => (mapped === undefined ? undefined : mapper(mapped)),
      key,
    );
}

type Period = {
  /** How its keys are written. */
  readonly format: string;
  /** The wall clock at which the period began that holds this one. */
  startOf(date: Date): number;
};

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const PERIODS: ReadonlyMap<PartitionMapperKind, Period> = new Map<PartitionMapperKind, Period>([
  [
    PartitionMapperKind.HOURLY,
    { format: '%Y-%m-%dT%H', startOf: (date) => floor(date.getTime(), HOUR_MS) },
  ],
  [
    PartitionMapperKind.DAILY,
    { format: '%Y-%m-%d', startOf: (date) => floor(date.getTime(), DAY_MS) },
  ],
  [
    PartitionMapperKind.WEEKLY,
    {
      format: '%Y-%m-%d (W%V)',
      startOf: (date) => floor(date.getTime(), DAY_MS) - ((date.getUTCDay() + 6) % 7) * DAY_MS,
    },
  ],
  [PartitionMapperKind.MONTHLY, { format: '%Y-%m', startOf: (date) => monthStart(date, 1) }],
  [
    PartitionMapperKind.QUARTERLY,
    { format: '%Y-Q{quarter}', startOf: (date) => monthStart(date, 3) },
  ],
  [PartitionMapperKind.YEARLY, { format: '%Y', startOf: (date) => monthStart(date, 12) }],
]);

// A key without offset is a reading of the zone's own clock, one with an offset an instant.
function rollUpMapper({ kind, inputFormat, outputFormat, timezone }: PartitionMapper): KeyMapper {
  const period = PERIODS.get(kind);
  if (period === undefined) throw new Error(`there is no partition mapper of kind ${kind}`);
  const format = inputFormat || DEFAULT_KEY_FORMAT;
  const read = createReader(format);
  const write = createPeriodWriter(kind, outputFormat || period.format);
  const zone = zoneOf(timezone);
  return (key) => {
    const parsed = read(key);
    if (parsed === undefined) {
      throw new Error(
        `the partition key "${key}" is not of the form "${format}"; emit such keys, or set the mapper's input_format`,
      );
    }
    const { wallMs, offsetMs } = parsed;
    const atMs = offsetMs === undefined ? undefined : wallMs - offsetMs;
    const localMs = atMs === undefined ? wallMs : atMs + zone.segmentAt(atMs).offsetMs;
    const startMs = period.startOf(new Date(localMs));
    return write({ wallMs: startMs, offsetMs: startMs - toInstant(zone, startMs) });
  };
}

/** Keys of quarters may have `{quarter}` in them, for which strftime has no letter. */
function createPeriodWriter(
  kind: PartitionMapperKind,
  format: string,
): (reading: WallReading) => string {
  const write = createWriter(format);
  if (kind !== PartitionMapperKind.QUARTERLY) return write;
  return (reading) => {
    const quarter = Math.floor(new Date(reading.wallMs).getUTCMonth() / 3) + 1;
    return write(reading).replaceAll('{quarter}', String(quarter));
  };
}

function floor(atMs: number, unitMs: number): number {
  return Math.floor(atMs / unitMs) * unitMs;
}

function monthStart(date: Date, months: number): number {
  const month = Math.floor(date.getUTCMonth() / months) * months;
  return new Date(0).setUTCFullYear(date.getUTCFullYear(), month, 1);
}

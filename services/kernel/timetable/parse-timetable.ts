// Reads the contract's Timetable into a checked, prepared value.
import type {
  AssetOrTimeTimetable,
  CronPartitionTimetable,
  CronTimetable,
  DeltaTimetable,
  EventsTimetable,
  MultipleCronTimetable,
  PartitionedAssetTimetable,
  Timetable,
  WorkdayTimetable,
} from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { RunImmediately } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { CompiledCron, CompiledTimetable } from './compiled-timetable.ts';
import { createCronTicks } from './cron-ticks.ts';
import { compileMapper, DEFAULT_KEY_FORMAT } from './partition-key.ts';
import type { Step } from './rhythm.ts';
import { createWriter } from './strftime.ts';

/** Ticks between a run and its partition, at most. */
const RUN_OFFSET_MAX = 10_000;
const MONTHS_MAX = 12_000;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/**
 * Checks and prepares a timetable. Throws a plain Error with a sentence for authors: bad cron,
 * unknown zone, a date that never comes, a distance that is not positive, no schedule at all.
 */
export function parseTimetable({ kind }: Timetable): CompiledTimetable {
  switch (kind.case) {
    case 'cron':
      return parseCron(kind.value);
    case 'delta':
      return parseDelta(kind.value);
    case 'once':
    case 'continuous':
    case 'asset':
      return { kind: kind.case };
    case 'multipleCron':
      return parseMultipleCron(kind.value);
    case 'events':
      return parseEvents(kind.value);
    case 'workday':
      return parseWorkday(kind.value);
    case 'assetOrTime':
      return parseAssetOrTime(kind.value);
    case 'cronPartition':
      return parseCronPartition(kind.value);
    case 'partitionedAsset':
      return parsePartitionedAsset(kind.value);
    case undefined:
      throw new Error('the timetable is empty; give it a cron expression, a distance, or once');
  }
}

function parseCron(cron: CronTimetable): CompiledTimetable {
  const expression = cron.expression.trim();
  if (expression === '@once') return { kind: 'once' };
  if (expression === '@continuous') return { kind: 'continuous' };
  return compileCron(expression, cron, cron.dataInterval);
}

function compileCron(
  expression: string,
  settings: CronTimetable | MultipleCronTimetable,
  dataInterval: boolean,
): CompiledCron {
  return {
    kind: 'cron',
    ticks: createCronTicks(expression, settings.timezone),
    dataInterval,
    lookBackMs: readLookBack(fromDuration(settings.lookBack), dataInterval),
    lateMaxMs: readLateMax(settings),
  };
}

function readLookBack(lookBackMs: number | undefined, dataInterval: boolean): number {
  if (lookBackMs === undefined || lookBackMs === 0) return 0;
  if (lookBackMs < 0) throw new Error(`look_back is ${lookBackMs} ms; it must not be negative`);
  if (dataInterval) {
    throw new Error(
      'look_back is for runs that are points in time; leave it out, or set data_interval to false',
    );
  }
  return lookBackMs;
}

function readLateMax(settings: CronTimetable | MultipleCronTimetable): number | undefined {
  const withinMs = fromDuration(settings.runImmediatelyWithin);
  switch (settings.runImmediately) {
    case RunImmediately.ALWAYS:
      return Infinity;
    case RunImmediately.NEVER:
      return 0;
    case RunImmediately.WITHIN:
      if (withinMs === undefined || withinMs < 0) {
        throw new Error(
          'run_immediately asks for a span; set run_immediately_within, such as 10 minutes',
        );
      }
      return withinMs;
    case RunImmediately.UNSPECIFIED:
      return undefined;
  }
}

function parseDelta(delta: DeltaTimetable): CompiledTimetable {
  const { dataInterval } = delta;
  const lookBackMs = readLookBack(fromDuration(delta.lookBack), dataInterval);
  return { kind: 'delta', step: readStep(delta), dataInterval, lookBackMs };
}

function readStep({ delta, months }: DeltaTimetable): Step {
  const spanMs = Math.floor(fromDuration(delta) ?? 0);
  if (months < 0 || months > MONTHS_MAX) {
    throw new Error(
      `the distance between two runs is ${months} months; it must be positive, at most ${MONTHS_MAX}`,
    );
  }
  if (spanMs < 0 || (spanMs === 0 && months === 0)) {
    throw new Error(`the distance between two runs is ${spanMs} ms; it must be positive`);
  }
  if (spanMs < SECOND_MS && months === 0) {
    throw new Error(`the distance between two runs is ${spanMs} ms; it must be a second or more`);
  }
  return { months, spanMs };
}

function parseMultipleCron(settings: MultipleCronTimetable): CompiledTimetable {
  const [first, ...others] = settings.expressions.map((each) => compileCron(each, settings, false));
  if (first === undefined) throw new Error('the timetable has no cron expression; give it one');
  return { kind: 'multiple_cron', members: [first, ...others] };
}

function parseEvents(events: EventsTimetable): CompiledTimetable {
  const { restrictToEvents, description } = events;
  const given = events.instants.map((instant) => Math.floor(fromTimestamp(instant) ?? 0));
  const [first, ...others] = [...new Set(given)].sort((a, b) => a - b);
  if (first === undefined) throw new Error('the list of events is empty; give it an instant');
  return { kind: 'events', instantsMs: [first, ...others], restrictToEvents, description };
}

function parseWorkday({ timezone, holidays }: WorkdayTimetable): CompiledTimetable {
  const days = createCronTicks('@daily', timezone);
  return { kind: 'workday', days, holidays: new Set(holidays.map(readDay)) };
}

function readDay(text: string): number {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse takes 31 February for a day in March.
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== text) {
    throw new Error(`the holiday "${text}" is no date; write it as 2026-12-25`);
  }
  return atMs / DAY_MS;
}

const TIMES: ReadonlySet<CompiledTimetable['kind']> = new Set<CompiledTimetable['kind']>([
  ...(['cron', 'delta', 'multiple_cron', 'events', 'workday'] as const),
]);

function parseAssetOrTime({ time }: AssetOrTimeTimetable): CompiledTimetable {
  if (time === undefined) {
    throw new Error('the timetable of assets or time has no time; give it one, such as a cron');
  }
  const compiled = parseTimetable(time);
  if (!TIMES.has(compiled.kind)) {
    throw new Error(
      `the time of a timetable of assets or time cannot be ${compiled.kind}; it must be one of ${[...TIMES].join(', ')}`,
    );
  }
  return { kind: 'asset_or_time', time: compiled };
}

function parseCronPartition(partition: CronPartitionTimetable): CompiledTimetable {
  const { expression, timezone, runOffset, keyFormat } = partition;
  if (Math.abs(runOffset) > RUN_OFFSET_MAX) {
    throw new Error(`run_offset is ${runOffset}; it must be within ±${RUN_OFFSET_MAX}`);
  }
  const ticks = createCronTicks(expression, timezone);
  const writeKey = createWriter(keyFormat || DEFAULT_KEY_FORMAT);
  return { kind: 'cron_partition', ticks, runOffset, writeKey };
}

function parsePartitionedAsset(timetable: PartitionedAssetTimetable): CompiledTimetable {
  const { mappers, defaultMapper } = timetable;
  const named = Object.entries(mappers).map(([name, mapper]) => {
    return [name, compileMapper(mapper)] as const;
  });
  return {
    kind: 'partitioned_asset',
    mappers: new Map(named),
    defaultMapper: defaultMapper === undefined ? (key) => key : compileMapper(defaultMapper),
  };
}

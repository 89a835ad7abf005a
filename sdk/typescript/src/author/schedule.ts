// When a DAG runs: presets, cron expressions, fixed steps, lists of instants, working days.
import { create } from '@bufbuild/protobuf';
import {
  type CronTimetableSchema,
  RunImmediately,
  type Timetable,
  TimetableSchema,
} from '../gen/dagmesh/dag/v1/timetable_pb.ts';
import { wholeNumber } from './checks.ts';
import { type Duration, durationMessage, durationMs } from './duration.ts';
import type { FieldsOf } from './fields.ts';
import { type Instant, instantMessage } from './instant.ts';

/** Cron schedules with a name. */
export const PRESETS = [
  '@hourly',
  '@daily',
  '@weekly',
  '@monthly',
  '@quarterly',
  '@yearly',
] as const;

/** A named cron schedule, `@once` or `@continuous`. */
export type Preset = (typeof PRESETS)[number] | '@once' | '@continuous';

/** A schedule in long form, made by `cron`, `every`, `once` and their kind. */
export type Schedule = { readonly kind: 'schedule'; readonly timetable: Timetable };

/** How a schedule relates to the data its runs cover. */
export type IntervalOptions = {
  /**
   * False (default): each run is a point in time and runs at its tick. True: each run covers the
   * interval between two ticks, runs at its end, and its logical date is the start.
   */
  readonly dataInterval?: boolean;
  /**
   * For points in time: the length of the data interval that ends at the tick; the logical date is
   * its start. None by default.
   */
  readonly lookBack?: Duration;
};

/** What may be said of a cron schedule. */
export type CronOptions = IntervalOptions & ZoneOptions & StartOptions;

type ZoneOptions = {
  /** An IANA name, or a fixed offset such as `+05:30`; UTC by default. */
  readonly timezone?: string;
};

type StartOptions = {
  /**
   * Without a start date: whether the first run is the tick that just passed. Always (true), never
   * (false), when it is not older than a span; by default when it is not older than a tenth of the
   * period or five minutes.
   */
  readonly runImmediately?: boolean | Duration;
};

/** One fixed step: a span of absolute time, or calendar months (12 for a year). */
export type Step = Duration | { readonly months: number };

const EVENTS_MAX = 10_000;
const MONTHS_MAX = 12_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const OFFSET = /^[+-]([01]\d|2[0-3]):[0-5]\d$/;

/**
 * A cron schedule: five fields (minute hour day month weekday), six with seconds last, or a preset.
 */
export function cron(
  expression: (typeof PRESETS)[number] | (string & {}),
  options: CronOptions = {},
): Schedule {
  requireCron(expression);
  const { dataInterval = false } = options;
  if (dataInterval && options.lookBack !== undefined) throw twoIntervals();
  const value = {
    expression: expression.trim(),
    dataInterval,
    ...zoneOf(options),
    ...lookBackOf(options),
    ...startOf(options),
  };
  return scheduleOf({ case: 'cron', value });
}

/** Several cron schedules as one: at most one run per instant. */
export function multipleCron(
  expressions: readonly string[],
  options: Omit<CronOptions, 'dataInterval'> = {},
): Schedule {
  if (expressions.length < 1 || expressions.length > 100) {
    throw new RangeError(`multipleCron() takes 1 to 100 expressions, not ${expressions.length}`);
  }
  expressions.forEach(requireCron);
  const value = {
    expressions: expressions.map((expression) => expression.trim()),
    ...zoneOf(options),
    ...lookBackOf(options),
    ...startOf(options),
  };
  return scheduleOf({ case: 'multipleCron', value });
}

/**
 * A run every `step`: a span counted in absolute time, at least one second, or
 * `{ months: n }` of the calendar (UTC).
 */
export function every(step: Step, options: IntervalOptions = {}): Schedule {
  const { dataInterval = false } = options;
  if (dataInterval && options.lookBack !== undefined) throw twoIntervals();
  const value = { ...stepOf(step), dataInterval, ...lookBackOf(options) };
  return scheduleOf({ case: 'delta', value });
}

/** One single run: at the start date, or at once when that is past. */
export function once(): Schedule {
  return scheduleOf({ case: 'once', value: {} });
}

/** The next run as soon as the last one ended; at most one is active. */
export function continuous(): Schedule {
  return scheduleOf({ case: 'continuous', value: {} });
}

/**
 * A list of instants, at most 10,000, in any order. `restrictToEvents` gives a manual run the most
 * recent of them as its logical date.
 */
export function events(
  instants: readonly Instant[],
  options: { readonly restrictToEvents?: boolean; readonly description?: string } = {},
): Schedule {
  if (instants.length < 1 || instants.length > EVENTS_MAX) {
    throw new RangeError(`events() takes 1 to ${EVENTS_MAX} instants, not ${instants.length}`);
  }
  const { restrictToEvents = false, description = '' } = options;
  const value = { instants: instants.map(instantMessage), restrictToEvents, description };
  return scheduleOf({ case: 'events', value });
}

/**
 * Working days: each run covers one, and runs when the next day that is neither weekend nor one of
 * the `holidays` (`YYYY-MM-DD`) begins.
 */
export function workday(
  options: ZoneOptions & { readonly holidays?: readonly string[] } = {},
): Schedule {
  const { holidays = [] } = options;
  const bad = holidays.find((day) => !DAY.test(day));
  if (bad !== undefined) throw new RangeError(`"${bad}" is no day; write e.g. 2026-12-25`);
  return scheduleOf({ case: 'workday', value: { holidays: [...holidays], ...zoneOf(options) } });
}

/**
 * Cron ticks that stand for partitions: runs carry a partition key instead of a logical date, that
 * of the tick `runOffset` ticks later (earlier when negative), written as strftime does by
 * `keyFormat` (`%Y-%m-%dT%H:%M:%S` by default).
 */
export function cronPartition(
  expression: (typeof PRESETS)[number] | (string & {}),
  options: ZoneOptions & { readonly runOffset?: number; readonly keyFormat?: string } = {},
): Schedule {
  requireCron(expression);
  const runOffset = wholeNumber('runOffset', options.runOffset ?? 0, { min: -10_000, max: 10_000 });
  const { keyFormat = '' } = options;
  const value = { expression: expression.trim(), ...zoneOf(options), runOffset, keyFormat };
  return scheduleOf({ case: 'cronPartition', value });
}

/** A schedule around its timetable. */
export function scheduleOf(kind: NonNullable<FieldsOf<typeof TimetableSchema>['kind']>): Schedule {
  return { kind: 'schedule', timetable: create(TimetableSchema, { kind }) };
}

function stepOf(step: Step) {
  if (typeof step === 'object') {
    return { months: wholeNumber('months', step.months, { min: 1, max: MONTHS_MAX }) };
  }
  if (durationMs(step) < 1_000) {
    throw new RangeError(`every(${JSON.stringify(step)}) is too often; a second is the least`);
  }
  return { delta: durationMessage(step) };
}

function lookBackOf({ lookBack }: IntervalOptions) {
  return lookBack === undefined ? {} : { lookBack: durationMessage(lookBack) };
}

function twoIntervals(): RangeError {
  return new RangeError('dataInterval and lookBack are two ways to say which data a run covers');
}

function zoneOf({ timezone = '' }: ZoneOptions) {
  if (timezone !== '' && !OFFSET.test(timezone)) requireZone(timezone);
  return { timezone };
}

function startOf({
  runImmediately,
}: StartOptions): Pick<
  FieldsOf<typeof CronTimetableSchema>,
  'runImmediately' | 'runImmediatelyWithin'
> {
  if (runImmediately === undefined) return {};
  if (runImmediately === true) return { runImmediately: RunImmediately.ALWAYS };
  if (runImmediately === false) return { runImmediately: RunImmediately.NEVER };
  const runImmediatelyWithin = durationMessage(runImmediately);
  return { runImmediately: RunImmediately.WITHIN, runImmediatelyWithin };
}

/**
 * Checks the shape only; what the fields mean is checked where they are read, in the dag-processor.
 */
function requireCron(expression: string): void {
  const text = expression.trim();
  if (text.startsWith('@')) {
    if ((PRESETS as readonly string[]).includes(text)) return;
    throw new RangeError(
      `there is no preset ${text}; the presets are ${PRESETS.join(', ')}, @once, @continuous`,
    );
  }
  const fieldsCount = text === '' ? 0 : text.split(/\s+/).length;
  if (fieldsCount !== 5 && fieldsCount !== 6) {
    throw new RangeError(
      `"${expression}" has ${fieldsCount} fields; a cron expression has five: ` +
        'minute hour day month weekday (and seconds as a sixth)',
    );
  }
}

function requireZone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch (cause) {
    throw new RangeError(`"${timezone}" is no time zone; use an IANA name such as Europe/Berlin`, {
      cause,
    });
  }
}

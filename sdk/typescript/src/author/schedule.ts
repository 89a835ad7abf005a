// When a DAG runs: presets, cron expressions, fixed steps, once.
import { create } from '@bufbuild/protobuf';
import { type Timetable, TimetableSchema } from '../gen/dagmesh/dag/v1/timetable_pb.ts';
import { type Duration, durationMessage, durationMs } from './duration.ts';

/** Cron schedules with a name. */
export const PRESETS = [
  '@hourly',
  '@daily',
  '@weekly',
  '@monthly',
  '@quarterly',
  '@yearly',
] as const;

/** A named cron schedule, or `@once`. */
export type Preset = (typeof PRESETS)[number] | '@once';

/** A schedule in long form, made by `cron`, `every` or `once`. */
export type Schedule = { readonly timetable: Timetable };

/**
 * What `schedule` of a DAG accepts: a preset, a five-field cron expression (both as points in time,
 * UTC), a schedule in long form, or `null` for a DAG that runs only when triggered.
 */
export type ScheduleOption = Preset | (string & {}) | Schedule | null;

/** How a schedule relates to the data its runs cover. */
export type IntervalOptions = {
  /**
   * False (default): each run is a point in time and runs at its tick. True: each run covers the
   * interval between two ticks, runs at its end, and its logical date is the start.
   */
  readonly dataInterval?: boolean;
};

/**
 * A cron schedule: five fields (minute hour day month weekday) or a preset; `timezone` is an IANA
 * name, UTC by default.
 */
export function cron(
  expression: (typeof PRESETS)[number] | (string & {}),
  options: IntervalOptions & { readonly timezone?: string } = {},
): Schedule {
  requireCron(expression);
  const timezone = options.timezone ?? '';
  if (timezone !== '') requireZone(timezone);
  const { dataInterval = false } = options;
  const value = { expression: expression.trim(), timezone, dataInterval };
  return { timetable: create(TimetableSchema, { kind: { case: 'cron', value } }) };
}

/** A run every `delta`, counted in absolute time; at least one second. */
export function every(delta: Duration, options: IntervalOptions = {}): Schedule {
  if (durationMs(delta) < 1_000) {
    throw new RangeError(`every(${JSON.stringify(delta)}) is too often; a second is the least`);
  }
  const { dataInterval = false } = options;
  const value = { delta: durationMessage(delta), dataInterval };
  return { timetable: create(TimetableSchema, { kind: { case: 'delta', value } }) };
}

/** One single run: at the start date, or at once when that is past. */
export function once(): Schedule {
  return { timetable: create(TimetableSchema, { kind: { case: 'once', value: {} } }) };
}

/** The contract's form of what the author wrote; undefined means "only when triggered". */
export function timetableOf(option: ScheduleOption | undefined): Timetable | undefined {
  if (option === undefined || option === null) return undefined;
  if (typeof option !== 'string') return option.timetable;
  return (option === '@once' ? once() : cron(option)).timetable;
}

/**
 * Checks the shape only; what the fields mean is checked where they are read, in the dag-processor.
 */
function requireCron(expression: string): void {
  const text = expression.trim();
  if (text.startsWith('@')) {
    if ((PRESETS as readonly string[]).includes(text)) return;
    throw new RangeError(
      `there is no preset ${text}; the presets are ${PRESETS.join(', ')}, @once`,
    );
  }
  const fieldsCount = text === '' ? 0 : text.split(/\s+/).length;
  if (fieldsCount !== 5) {
    throw new RangeError(
      `"${expression}" has ${fieldsCount} fields; ` +
        'a cron expression has five: minute hour day month weekday',
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

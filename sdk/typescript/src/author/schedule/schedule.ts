// When a DAG runs, apart from cron: fixed steps, once, without a pause, lists of instants, working
// days.
import { create } from '@bufbuild/protobuf';
import { type Timetable, TimetableSchema } from '../../gen/dagmesh/dag/v1/timetable_pb.ts';
import { wholeNumber } from '../checks/checks.ts';
import { declaring } from '../checks/dag-error.ts';
import { type Duration, durationMessage, durationMs } from '../values/duration.ts';
import type { FieldsOf } from '../values/fields.ts';
import { type Instant, instantMessage } from '../values/instant.ts';
import { requireShapes, type Shapes } from '../checks/shapes.ts';
import { type ZoneOptions, zoneOf } from './zone.ts';

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

/** One fixed step: a span of absolute time, or calendar months (12 for a year). */
export type Step = Duration | { readonly months: number };

/** What may be said of a list of instants. */
export type EventsOptions = {
  /** True: a manual run has the most recent of them as its logical date; false by default. */
  readonly restrictToEvents?: boolean;
  /** One line for people. */
  readonly description?: string;
};

/** What may be said of working days. */
export type WorkdayOptions = ZoneOptions & {
  /** Days off beside weekends, `YYYY-MM-DD`; none by default. */
  readonly holidays?: readonly string[];
};

const INTERVAL_SHAPES: Shapes<IntervalOptions> = { dataInterval: 'flag', lookBack: 'span' };
const EVENTS_SHAPES: Shapes<EventsOptions> = { restrictToEvents: 'flag', description: 'text' };
const WORKDAY_SHAPES: Shapes<WorkdayOptions> = { timezone: 'text', holidays: 'texts' };
const EVENTS_MAX = 10_000;
const MONTHS_MAX = 12_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * A run every `step`: a span counted in absolute time, at least one second, or
 * `{ months: n }` of the calendar (UTC).
 */
export function every(step: Step, options: IntervalOptions = {}): Schedule {
  return declaring('every()', () => {
    requireShapes('every()', options, INTERVAL_SHAPES);
    return scheduleOf({ case: 'delta', value: { ...stepOf(step), ...intervalFields(options) } });
  });
}

/** One single run: at the start date, or at once when that is past. */
export function once(): Schedule {
  return scheduleOf({ case: 'once', value: {} });
}

/** The next run as soon as the last one ended; at most one is active. */
export function continuous(): Schedule {
  return scheduleOf({ case: 'continuous', value: {} });
}

/** A list of instants, at most 10,000, in any order. */
export function events(instants: readonly Instant[], options: EventsOptions = {}): Schedule {
  return declaring('events()', () => {
    requireShapes('events()', options, EVENTS_SHAPES);
    if (instants.length < 1 || instants.length > EVENTS_MAX) {
      throw new RangeError(`it takes 1 to ${EVENTS_MAX} instants, not ${instants.length}`);
    }
    const { restrictToEvents = false, description = '' } = options;
    const value = { instants: instants.map(instantMessage), restrictToEvents, description };
    return scheduleOf({ case: 'events', value });
  });
}

/**
 * Working days: each run covers one, and runs when it ends; Friday's as Saturday begins. Weekends
 * and `holidays` are left out.
 */
export function workday(options: WorkdayOptions = {}): Schedule {
  return declaring('workday()', () => {
    requireShapes('workday()', options, WORKDAY_SHAPES);
    const { holidays = [] } = options;
    const bad = holidays.find((day) => !DAY.test(day));
    if (bad !== undefined) throw new RangeError(`"${bad}" is no day; write e.g. 2026-12-25`);
    return scheduleOf({ case: 'workday', value: { holidays: [...holidays], ...zoneOf(options) } });
  });
}

/** Which data the runs cover, as `lookBackField` and more. Throws a sentence for two answers. */
export function intervalFields(options: IntervalOptions) {
  const { dataInterval = false } = options;
  if (!dataInterval || options.lookBack === undefined) {
    return { dataInterval, ...lookBackField(options) };
  }
  throw new RangeError(
    'dataInterval and lookBack are two ways to say which data a run covers; keep one',
  );
}

/** The interval that ends at a tick, where there is one. */
export function lookBackField({ lookBack }: IntervalOptions) {
  return lookBack === undefined ? {} : { lookBack: durationMessage(lookBack) };
}

/** A schedule around its timetable. */
export function scheduleOf(kind: NonNullable<FieldsOf<typeof TimetableSchema>['kind']>): Schedule {
  return { kind: 'schedule', timetable: create(TimetableSchema, { kind }) };
}

function stepOf(step: Step) {
  if (typeof step === 'object') {
    requireShapes<typeof step>('the step', step, { months: 'number!' });
    return { months: wholeNumber('months', step.months, { min: 1, max: MONTHS_MAX }) };
  }
  if (durationMs(step) < 1_000) {
    throw new RangeError(`${JSON.stringify(step)} is too often; a second is the least`);
  }
  return { delta: durationMessage(step) };
}

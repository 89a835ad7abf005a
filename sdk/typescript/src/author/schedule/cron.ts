// Schedules by cron: one expression, several as one, and ticks that stand for partitions.
import { type CronTimetableSchema, RunImmediately } from '../../gen/dagmesh/dag/v1/timetable_pb.ts';
import { wholeNumber } from '../checks/checks.ts';
import { declaring } from '../checks/dag-error.ts';
import { type Duration, durationMessage } from '../values/duration.ts';
import type { FieldsOf } from '../values/fields.ts';
import {
  type IntervalOptions,
  intervalFields,
  lookBackField,
  type Schedule,
  scheduleOf,
} from './schedule.ts';
import { requireShapes, type Shapes } from '../checks/shapes.ts';
import { type ZoneOptions, zoneOf } from './zone.ts';

/** Cron schedules with a name. */
const PRESETS = ['@hourly', '@daily', '@weekly', '@monthly', '@quarterly', '@yearly'] as const;

/** A named cron schedule, `@once` or `@continuous`. */
export type Preset = (typeof PRESETS)[number] | '@once' | '@continuous';

/** What may be said of a cron schedule. */
export type CronOptions = IntervalOptions & ZoneOptions & StartOptions;

type StartOptions = {
  /**
   * Without a start date: whether the first run is the tick that just passed. Always (true), never
   * (false), when it is not older than a span; by default when it is not older than a tenth of the
   * period or five minutes.
   */
  readonly runImmediately?: boolean | Duration;
};

/** What may be said of a list of cron schedules. */
export type MultipleCronOptions = Omit<CronOptions, 'dataInterval'>;

/** What may be said of cron ticks that stand for partitions. */
export type CronPartitionOptions = ZoneOptions & {
  /** The partition is that of so many ticks later, earlier when negative; 0 by default. */
  readonly runOffset?: number;
  /** As strftime; `%Y-%m-%dT%H:%M:%S` by default. */
  readonly keyFormat?: string;
};

/** A preset, or fields with blanks between them. */
export type CronExpression = (typeof PRESETS)[number] | (string & {});

const EXPRESSIONS_MAX = 100;
const MULTIPLE_SHAPES: Shapes<MultipleCronOptions> = {
  lookBack: 'span',
  timezone: 'text',
  runImmediately: 'any',
};
const CRON_SHAPES: Shapes<CronOptions> = { ...MULTIPLE_SHAPES, dataInterval: 'flag' };
const PARTITION_SHAPES: Shapes<CronPartitionOptions> = {
  timezone: 'text',
  runOffset: 'number',
  keyFormat: 'text',
};

/**
 * A cron schedule: five fields (minute hour day month weekday), six with seconds, seven with years
 * behind them, or a preset. Throws a DagError for one that cannot be, as all of these functions do.
 */
export function cron(expression: CronExpression, options: CronOptions = {}): Schedule {
  return declaring('cron()', () => cronSchedule(expression, options));
}

/** As `cron`, but throws a sentence that does not say where. */
export function cronSchedule(expression: CronExpression, options: CronOptions = {}): Schedule {
  requireShapes('cron()', options, CRON_SHAPES);
  requireCron(expression);
  const value = {
    expression: expression.trim(),
    ...intervalFields(options),
    ...zoneOf(options),
    ...startOf(options),
  };
  return scheduleOf({ case: 'cron', value });
}

/** Several cron schedules as one: at most one run per instant. */
export function multipleCron(
  expressions: readonly string[],
  options: MultipleCronOptions = {},
): Schedule {
  return declaring('multipleCron()', () => multipleSchedule(expressions, options));
}

/**
 * Cron ticks that stand for partitions: runs carry a partition key instead of a logical date, the
 * tick as `keyFormat` writes it.
 */
export function cronPartition(
  expression: CronExpression,
  options: CronPartitionOptions = {},
): Schedule {
  return declaring('cronPartition()', () => {
    requireShapes('cronPartition()', options, PARTITION_SHAPES);
    requireCron(expression);
    const limits = { min: -10_000, max: 10_000 };
    const runOffset = wholeNumber('runOffset', options.runOffset ?? 0, limits);
    const { keyFormat = '' } = options;
    const value = { expression: expression.trim(), ...zoneOf(options), runOffset, keyFormat };
    return scheduleOf({ case: 'cronPartition', value });
  });
}

function multipleSchedule(expressions: readonly string[], options: MultipleCronOptions) {
  requireShapes('multipleCron()', options, MULTIPLE_SHAPES);
  if (expressions.length < 1 || expressions.length > EXPRESSIONS_MAX) {
    throw new RangeError(`it takes 1 to ${EXPRESSIONS_MAX} expressions, not ${expressions.length}`);
  }
  expressions.forEach(requireCron);
  const value = {
    expressions: expressions.map((expression) => expression.trim()),
    ...zoneOf(options),
    ...lookBackField(options),
    ...startOf(options),
  };
  return scheduleOf({ case: 'multipleCron', value });
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
  if (typeof expression !== 'string') throw new RangeError(`${String(expression)} is no cron text`);
  const text = expression.trim();
  if (text.startsWith('@')) {
    if ((PRESETS as readonly string[]).includes(text)) return;
    throw new RangeError(
      `there is no preset ${text}; the presets are ${PRESETS.join(', ')}, @once, @continuous`,
    );
  }
  const fieldsCount = text === '' ? 0 : text.split(/\s+/).length;
  if (fieldsCount < 5 || fieldsCount > 7) {
    throw new RangeError(
      `"${expression}" has ${fieldsCount} fields; a cron expression has five: ` +
        'minute hour day month weekday (a sixth is the seconds, a seventh the years)',
    );
  }
}

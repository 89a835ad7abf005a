// Reads a cron expression into sets of allowed values; the only place that knows cron-parser.
import { CronExpressionParser } from 'cron-parser';

/** The n-th (1–5) or the last occurrence of a weekday in its month. */
export type WeekdayOccurrence = { readonly weekday: number; readonly nth: number | 'last' };

/** What a cron expression allows, field by field. */
export type CronSets = {
  /** 0–59. */
  readonly minutes: ReadonlySet<number>;
  /** 0–23. */
  readonly hours: ReadonlySet<number>;
  /** 1–31. */
  readonly daysOfMonth: ReadonlySet<number>;
  /** Whether the last day of each month is allowed (`L`). */
  readonly lastDayOfMonth: boolean;
  /** 1–12. */
  readonly months: ReadonlySet<number>;
  /** 0 (Sunday) – 6. */
  readonly weekdays: ReadonlySet<number>;
  /** `5#3` and `5L`. */
  readonly weekdayOccurrences: readonly WeekdayOccurrence[];
  /** False when the day-of-month field is `*` or `?`. */
  readonly restrictsDayOfMonth: boolean;
  /** False when the weekday field is `*` or `?`. */
  readonly restrictsWeekday: boolean;
};

/** The presets an expression may name instead of five fields. */
export const CRON_PRESETS: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@quarterly', '0 0 1 */3 *'],
  ['@yearly', '0 0 1 1 *'],
]);

const FIELD_NAMES = ['minute', 'hour', 'day of month', 'month', 'day of week'] as const;

type FieldName = (typeof FIELD_NAMES)[number];

/**
 * Reads five fields (minute, hour, day of month, month, day of week) or a preset. Understands `*`,
 * `?`, lists, ranges, steps, names of months and weekdays, `L`, `5L` (also `L5`) and `5#3`. Throws
 * an Error whose sentence names the field and what is wrong with it.
 */
export function readCronExpression(expression: string): CronSets {
  const fields = splitFields(expression);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = FIELD_NAMES.map((name, at) =>
    readField(name, fields[at] ?? ''),
  ) as [FieldValues, FieldValues, FieldValues, FieldValues, FieldValues];
  return {
    minutes: minute.numbers,
    hours: hour.numbers,
    daysOfMonth: dayOfMonth.numbers,
    lastDayOfMonth: dayOfMonth.last,
    months: month.numbers,
    weekdays: dayOfWeek.numbers,
    weekdayOccurrences: dayOfWeek.occurrences,
    restrictsDayOfMonth: dayOfMonth.restricted,
    restrictsWeekday: dayOfWeek.restricted,
  };
}

function splitFields(expression: string): readonly string[] {
  const text = expression.trim();
  if (text.startsWith('@')) {
    const preset = CRON_PRESETS.get(text);
    if (preset !== undefined) return preset.split(' ');
    const known = [...CRON_PRESETS.keys()].join(', ');
    throw new Error(`there is no schedule preset "${text}"; the presets are ${known} and @once`);
  }
  const fields = text === '' ? [] : text.split(/\s+/);
  if (fields.length !== FIELD_NAMES.length) {
    throw new Error(
      `the cron expression "${text}" has ${fields.length} fields; it must have five: ${FIELD_NAMES.join(', ')}`,
    );
  }
  return fields;
}

type FieldValues = {
  readonly numbers: Set<number>;
  readonly last: boolean;
  readonly occurrences: WeekdayOccurrence[];
  readonly restricted: boolean;
};

// Items are parsed one by one, so that an item may repeat another's value, which cron-parser
// refuses.
function readField(name: FieldName, text: string): FieldValues {
  const numbers = new Set<number>();
  const occurrences: WeekdayOccurrence[] = [];
  let last = false;
  for (const item of text.split(',')) {
    const { values, nth } = parseItem(name, item);
    for (const value of values) {
      if (value === 'L') last = true;
      else if (typeof value === 'string') {
        occurrences.push({ weekday: Number.parseInt(value, 10) % 7, nth: 'last' });
      } else if (nth > 0) occurrences.push({ weekday: value % 7, nth });
      else numbers.add(name === 'day of week' ? value % 7 : value);
    }
  }
  return { numbers, last, occurrences, restricted: text !== '*' && text !== '?' };
}

function parseItem(name: FieldName, item: string): { values: (number | string)[]; nth: number } {
  if (item === '') throw new Error(`the ${name} field of the cron expression has an empty item`);
  // THU is a weekday, any other H would mean "a value picked by a hash".
  if (/h(?!u)/i.test(item)) {
    throw new Error(`the ${name} field "${item}" uses H, which is not supported; write a number`);
  }
  const position = FIELD_NAMES.indexOf(name);
  const alone = FIELD_NAMES.map((_, at) => (at === position ? croniterToCronParser(item) : '*'));
  try {
    const { fields } = CronExpressionParser.parse(alone.join(' '));
    const { minute, hour, dayOfMonth, month, dayOfWeek } = fields;
    const field = [minute, hour, dayOfMonth, month, dayOfWeek][position];
    return { values: [...(field?.values ?? [])], nth: dayOfWeek.nthDay };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the ${name} field of the cron expression cannot be "${item}": ${reason}`, {
      cause,
    });
  }
}

// Airflow's cron library writes "last Friday" as L5, cron-parser as 5L.
function croniterToCronParser(item: string): string {
  return item.replace(/^L([0-7])$/, '$1L');
}

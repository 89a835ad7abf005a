// Reads a cron expression into sets of allowed values; the only place that knows cron-parser.
import { CronExpressionParser } from 'cron-parser';
import { FIELD_NAMES, type FieldName, readNearestWeekday, toPlainItems } from './cron-dialect.ts';
import { readCronYears } from './cron-years.ts';

/** The n-th (1–5) or the last occurrence of a weekday in its month. */
export type WeekdayOccurrence = { readonly weekday: number; readonly nth: number | 'last' };

/** What a cron expression allows, field by field. */
export type CronSets = {
  /** 0–59; only 0 when the expression has no sixth field. */
  readonly seconds: ReadonlySet<number>;
  /** 0–59. */
  readonly minutes: ReadonlySet<number>;
  /** 0–23. */
  readonly hours: ReadonlySet<number>;
  /** 1–31. */
  readonly daysOfMonth: ReadonlySet<number>;
  /** Whether the last day of each month is allowed (`L`). */
  readonly lastDayOfMonth: boolean;
  /** The day of the month whose nearest working day is allowed (`15W`); undefined for none. */
  readonly nearestWeekday: number | undefined;
  /** 1–12. */
  readonly months: ReadonlySet<number>;
  /** 1970–2099; undefined when any year is allowed. */
  readonly years: ReadonlySet<number> | undefined;
  /** 0 (Sunday) – 6. */
  readonly weekdays: ReadonlySet<number>;
  /** `5#3` and `5L`. */
  readonly weekdayOccurrences: readonly WeekdayOccurrence[];
  /** False when the day-of-month field is `*` or `?`, or means the same. */
  readonly restrictsDayOfMonth: boolean;
  /** False when the weekday field is `*` or `?`, or means the same. */
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

/**
 * Reads five fields (minute, hour, day of month, month, day of week), six with the seconds, seven
 * with the year last, or a preset. Understands `*`, `?`, lists, ranges, steps, names of months and
 * weekdays, `L`, `15W`, `L5` and `5#3`. Throws an Error whose sentence names the field and what is
 * wrong with it.
 */
export function readCronExpression(expression: string): CronSets {
  const fields = splitFields(expression);
  const [minute, hour, dayOfMonth, month, dayOfWeek, second] = FIELD_NAMES.map((name, at) =>
    readField(name, fields[at] ?? '0'),
  ) as [FieldValues, FieldValues, FieldValues, FieldValues, FieldValues, FieldValues];
  return {
    seconds: second.numbers,
    minutes: minute.numbers,
    hours: hour.numbers,
    daysOfMonth: dayOfMonth.numbers,
    lastDayOfMonth: dayOfMonth.last,
    nearestWeekday: dayOfMonth.nearestWeekday,
    months: month.numbers,
    years: readCronYears(fields[FIELD_NAMES.length] ?? '*'),
    weekdays: dayOfWeek.numbers,
    weekdayOccurrences: dayOfWeek.occurrences,
    restrictsDayOfMonth: restricts(dayOfMonth, 31, dayOfWeek),
    restrictsWeekday: restricts(dayOfWeek, 7, dayOfMonth),
  };
}

// croniter takes a list of all days for `*`, but only where the other field has a `*` in it.
function restricts(field: FieldValues, size: number, other: FieldValues): boolean {
  if (field.text === '*' || field.text === '?') return false;
  return field.numbers.size < size || !/[*?]/.test(other.text);
}

function splitFields(expression: string): readonly string[] {
  const text = expression.trim();
  if (text.startsWith('@')) {
    const preset = CRON_PRESETS.get(text);
    if (preset !== undefined) return preset.split(' ');
    const known = [...CRON_PRESETS.keys()].join(', ');
    throw new Error(
      `there is no schedule preset "${text}"; the presets are ${known}, @once and @continuous`,
    );
  }
  const fields = text === '' ? [] : text.split(/\s+/);
  if (fields.length < 5 || fields.length > 7) {
    const names = FIELD_NAMES.slice(0, 5).join(', ');
    throw new Error(
      `the cron expression "${text}" has ${fields.length} fields; it must have five: ${names}; a sixth is the second, a seventh the year`,
    );
  }
  return fields;
}

type FieldValues = {
  readonly text: string;
  readonly numbers: Set<number>;
  readonly last: boolean;
  readonly nearestWeekday: number | undefined;
  readonly occurrences: WeekdayOccurrence[];
};

// Items are parsed one by one, so that an item may repeat another's value, which cron-parser
// refuses.
function readField(name: FieldName, text: string): FieldValues {
  const numbers = new Set<number>();
  const occurrences: WeekdayOccurrence[] = [];
  let last = false;
  const nearestWeekday = name === 'day of month' ? readNearestWeekday(text) : undefined;
  const items = nearestWeekday === undefined ? text.split(',') : [];
  for (const item of items.flatMap((each) => toPlainItems(name, each))) {
    const { values, nth } = parseItem(name, item);
    for (const value of values) {
      if (value === 'L') last = true;
      else if (typeof value === 'string') {
        occurrences.push({ weekday: Number.parseInt(value, 10) % 7, nth: 'last' });
      } else if (nth > 0) occurrences.push({ weekday: value % 7, nth });
      else numbers.add(name === 'day of week' ? value % 7 : value);
    }
  }
  return { text, numbers, last, nearestWeekday, occurrences };
}

function parseItem(name: FieldName, item: string): { values: (number | string)[]; nth: number } {
  const alone = FIELD_NAMES.map((each) => (each === name ? item : '*'));
  // cron-parser wants the seconds first.
  const reordered = [...alone.slice(5), ...alone.slice(0, 5)];
  try {
    const { fields } = CronExpressionParser.parse(reordered.join(' '));
    const { minute, hour, dayOfMonth, month, dayOfWeek, second } = fields;
    const field = [minute, hour, dayOfMonth, month, dayOfWeek, second][FIELD_NAMES.indexOf(name)];
    return { values: [...(field?.values ?? [])], nth: dayOfWeek.nthDay };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the ${name} field of the cron expression cannot be "${item}": ${reason}`, {
      cause,
    });
  }
}

// Rewrites what croniter, Airflow's cron library, spells otherwise than cron-parser, item by item.

/** The fields in the order they are written; seconds may be left out, and a year may follow. */
export const FIELD_NAMES = [
  'minute',
  'hour',
  'day of month',
  'month',
  'day of week',
  'second',
] as const;

export type FieldName = (typeof FIELD_NAMES)[number];

/** Lowest and highest value of a field. */
const BOUNDS: Readonly<Record<FieldName, readonly [number, number]>> = {
  minute: [0, 59],
  hour: [0, 23],
  'day of month': [1, 31],
  month: [1, 12],
  'day of week': [0, 6],
  second: [0, 59],
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * The items that cron-parser reads as croniter reads this one. `L5` is the last Friday, `28-L` ends
 * with the month, `mon-fri#1` is the first of each of these days, and a range may run over its
 * field's end, as in `fri-mon` or `22-2`. Throws an Error with a sentence for what means different
 * things to different crons.
 */
export function toPlainItems(name: FieldName, item: string): readonly string[] {
  if (item === '') throw new Error(`the ${name} field of the cron expression has an empty item`);
  // THU is a weekday, any other H would mean "a value picked by a hash".
  if (/h(?!u)/i.test(item)) {
    throw new Error(`the ${name} field "${item}" uses H, which is not supported; write a number`);
  }
  if (item.includes('?') && !name.startsWith('day of')) {
    throw new Error(`the ${name} field cannot be "${item}"; ? stands for a day only, write *`);
  }
  if (name === 'day of month')
    return toPlainRange(name, item.replace(/^(\w+)-L(?=\/|$)/i, '$1-31'));
  if (name === 'day of week' && /^L[0-7]$/i.test(item)) return [`${item.slice(1)}L`];
  return toPlainRange(name, item);
}

/**
 * The day of `15W`, which stands for the working day next to it in its month; undefined when the
 * field has no W. Throws an Error with a sentence when the W does not stand with one single day.
 */
export function readNearestWeekday(field: string): number | undefined {
  if (!/w/i.test(field)) return undefined;
  const [, before, after] = /^(?:(\d{1,2})W|W(\d{1,2}))$/i.exec(field) ?? [];
  const day = Number(before ?? after);
  const [lowest, highest] = BOUNDS['day of month'];
  if (day >= lowest && day <= highest) return day;
  throw new Error(`the day of month field cannot be "${field}"; W goes with one day, as in 15W`);
}

function toPlainRange(name: FieldName, item: string): readonly string[] {
  const [, first, last, suffix = ''] = /^(\w+)(?:-(\w+))?([#/]\d+)?$/.exec(item) ?? [];
  const [low, high] = BOUNDS[name];
  const from = startOf(name, first);
  if (from === undefined) return [item];
  if (last === undefined) return suffix.startsWith('/') ? [`${from}-${high}${suffix}`] : [item];
  const to = valueOf(name, last);
  if (to === undefined) return [item];
  if (from === to || first === last) {
    throw new Error(
      `the ${name} field has the range "${item}", which some read as one value and some as all; write ${first} or *`,
    );
  }
  if (suffix.startsWith('#')) {
    return weekdaysBetween(from, to).map((weekday) => `${weekday}${suffix}`);
  }
  if (from < to || from > high || to < low) return [`${from}-${to}${suffix}`];
  return suffix === '' ? [`${from}-${high}`, `${low}-${to}`] : [item];
}

/** A range or a step may start at Sunday in the spelling that is higher than all other days. */
function startOf(name: FieldName, text: string | undefined): number | undefined {
  const value = valueOf(name, text);
  return name === 'day of week' && value === 7 ? 0 : value;
}

function valueOf(name: FieldName, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const names = name === 'month' ? MONTHS : name === 'day of week' ? WEEKDAYS : [];
  const position = names.indexOf(text.toLowerCase());
  return position < 0 ? undefined : position + BOUNDS[name][0];
}

function weekdaysBetween(from: number, to: number): readonly number[] {
  const count = ((to - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, step) => (from + step) % 7);
}

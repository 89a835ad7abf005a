// Reads what people type on the command line: spans, instants, JSON, names of states.
import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `500ms`, `90s`, `5m`, `2h`, or a bare number of seconds, as milliseconds. */
export function parseSpanMs(text: string): number {
  const [, amount, unit = 's'] = /^(\d{1,9})(ms|s|m|h)?$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (amount === undefined || unitMs === undefined) {
    throw new InvalidArgumentError('Write it like 90s, 5m or 2h.');
  }
  return Number(amount) * unitMs;
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/** An ISO 8601 date or instant as epoch milliseconds; without an offset it means UTC. */
export function parseInstantMs(text: string): number {
  const [, date = '', time = '00:00', zone = 'Z'] = INSTANT.exec(text) ?? [];
  const epochMs = Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(epochMs) || !isCalendarDate(date)) {
    throw new InvalidArgumentError('Write it like 2026-01-31 or 2026-01-31T09:30:00+01:00.');
  }
  return epochMs;
}

/** False for 30 February, which `Date` takes for 2 March. */
function isCalendarDate(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

/** The text itself, once it is known to be a JSON object. */
export function parseJsonObject(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : String(error);
    throw new InvalidArgumentError(`It is not JSON: ${reason}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('It must be a JSON object, like {"name": "value"}.');
  }
  return text;
}

/** A reader of whole numbers within limits, both inclusive. */
export function parseWhole({ min, max }: { min: number; max: number }): (text: string) => number {
  return (text) => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A reader of one of some names; answers what the name stands for. */
export function parseChoice<T>(choices: ReadonlyMap<string, T>): (text: string) => T {
  return (text) => {
    const value = choices.get(text.toLowerCase());
    if (value === undefined) {
      throw new InvalidArgumentError(`It must be one of ${[...choices.keys()].join(', ')}.`);
    }
    return value;
  };
}

/** Longest map index that is looked for. */
const INDEX_MAX = 2_147_483_647;

/** `3` or `10-19`, both ends inclusive. */
export function parseIndexRange(text: string): { readonly from: number; readonly to: number } {
  const [, first = '', last = first] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(text) ?? [];
  const range = { from: Number(first), to: Number(last) };
  if (first === '' || range.to < range.from || range.to > INDEX_MAX) {
    throw new InvalidArgumentError('Write it like 3 or 10-19.');
  }
  return range;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of a backfill. */
export function parseBackfillId(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('It is no id of a backfill; see them: dagmesh backfill list');
}

/** Any JSON text, once it is known to be one. */
export function parseJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : String(error);
    throw new InvalidArgumentError(`It is not JSON: ${reason}. Texts need quotes: '"like this"'.`);
  }
}

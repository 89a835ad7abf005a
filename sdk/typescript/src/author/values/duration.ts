// Spans of time as authors write them: `'5m'`, `'30s'`, or a number of milliseconds.
import type { Duration as DurationMessage } from '@bufbuild/protobuf/wkt';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { DagError, declaring } from '../checks/dag-error.ts';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The units a span may be written in. */
export type DurationUnit = keyof typeof UNIT_MS;

/**
 * A span of time: a number counts milliseconds; a string has its unit, e.g. `'1.5h'`, `'5m'`,
 * `'250ms'`.
 */
export type Duration = number | `${number}${DurationUnit}`;

const FORM = /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * The span in milliseconds. Throws a sentence for a span that is negative, endless or has no known
 * unit.
 */
export function durationMs(span: Duration): number {
  const ms = signedDurationMs(span);
  if (ms < 0) throw noSpan(span);
  return ms;
}

/** As `durationMs`, for the few spans that may lead into the past. */
export function signedDurationMs(span: Duration): number {
  const ms = typeof span === 'number' ? span : parse(span);
  if (!Number.isFinite(ms)) throw noSpan(span);
  return Math.round(ms);
}

/** The span as the contracts carry it. */
export function durationMessage(span: Duration): DurationMessage {
  return durationFromMs(durationMs(span));
}

/** The span of an option, where there is one. Throws a DagError that names the option. */
export function durationOption(
  option: string,
  span: Duration | undefined,
): DurationMessage | undefined {
  return span === undefined ? undefined : declaring(option, () => durationMessage(span));
}

/** As `durationOption`, for what would be over before it began if it were 0. */
export function positiveDuration(
  option: string,
  span: Duration | undefined,
): DurationMessage | undefined {
  if (span === undefined || declaring(option, () => durationMs(span)) > 0) {
    return durationOption(option, span);
  }
  throw new DagError(`${option} is ${JSON.stringify(span)}; it must be longer than nothing`);
}

function noSpan(span: Duration): RangeError {
  return new RangeError(`${JSON.stringify(span)} is not a span of time; write e.g. '30s' or '5m'`);
}

function parse(span: string): number {
  const [, amount, unit] = FORM.exec(span) ?? [];
  if (amount === undefined || unit === undefined) return Number.NaN;
  return Number(amount) * UNIT_MS[unit as DurationUnit];
}

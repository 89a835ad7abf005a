// Reads the contract's Timetable into a checked, prepared value, and describes it to people.
import type { Timetable } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { type CronTicks, createCronTicks } from './cron-ticks.ts';

/** A timetable, checked and prepared; make it with `parseTimetable`, once per DAG version. */
export type CompiledTimetable =
  | {
      readonly kind: 'cron';
      readonly ticks: CronTicks;
      /** True: runs cover the interval between two ticks. False: runs are points in time. */
      readonly dataInterval: boolean;
    }
  | { readonly kind: 'delta'; readonly deltaMs: number; readonly dataInterval: boolean }
  | { readonly kind: 'once' };

/**
 * Checks and prepares a timetable. Throws a plain Error with a sentence for authors: bad cron,
 * unknown zone, a date that never comes, a distance that is not positive, no schedule at all.
 */
export function parseTimetable(timetable: Timetable): CompiledTimetable {
  const { kind } = timetable;
  switch (kind.case) {
    case 'cron': {
      const { expression, timezone, dataInterval } = kind.value;
      if (expression.trim() === '@once') return { kind: 'once' };
      return { kind: 'cron', ticks: createCronTicks(expression, timezone), dataInterval };
    }
    case 'delta': {
      const { delta, dataInterval } = kind.value;
      const deltaMs = delta ? Number(delta.seconds) * 1_000 + Math.floor(delta.nanos / 1e6) : 0;
      if (deltaMs <= 0) {
        throw new Error(`the distance between two runs is ${deltaMs} ms; it must be positive`);
      }
      return { kind: 'delta', deltaMs, dataInterval };
    }
    case 'once':
      return { kind: 'once' };
    default:
      throw new Error('the timetable is empty; give it a cron expression, a distance, or once');
  }
}

/** One line for people: `0 2 * * * (Europe/Zurich)`, `every 1 h 30 min`, `@once`. */
export function describeTimetable(timetable: CompiledTimetable): string {
  switch (timetable.kind) {
    case 'cron':
      return `${timetable.ticks.expression} (${timetable.ticks.zone.name})`;
    case 'delta':
      return `every ${describeSpan(timetable.deltaMs)}`;
    case 'once':
      return '@once';
  }
}

const SPANS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
  [1, 'ms'],
] as const;

function describeSpan(spanMs: number): string {
  const words: string[] = [];
  let restMs = spanMs;
  for (const [unitMs, unit] of SPANS) {
    const count = Math.floor(restMs / unitMs);
    if (count > 0) words.push(`${count} ${unit}`);
    restMs -= count * unitMs;
  }
  return words.join(' ');
}

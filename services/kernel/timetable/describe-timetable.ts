// Describes a timetable to people, in a line.
import type { CompiledEvents, CompiledTimetable } from './compiled-timetable.ts';
import type { Step } from './rhythm.ts';

/** One line for people: `0 2 * * * (Europe/Zurich)`, `every 1 h 30 min`, `@once`. */
export function describeTimetable(timetable: CompiledTimetable): string {
  switch (timetable.kind) {
    case 'cron':
      return `${timetable.ticks.expression} (${timetable.ticks.zone.name})`;
    case 'delta':
      return `every ${describeStep(timetable.step)}`;
    case 'once':
    case 'continuous':
      return `@${timetable.kind}`;
    case 'multiple_cron': {
      const { members } = timetable;
      const expressions = members.map(({ ticks }) => ticks.expression).join(', ');
      return `${expressions} (${members[0].ticks.zone.name})`;
    }
    case 'events':
      return describeEvents(timetable);
    case 'workday': {
      const { days, holidays } = timetable;
      const exceptions = holidays.size === 0 ? '' : ` but ${counted(holidays.size, 'holiday')}`;
      return `after each working day${exceptions} (${days.zone.name})`;
    }
    case 'asset':
      return 'when assets are updated';
    case 'asset_or_time':
      return `when assets are updated, or ${describeTimetable(timetable.time)}`;
    case 'cron_partition': {
      const { ticks, runOffset } = timetable;
      const distance = runOffset === 0 ? '' : `, ${describeOffset(runOffset)}`;
      return `partitions of ${ticks.expression} (${ticks.zone.name})${distance}`;
    }
    case 'partitioned_asset':
      return 'when partitions of assets are updated';
  }
}

function describeEvents({ instantsMs, description }: CompiledEvents): string {
  if (description !== '') return description;
  const [first] = instantsMs;
  const last = instantsMs.at(-1) ?? first;
  if (first === last) return `1 event at ${writeInstant(first)}`;
  return `${instantsMs.length} events between ${writeInstant(first)} and ${writeInstant(last)}`;
}

function describeOffset(runOffset: number): string {
  const direction = runOffset < 0 ? 'before' : 'after';
  return `${counted(Math.abs(runOffset), 'tick')} ${direction} the run`;
}

function describeStep({ months, spanMs }: Step): string {
  const span = describeSpan(spanMs);
  if (months === 0) return span;
  return span === '' ? describeMonths(months) : `${describeMonths(months)} and ${span}`;
}

function describeMonths(months: number): string {
  if (months % 12 !== 0) return months === 1 ? 'month' : `${months} months`;
  return months === 12 ? 'year' : `${months / 12} years`;
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

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function writeInstant(atMs: number): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z');
}

// The instants of a cron schedule in a time zone, forwards and backwards.
import { readCronExpression } from './cron-expression.ts';
import { createWallClock, type WallClock } from './wall-clock.ts';
import { type Zone, type ZoneSegment, zoneOf } from './zone.ts';

/**
 * A cron schedule as a set of instants ("ticks"). Three rules fix the set, and every search below
 * answers from it, so `nextTick` strictly rises and `prevTick` inverts it, whatever the zone does:
 *
 * 1. An instant is a tick when its wall clock reads what is allowed. Of a reading that comes twice
 *    (clocks go back) only the second is a tick, unless the hours cover the whole day: then time
 *    simply passes, and both are.
 * 2. An allowed reading that is left out (clocks go forward) ticks later by the width of the gap.
 * 3. Two readings that fall on one instant are one tick.
 *
 * Airflow adds wall-clock distances to instants when the hours cover the whole day. For changes of
 * whole hours that is this set. Where it is not (half an hour twice in Lord Howe, or a change
 * between two ticks of `0 * * * 1`), its answer depends on where one asks from, and misses or
 * invents runs; the set stands.
 */
export type CronTicks = {
  readonly expression: string;
  readonly zone: Zone;
  readonly clock: WallClock;
};

// How far a wall clock may have been set forwards or back in all: no zone ever moved by more than
// 27 hours.
const OFFSET_CHANGE_MAX_MS = 2 * 86_400_000;
const YEAR_1_MS = -62_135_596_800_000;
const YEAR_9999_END_MS = 253_402_300_799_999;

/** Reads expression and zone. Throws an Error with a sentence when one of them is wrong. */
export function createCronTicks(expression: string, timezone: string): CronTicks {
  const clock = createWallClock(readCronExpression(expression));
  return { expression: expression.trim(), zone: zoneOf(timezone), clock };
}

/**
 * The first tick after an instant (epoch ms); undefined when there is none before the year 10000.
 */
export function nextTick(ticks: CronTicks, afterMs: number): number | undefined {
  let fromMs = Math.max(Math.floor(afterMs) + 1, YEAR_1_MS);
  while (fromMs <= YEAR_9999_END_MS) {
    const segment = ticks.zone.segmentAt(fromMs);
    const tick = earlier(firstPlain(ticks, segment, fromMs), firstShifted(ticks, segment, fromMs));
    if (tick !== undefined) return tick <= YEAR_9999_END_MS ? tick : undefined;
    // No later reading of the clock can be lower than this, so segments without a tick are leapt
    // over.
    const wallMs = ticks.clock.atOrAfter(fromMs + segment.offsetMs - OFFSET_CHANGE_MAX_MS);
    if (wallMs === undefined) return undefined;
    fromMs = Math.max(segment.untilMs, wallMs - segment.offsetMs - OFFSET_CHANGE_MAX_MS);
  }
  return undefined;
}

/** The last tick before an instant (epoch ms); undefined when there is none since the year 1. */
export function prevTick(ticks: CronTicks, beforeMs: number): number | undefined {
  let uptoMs = Math.min(Math.ceil(beforeMs) - 1, YEAR_9999_END_MS);
  while (uptoMs >= YEAR_1_MS) {
    const segment = ticks.zone.segmentAt(uptoMs);
    const tick = later(lastPlain(ticks, segment, uptoMs), lastShifted(ticks, segment, uptoMs));
    if (tick !== undefined) return tick >= YEAR_1_MS ? tick : undefined;
    const wallMs = ticks.clock.atOrBefore(uptoMs + segment.offsetMs + OFFSET_CHANGE_MAX_MS);
    if (wallMs === undefined) return undefined;
    uptoMs = Math.min(segment.fromMs - 1, wallMs - segment.offsetMs + OFFSET_CHANGE_MAX_MS);
  }
  return undefined;
}

/** The instant itself when it is a tick, else the next one. */
export function tickAtOrAfter(ticks: CronTicks, atMs: number): number | undefined {
  return nextTick(ticks, Math.ceil(atMs) - 1);
}

/** The instant itself when it is a tick, else the one before. */
export function tickAtOrBefore(ticks: CronTicks, atMs: number): number | undefined {
  return prevTick(ticks, Math.floor(atMs) + 1);
}

// Ticks that the segment's own clock reads.
function firstPlain(ticks: CronTicks, segment: ZoneSegment, fromMs: number): number | undefined {
  const wallMs = ticks.clock.atOrAfter(fromMs + segment.offsetMs);
  if (wallMs === undefined) return undefined;
  const tick = wallMs - segment.offsetMs;
  return tick < segment.untilMs - hiddenMs(ticks, segment) ? tick : undefined;
}

function lastPlain(ticks: CronTicks, segment: ZoneSegment, uptoMs: number): number | undefined {
  const lastMs = Math.min(uptoMs, segment.untilMs - hiddenMs(ticks, segment) - 1);
  const wallMs = ticks.clock.atOrBefore(lastMs + segment.offsetMs);
  if (wallMs === undefined) return undefined;
  const tick = wallMs - segment.offsetMs;
  return tick >= segment.fromMs ? tick : undefined;
}

// How much of a segment's end does not tick, because its readings come again.
function hiddenMs(ticks: CronTicks, segment: ZoneSegment): number {
  return ticks.clock.coversEveryHour ? 0 : segment.repeatedMs;
}

// Ticks of readings that the change at the segment's start left out: read with the offset before
// the change, they fall into the first `skippedMs` of the segment.
function firstShifted(ticks: CronTicks, segment: ZoneSegment, fromMs: number): number | undefined {
  if (fromMs >= segment.fromMs + segment.skippedMs) return undefined;
  const offsetBeforeMs = segment.offsetMs - segment.skippedMs;
  const wallMs = ticks.clock.atOrAfter(fromMs + offsetBeforeMs);
  if (wallMs === undefined || wallMs >= segment.fromMs + segment.offsetMs) return undefined;
  return wallMs - offsetBeforeMs;
}

function lastShifted(ticks: CronTicks, segment: ZoneSegment, uptoMs: number): number | undefined {
  if (segment.skippedMs === 0) return undefined;
  const offsetBeforeMs = segment.offsetMs - segment.skippedMs;
  const lastMs = Math.min(uptoMs, segment.fromMs + segment.skippedMs - 1);
  const wallMs = ticks.clock.atOrBefore(lastMs + offsetBeforeMs);
  if (wallMs === undefined || wallMs < segment.fromMs + offsetBeforeMs) return undefined;
  return wallMs - offsetBeforeMs;
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

// Time zones as stretches of constant offset, for computing schedules with plain numbers.
import { Temporal } from 'temporal-polyfill';

/** A stretch of absolute time during which a zone keeps one offset. All values in milliseconds. */
export type ZoneSegment = {
  /** First instant, epoch ms; `-Infinity` when the zone never had another offset before. */
  readonly fromMs: number;
  /** First instant after it, epoch ms; `Infinity` when the offset stays for ever. */
  readonly untilMs: number;
  /** Wall clock minus UTC. */
  readonly offsetMs: number;
  /** How much wall-clock time the change at `fromMs` leaves out; 0 when none (a gap). */
  readonly skippedMs: number;
  /**
   * How much wall-clock time at the end of this stretch comes again after `untilMs`; 0 when none (a
   * fold).
   */
  readonly repeatedMs: number;
};

/** A time zone. */
export type Zone = {
  /** As the author wrote it; `UTC` for the empty name. */
  readonly name: string;
  /** The stretch that holds an instant (epoch ms, between the years 1 and 9999). */
  segmentAt(atMs: number): ZoneSegment;
};

// A schedule asks for the same few stretches again and again; a scan over centuries must not grow
// memory.
const SEGMENTS_MAX = 512;
const ZONES_MAX = 2_000;

// No clock is further from UTC.
const OFFSET_MAX_MS = 86_400_000;

const FIXED_UTC: ZoneSegment = {
  fromMs: -Infinity,
  untilMs: Infinity,
  offsetMs: 0,
  skippedMs: 0,
  repeatedMs: 0,
};

const zones = new Map<string, Zone>();

/**
 * The zone of a name: an IANA name (`Europe/Zurich`), a fixed offset (`+02:00`), or empty for UTC.
 * Throws an Error with a sentence when there is no such zone.
 */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = isUtc(name) ? { name: 'UTC', segmentAt: () => FIXED_UTC } : createZone(name);
  if (zones.size >= ZONES_MAX) zones.clear();
  zones.set(name, zone);
  return zone;
}

/**
 * The instant (epoch ms) at which a zone's clock shows a reading: the second when it comes twice,
 * later by the width of the gap when it is left out.
 */
export function toInstant(zone: Zone, wallMs: number): number {
  let segment = zone.segmentAt(wallMs + OFFSET_MAX_MS);
  while (wallMs - segment.offsetMs < segment.fromMs) {
    const offsetBeforeMs = segment.offsetMs - segment.skippedMs;
    if (wallMs - offsetBeforeMs >= segment.fromMs) return wallMs - offsetBeforeMs;
    segment = zone.segmentAt(segment.fromMs - 1);
  }
  return wallMs - segment.offsetMs;
}

function isUtc(name: string): boolean {
  return name === '' || name === 'UTC' || name === 'Etc/UTC';
}

function createZone(name: string): Zone {
  assertKnown(name);
  let segments: ZoneSegment[] = [];
  let latest: ZoneSegment | undefined;
  return {
    name,
    segmentAt(atMs) {
      if (latest !== undefined && holds(latest, atMs)) return latest;
      latest = segments.find((segment) => holds(segment, atMs));
      if (latest === undefined) {
        latest = readSegment(name, atMs);
        if (segments.length >= SEGMENTS_MAX) segments = [];
        segments.push(latest);
      }
      return latest;
    },
  };
}

function holds(segment: ZoneSegment, atMs: number): boolean {
  return atMs >= segment.fromMs && atMs < segment.untilMs;
}

function assertKnown(name: string): void {
  try {
    // Temporal would also take a whole date with a zone in it; this takes names and offsets only.
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch (cause) {
    throw new Error(
      `there is no time zone "${name}"; use an IANA name such as "Europe/Zurich" or "UTC"`,
      { cause },
    );
  }
}

function readSegment(name: string, atMs: number): ZoneSegment {
  // One millisecond later, because "previous" is strict and the change may be at this very instant.
  const from = zoned(name, atMs + 1).getTimeZoneTransition('previous');
  const until = zoned(name, atMs).getTimeZoneTransition('next');
  const offsetMs = offsetAt(name, atMs);
  const offsetBeforeMs = from ? offsetAt(name, from.epochMilliseconds - 1) : offsetMs;
  const offsetAfterMs = until ? offsetAt(name, until.epochMilliseconds) : offsetMs;
  return {
    fromMs: from?.epochMilliseconds ?? -Infinity,
    untilMs: until?.epochMilliseconds ?? Infinity,
    offsetMs,
    skippedMs: Math.max(0, offsetMs - offsetBeforeMs),
    repeatedMs: Math.max(0, offsetMs - offsetAfterMs),
  };
}

function offsetAt(name: string, atMs: number): number {
  return zoned(name, atMs).offsetNanoseconds / 1e6;
}

function zoned(name: string, atMs: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(name);
}

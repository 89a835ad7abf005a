// Milliseconds to protobuf's Timestamp and Duration, and back.
import { create } from '@bufbuild/protobuf';
import {
  type Duration,
  DurationSchema,
  type Timestamp,
  TimestampSchema,
} from '@bufbuild/protobuf/wkt';

/**
 * An instant in milliseconds since the epoch as a Timestamp; fractions of a millisecond are kept to
 * a nanosecond.
 */
export function toTimestamp(ms: number): Timestamp {
  return create(TimestampSchema, split(ms, true));
}

/** A Timestamp as milliseconds since the epoch, fractions kept; undefined stays undefined. */
export function fromTimestamp(timestamp: Timestamp | undefined): number | undefined {
  return timestamp === undefined ? undefined : join(timestamp);
}

/** A span in milliseconds as a Duration, whose two parts have one sign, as protobuf demands. */
export function toDuration(ms: number): Duration {
  return create(DurationSchema, split(ms, false));
}

/** A Duration as milliseconds, fractions kept; undefined stays undefined. */
export function fromDuration(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : join(duration);
}

/**
 * Timestamps count nanoseconds upward from the second below; durations have nanoseconds of the sign
 * of the seconds.
 */
function split(ms: number, nanosUpward: boolean): { seconds: bigint; nanos: number } {
  let seconds = nanosUpward ? Math.floor(ms / 1000) : Math.trunc(ms / 1000);
  let nanos = Math.round((ms - seconds * 1000) * 1_000_000);
  if (nanos === 1_000_000_000) {
    seconds += 1;
    nanos = 0;
  }
  return { seconds: BigInt(seconds), nanos };
}

function join(value: { readonly seconds: bigint; readonly nanos: number }): number {
  return Number(value.seconds) * 1000 + value.nanos / 1_000_000;
}

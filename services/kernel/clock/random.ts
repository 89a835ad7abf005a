// Chance as a room of its own: ids, tokens, and what keeps retries from marching in step.
import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/** Ids of one millisecond are counted from a number of this many bits, chosen anew for each. */
const FIRST_BITS = 25;

let last = { ms: -1, count: 0 };

/**
 * A UUID ordered by the millisecond it was made in, and by its place among those that this process
 * made in that millisecond (RFC 9562, version 7 with a counter of 26 bits): lists that are ordered
 * by id are in the order of their making, also where a catchup makes all its runs at once.
 */
export function uuidV7(nowMs: number = Date.now()): string {
  const count = nowMs === last.ms ? last.count + 1 : randomInt(2 ** FIRST_BITS);
  last = { ms: nowMs, count };
  const time = nowMs.toString(16).padStart(12, '0');
  const high = (0x7000 | ((count >>> 14) & 0x0fff)).toString(16);
  const low = (0x8000 | (count & 0x3fff)).toString(16);
  // The last 48 bits of a random UUID, which Node draws in bulk.
  return `${time.slice(0, 8)}-${time.slice(8)}-${high}-${low}-${randomUUID().slice(24)}`;
}

/** A secret nobody can guess, in base64url; 32 bytes unless told otherwise. */
export function randomToken(bytesCount = 32): string {
  return randomBytes(bytesCount).toString('base64url');
}

/** A whole number from `min` to `max`, both included, evenly. */
export function randomBetween(min: number, max: number): number {
  return randomInt(min, max + 1);
}

/** The given span, give or take half of it, evenly. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random());
}

/**
 * How long to wait before attempt `attempt` (0 is the first retry): doubles each time up to
 * `maxMs`, then jittered ±50 %.
 */
export function backoffMs(options: {
  readonly attempt: number;
  readonly firstMs: number;
  readonly maxMs: number;
}): number {
  const doubledMs = options.firstMs * 2 ** Math.min(options.attempt, 30);
  return jittered(Math.min(doubledMs, options.maxMs));
}

// What texts and messages from workers must be beside their size: JSON, within the contract's
// rules, and nothing that nobody could store or compute with.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { brokenRules } from '#kernel/contract/contract.ts';
import { WAIT_MAX_MS } from './limits.ts';

/** 0001-01-01 and 9999-12-31, in seconds since the epoch. */
const EARLIEST_SECONDS = -62_135_596_800n;
const LATEST_SECONDS = 253_402_300_799n;

const DURATION = 'google.protobuf.Duration';
const TIMESTAMP = 'google.protobuf.Timestamp';

/**
 * The first rule of its contract that a message breaks, or what nobody could store of it, in a
 * sentence that names the field; undefined for a good one.
 */
export function brokenMessage<D extends DescMessage>(
  desc: D,
  message: MessageShape<D>,
  name: string,
): string | undefined {
  const [broken] = brokenRules(desc, message);
  if (broken !== undefined) {
    const field = broken.field === '' ? name : `${name}.${broken.field}`;
    return `${field}: ${broken.message}`;
  }
  const reason = brokenValue(message);
  return reason === undefined ? undefined : `${name}: ${reason}`;
}

/**
 * What is wrong with a text, span or instant anywhere in a message, in a sentence: PostgreSQL takes
 * no NUL, and times must lie within the calendar.
 */
function brokenValue(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value.includes('\0') ? 'a text holds a NUL character; leave it out' : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (isSpanOrInstant(value)) return brokenTime(value);
  for (const [key, part] of Object.entries(value)) {
    const broken = brokenValue(key) ?? brokenValue(part);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

type SpanOrInstant = { readonly $typeName: string; readonly seconds: bigint };

function isSpanOrInstant(value: object): value is SpanOrInstant {
  const typeName = '$typeName' in value ? value.$typeName : undefined;
  return typeName === DURATION || typeName === TIMESTAMP;
}

function brokenTime({ $typeName, seconds }: SpanOrInstant): string | undefined {
  if ($typeName === DURATION) {
    const isSpan = seconds >= 0n && seconds * 1000n <= BigInt(WAIT_MAX_MS);
    return isSpan ? undefined : `a span of ${seconds} s is negative or longer than ten years`;
  }
  const isInstant = seconds >= EARLIEST_SECONDS && seconds <= LATEST_SECONDS;
  return isInstant ? undefined : 'an instant is beyond the years 1 to 9999';
}

/** True for any JSON text. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** True for the JSON text of an object. */
export function isJsonObject(text: string): boolean {
  return text.trimStart().startsWith('{') && isJson(text);
}

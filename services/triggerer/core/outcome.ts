// What a trigger comes to, and how that is told to a scheduler within the contract's limits.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TriggerEventSchema } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';

/** The end of a trigger. */
export type Outcome =
  /**
   * What was waited for has happened; the event is for the task, and the cursor says where a
   * watcher of an asset goes on.
   */
  | { readonly kind: 'fired'; readonly event: object; readonly assetCursor?: string }
  /** What was waited for was skipped, so the task is, too. */
  | { readonly kind: 'skipped'; readonly event: object }
  /** It cannot happen any more; the sentence says why. */
  | { readonly kind: 'failed'; readonly error: string };

/** The end of a wait as it travels. */
export type EventInit = MessageInitShape<typeof TriggerEventSchema> & { readonly waitId: string };

/** Largest event of a trigger, in bytes of JSON. */
export const EVENT_SIZE_MAX = 262_144;

/** Longest reason of a failure, in characters. */
const ERROR_LENGTH_MAX = 16_000;

/** The event that tells an outcome. An event that is too large becomes a failure that says so. */
export function toEvent(waitId: string, outcome: Outcome): EventInit {
  if (outcome.kind === 'failed') return { waitId, error: errorText(outcome.error) };
  const eventJson = JSON.stringify(outcome.event);
  if (Buffer.byteLength(eventJson) > EVENT_SIZE_MAX) {
    return { waitId, error: `the event of the trigger is larger than ${EVENT_SIZE_MAX} bytes` };
  }
  if (outcome.kind === 'skipped') return { waitId, eventJson, isSkip: true };
  const { assetCursor } = outcome;
  return { waitId, eventJson, ...(assetCursor === undefined ? {} : { assetCursor }) };
}

/** Size of an event in a message, in bytes, roughly. */
export function eventSize({ waitId, eventJson = '', error = '', ...more }: EventInit): number {
  const cursorSize = more.assetCursor?.length ?? 0;
  return 16 + waitId.length + Buffer.byteLength(eventJson) + Buffer.byteLength(error) + cursorSize;
}

/** Never empty, because an empty one would say that the trigger fired. */
function errorText(error: string): string {
  return (error.slice(0, ERROR_LENGTH_MAX) || 'the trigger failed without a word').toWellFormed();
}

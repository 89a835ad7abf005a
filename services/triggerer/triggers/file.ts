// Waits for files that appear, or vanish.
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { unlessKnown } from '../core/known-event.ts';
import type { FilesSeen } from '../files/look-at-files.ts';
import type { Polls } from '../polls/polls.ts';
import type { Trigger } from './trigger.ts';

/** Time between two looks when the trigger does not say, in milliseconds. */
const INTERVAL_MS = 5_000;

/** Looks are limited together: they share the threads of the file system. */
const LANE = 'files';

/**
 * Fires with the paths that match and the times of their last changes, or when nothing matches any
 * more. To a watcher, another path and another time are another event.
 */
export function fileTrigger(polls: Polls<string, FilesSeen>): Trigger<'file'> {
  return ({ path, isGone, pollInterval }, { end, ...wait }) =>
    polls.join({
      key: path,
      lane: LANE,
      question: path,
      intervalMs: fromDuration(pollInterval) ?? INTERVAL_MS,
      judge: unlessKnown(wait, ({ paths, changedAt }) =>
        (paths.length === 0) === isGone
          ? { kind: 'fired', event: { paths, changed_at: changedAt } }
          : undefined,
      ),
      end,
    });
}

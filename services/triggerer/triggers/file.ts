// Waits for files that appear, or vanish.
import { fromDuration } from '#kernel/clock/timestamp.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Polls } from '../polls/polls.ts';
import type { Trigger } from './trigger.ts';

/** Time between two looks when the trigger does not say, in milliseconds. */
const INTERVAL_MS = 5_000;

/** Looks are limited together: they share the threads of the file system. */
const LANE = 'files';

/** Fires with the paths that match, or when none does any more. */
export function fileTrigger(polls: Polls<string, readonly string[]>): Trigger<'file'> {
  return ({ path, isGone, pollInterval }, { end }) =>
    polls.join({
      key: path,
      lane: LANE,
      question: path,
      intervalMs: fromDuration(pollInterval) ?? INTERVAL_MS,
      judge: (paths): Outcome | undefined =>
        (paths.length === 0) === isGone ? { kind: 'fired', event: { paths } } : undefined,
      end,
    });
}

// Instances that stay QUEUED because no worker serves their queue.
//
// They stay queued, and somebody is told. Airflow queues them again twice and then fails them:
// there a queued task may have got lost between the database and an executor, and only trying again
// shows whether it did. Here nothing can get lost on that way. A task is queued until its lease is
// committed, tickets that ring for it are repeated until somebody asks, and a lease that nobody
// takes up ends by itself. So what is queued for long is short of workers, not of luck: failing it
// would turn a lack of workers, which somebody is mending, into failed runs.
import { allInLine, isLineEmpty } from './fair-line.ts';
import type { Moment, Picture, PictureTiming } from '../picture.ts';
import { countPresent } from '../attempt/worker-register.ts';

/** How long is too long when nothing was configured: as in Airflow. */
const TASK_QUEUED_TIMEOUT_MS = 600_000;

/** A queue without workers in which somebody waits too long. */
export type StuckQueue = {
  readonly queue: string;
  /** How many wait too long. */
  readonly count: number;
  /** How long the first of them has. */
  readonly longestMs: number;
};

/** How long an instance may be QUEUED before it is stuck, if no worker serves its queue. */
export function queuedTimeoutMs({ taskQueuedTimeoutMs }: PictureTiming): number {
  return taskQueuedTimeoutMs ?? TASK_QUEUED_TIMEOUT_MS;
}

/** The queues that need workers. Looks at all that wait in them: not for every decision. */
export function stuckQueues(
  { queues, timing, workers }: Picture,
  moment: Pick<Moment, 'nowMs' | 'monotonicMs'>,
): readonly StuckQueue[] {
  const timeoutMs = queuedTimeoutMs(timing);
  return [...queues.values()].flatMap(({ name, ready }): StuckQueue[] => {
    if (isLineEmpty(ready)) return [];
    if (countPresent(workers, name, moment.monotonicMs) > 0) return [];
    let count = 0;
    let longestMs = 0;
    for (const { queuedAtMs } of allInLine(ready)) {
      const waitedMs = moment.nowMs - (queuedAtMs ?? moment.nowMs);
      if (waitedMs >= timeoutMs) count += 1;
      longestMs = Math.max(longestMs, waitedMs);
    }
    return count === 0 ? [] : [{ queue: name, count, longestMs }];
  });
}

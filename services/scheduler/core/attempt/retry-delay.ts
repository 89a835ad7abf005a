// How long a failed task instance waits before its next try: Airflow's formula, deterministic
// jitter included.
import { createHash } from 'node:crypto';

/** What follows a failure, from the task's RetryPolicy. */
export type RetryRule = {
  readonly delayMs: number;
  /** Multiplier per try; 0 and 1 mean a constant delay. */
  readonly exponentialBackoff: number;
  /** Upper bound of the wait; undefined means 24 h. */
  readonly delayMaxMs: number | undefined;
};

/** Which failed try; its names seed the jitter. */
export type FailedTry = {
  readonly dagId: string;
  readonly taskId: string;
  readonly logicalDateMs: number | undefined;
  /** The try that failed, from 1. */
  readonly tryNumber: number;
};

const DAY_S = 86_400;

/**
 * The wait in milliseconds. With a multiplier: `delay * multiplier ** (try − 1)` rounded up to
 * seconds, at least 1 s, plus a jitter between nothing and as much again that follows from the
 * names; at most 24 h and at most `delayMaxMs`.
 */
export function retryDelayMs(rule: RetryRule, failed: FailedTry): number {
  const { exponentialBackoff, delayMaxMs } = rule;
  if (exponentialBackoff === 0 || exponentialBackoff === 1) return rule.delayMs;
  const grownS = Math.ceil((rule.delayMs / 1000) * exponentialBackoff ** (failed.tryNumber - 1));
  const delayS = grownS < DAY_S ? jitteredS(Math.max(grownS, 1), failed) : DAY_S;
  return Math.min(Math.min(delayS, DAY_S) * 1000, delayMaxMs ?? Number.POSITIVE_INFINITY);
}

function jitteredS(leastS: number, failed: FailedTry): number {
  const { dagId, taskId, logicalDateMs, tryNumber } = failed;
  const seed = `${dagId}#${taskId}#${dateText(logicalDateMs)}#${tryNumber}`;
  const hash = BigInt(`0x${createHash('sha1').update(seed).digest('hex')}`);
  return leastS + Number(hash % BigInt(leastS));
}

/**
 * As Python prints it: `2024-01-01 00:00:00+00:00`, with six digits of a second only when there are
 * any.
 */
function dateText(logicalDateMs: number | undefined): string {
  if (logicalDateMs === undefined) return 'None';
  const [date = '', clock = ''] = new Date(logicalDateMs).toISOString().slice(0, -1).split('T');
  const [seconds, millis] = clock.split('.');
  return millis === '000' ? `${date} ${seconds}+00:00` : `${date} ${seconds}.${millis}000+00:00`;
}

// Logs whose attempt has ended before all of its bytes arrived: they may still be completed, for a
// moment.
import type { Clock } from '#kernel/clock/clock.ts';
import type { LogName } from './log-path.ts';

/** A log that waits for its last bytes. */
export type LogTail = {
  readonly name: LogName;
  /** Bytes the worker said the log has. */
  readonly size: number;
};

/** The logs that wait for their last bytes, by attempt. */
export type LogTails = {
  /** The attempt has ended; its log may grow to `size`. */
  expect(attemptId: string, tail: LogTail): void;
  /** The tail that is still awaited, if any. */
  get(attemptId: string): LogTail | undefined;
  /** True while bytes of this log are awaited. */
  isAwaited(path: string): boolean;
  /** So much is stored; a tail that is whole is awaited no more. */
  stored(attemptId: string, size: number): void;
};

/** Most tails that are awaited at once; the oldest give way. */
const TAILS_MAX = 20_000;

/** No tails yet. Each is awaited for `graceMs`; `pathOf` tells logs apart. */
export function createLogTails(options: {
  readonly clock: Clock;
  readonly graceMs: number;
  readonly pathOf: (name: LogName) => string;
}): LogTails {
  const { clock, graceMs, pathOf } = options;
  const tails = new Map<string, LogTail & { readonly path: string; readonly untilMs: number }>();
  const paths = new Set<string>();

  const drop = (attemptId: string) => {
    const tail = tails.get(attemptId);
    if (tail === undefined) return;
    tails.delete(attemptId);
    paths.delete(tail.path);
  };
  /** The oldest come first, so this looks at no more than what has expired. */
  const dropExpired = () => {
    for (const [attemptId, { untilMs }] of tails) {
      if (untilMs > clock.monotonicMs() && tails.size <= TAILS_MAX) return;
      drop(attemptId);
    }
  };

  return {
    expect: (attemptId, tail) => {
      drop(attemptId);
      const path = pathOf(tail.name);
      tails.set(attemptId, { ...tail, path, untilMs: clock.monotonicMs() + graceMs });
      paths.add(path);
      dropExpired();
    },
    get: (attemptId) => {
      dropExpired();
      return tails.get(attemptId);
    },
    isAwaited: (path) => {
      dropExpired();
      return paths.has(path);
    },
    stored: (attemptId, size) => {
      if (size >= (tails.get(attemptId)?.size ?? Number.POSITIVE_INFINITY)) drop(attemptId);
    },
  };
}

// What a watcher waits for: values that melt into one while it is busy, so that a slow watcher
// costs one value, not a queue.
import { fail } from '#kernel/errors/errors.ts';

/** Values for any number of watchers. */
export type Feed<T> = {
  /** Hands a value to every watcher. */
  publish(value: T): void;
  /** Ends every watch with this error; later ones are not concerned. */
  interrupt(reason: Error): void;
  /**
   * The values from now on; registered at once, not at the first read. Ends when the signal aborts.
   */
  watch(signal: AbortSignal): AsyncIterable<T>;
};

/** Most watchers of one feed. */
const WATCHERS_MAX = 1_000;

type Watcher<T> = {
  waiting: { readonly value: T } | undefined;
  end: { readonly reason: Error | undefined } | undefined;
  wake: () => void;
};

/** A feed; `merge` makes one value of two that a watcher has not read yet. */
export function createFeed<T>(merge: (earlier: T, later: T) => T): Feed<T> {
  const watchers = new Set<Watcher<T>>();

  return {
    publish: (value) => {
      for (const watcher of watchers) {
        const { waiting } = watcher;
        watcher.waiting = { value: waiting === undefined ? value : merge(waiting.value, value) };
        watcher.wake();
      }
    },
    interrupt: (reason) => {
      for (const watcher of watchers) finish(watcher, reason);
      watchers.clear();
    },
    watch: (signal) => {
      if (watchers.size >= WATCHERS_MAX) {
        throw fail('limit_reached', `${WATCHERS_MAX} watchers are here already`);
      }
      const watcher: Watcher<T> = { waiting: undefined, end: undefined, wake: () => undefined };
      watchers.add(watcher);
      const leave = () => {
        watchers.delete(watcher);
        finish(watcher, undefined);
      };
      if (signal.aborted) leave();
      signal.addEventListener('abort', leave, { once: true });
      return valuesOf(watcher, () => {
        signal.removeEventListener('abort', leave);
        leave();
      });
    },
  };
}

async function* valuesOf<T>(watcher: Watcher<T>, leave: () => void): AsyncGenerator<T> {
  try {
    for (;;) {
      const { waiting, end } = watcher;
      watcher.waiting = undefined;
      if (waiting !== undefined) yield waiting.value;
      else if (end === undefined) await new Promise<void>((wake) => (watcher.wake = wake));
      else if (end.reason === undefined) return;
      else throw end.reason;
    }
  } finally {
    leave();
  }
}

function finish<T>(watcher: Watcher<T>, reason: Error | undefined): void {
  watcher.end ??= { reason };
  watcher.wake();
}

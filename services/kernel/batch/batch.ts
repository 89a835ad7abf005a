// Many small writes as few large ones: a batch leaves as soon as the last one is done.
import { fail } from '../errors/errors.ts';

/** Collects items and hands them on in batches, one batch at a time, in order. */
export type Batcher<I, O> = {
  /**
   * Hands on one item and answers its result. Rejects with the batch's error, with `queue_full`
   * when too many wait, or with the signal's reason when that aborts while the item still waits; an
   * item already handed on is not taken back.
   */
  add(item: I, signal?: AbortSignal): Promise<O>;
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>;
};

type Waiting<I, O> = { readonly item: I } & PromiseWithResolvers<O>;

/**
 * `flush` gets up to `itemsMax` items and answers as many results in the same order, or rejects for
 * all of them. Up to `waitingMax` items wait (100 batches unless told otherwise).
 */
export function createBatcher<I, O>(options: {
  readonly flush: (items: I[]) => Promise<O[]>;
  readonly itemsMax: number;
  readonly waitingMax?: number;
}): Batcher<I, O> {
  const { flush, itemsMax } = options;
  const waitingMax = options.waitingMax ?? itemsMax * 100;
  let waiting: Waiting<I, O>[] = [];
  let running: Promise<void> | undefined;

  const flushOnce = async () => {
    const batch = waiting.slice(0, itemsMax);
    waiting = waiting.slice(itemsMax);
    if (batch.length === 0) return;
    try {
      const results = await flush(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as O);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  const drain = async () => {
    // One turn of the microtask queue: what is added in one breath leaves in one batch.
    await Promise.resolve();
    while (waiting.length > 0) await flushOnce();
    running = undefined;
  };

  return {
    add: (item, signal) => {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (waiting.length >= waitingMax) {
        return Promise.reject(fail('queue_full', `${waitingMax} items wait already; retry later`));
      }
      const entry: Waiting<I, O> = { item, ...Promise.withResolvers<O>() };
      waiting.push(entry);
      running ??= drain();
      if (signal === undefined) return entry.promise;
      const giveUp = () => {
        const at = waiting.indexOf(entry);
        if (at < 0) return;
        waiting.splice(at, 1);
        entry.reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp);
      return entry.promise.finally(() => signal.removeEventListener('abort', giveUp));
    },
    idle: async () => {
      while (running !== undefined) await running;
    },
  };
}

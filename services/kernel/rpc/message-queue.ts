// A bounded queue that is read as an async iterable: how messages that are pushed reach code that pulls.
import { fail } from '../errors/errors.ts';

/** Messages on their way from one who pushes to one who reads with `for await`. Read by one reader. */
export type MessageQueue<T> = AsyncIterableIterator<T, undefined, undefined> & {
  /** Adds a message. Throws `queue_full` when `messagesMax` wait already; ignored after the end. */
  push(message: T): void;
  /** No more will come: the reader gets what waits, then the end, or the error if one is given. */
  end(error?: unknown): void;
  /** Ends at once: what waits is dropped and the reader gets the error. */
  abort(error: unknown): void;
  /** How many wait. */
  readonly size: number;
};

/** What the queue tells whoever fills it. */
export type QueueOptions = {
  /** How many messages may wait. */
  readonly messagesMax: number;
  /** Called after the reader took a message that had waited. */
  readonly onTaken?: () => void;
};

type End = { readonly error: unknown };

/** A new, empty queue. */
export function createMessageQueue<T>(options: QueueOptions): MessageQueue<T> {
  let waiting: T[] = [];
  let readers: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  let end: End | undefined;

  const finish = (error: unknown) => {
    if (end !== undefined) return;
    end = { error };
    const unserved = readers;
    readers = [];
    for (const [index, reader] of unserved.entries()) {
      if (index === 0 && error !== undefined) reader.reject(error);
      else reader.resolve({ done: true, value: undefined });
    }
  };

  return {
    get size() {
      return waiting.length;
    },
    push: (message) => {
      if (end !== undefined) return;
      const reader = readers.shift();
      if (reader !== undefined) return reader.resolve({ done: false, value: message });
      if (waiting.length >= options.messagesMax) {
        throw fail('queue_full', `${options.messagesMax} messages wait already; read faster`);
      }
      waiting.push(message);
    },
    end: (error) => finish(error),
    abort: (error) => {
      waiting = [];
      finish(error);
    },
    next: () => {
      const message = waiting.shift();
      if (message !== undefined) {
        options.onTaken?.();
        return Promise.resolve({ done: false, value: message });
      }
      if (end !== undefined) {
        const { error } = end;
        end = { error: undefined };
        return error === undefined
          ? Promise.resolve({ done: true, value: undefined })
          : Promise.reject(error);
      }
      const reader = Promise.withResolvers<IteratorResult<T, undefined>>();
      readers.push(reader);
      return reader.promise;
    },
    return: () => {
      waiting = [];
      finish(undefined);
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

// A bounded queue that is read as an async iterable: how messages that are pushed reach code that
// pulls.
import { fail } from '../errors/errors.ts';

/**
 * Messages on their way from one who pushes to one who reads with `for await`; there is one reader.
 */
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

type Result<T> = IteratorResult<T, undefined>;

/** `open` → `ending` (what waits is still read, then the error, if any, once) → `over`. */
type State =
  | { readonly kind: 'open' | 'over' }
  | { readonly kind: 'ending'; readonly error: unknown };

/** A new, empty queue. */
export function createMessageQueue<T>(options: QueueOptions): MessageQueue<T> {
  const waiting = createLane<T>();
  let reader: PromiseWithResolvers<Result<T>> | undefined;
  let state: State = { kind: 'open' };

  const settle = () => {
    if (reader === undefined || state.kind === 'open') return;
    const error = state.kind === 'ending' ? state.error : undefined;
    if (error === undefined) reader.resolve({ done: true, value: undefined });
    else reader.reject(error);
    reader = undefined;
    state = { kind: 'over' };
  };

  const finish = (error: unknown) => {
    state = { kind: 'ending', error };
    settle();
  };

  return {
    get size() {
      return waiting.size();
    },
    push: (message) => {
      if (state.kind !== 'open') return;
      const served = reader;
      reader = undefined;
      if (served !== undefined) return served.resolve({ done: false, value: message });
      if (waiting.size() >= options.messagesMax) {
        throw fail('queue_full', `${options.messagesMax} messages wait already; read faster`);
      }
      waiting.push(message);
    },
    end: (error) => {
      if (state.kind === 'open') finish(error);
    },
    abort: (error) => {
      if (state.kind === 'over') return;
      waiting.clear();
      finish(error);
    },
    next: () => {
      if (waiting.size() > 0) {
        const value = waiting.take();
        options.onTaken?.();
        return Promise.resolve({ done: false, value });
      }
      const waitingReader = Promise.withResolvers<Result<T>>();
      reader = waitingReader;
      settle();
      return waitingReader.promise;
    },
    return: () => {
      waiting.clear();
      state = { kind: 'over' };
      settle();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** First in, first out, in constant time: an array's own `shift` moves everything that is left. */
function createLane<T>() {
  let messages: T[] = [];
  let head = 0;
  const clear = () => {
    messages = [];
    head = 0;
  };
  return {
    size: () => messages.length - head,
    push: (message: T) => void messages.push(message),
    clear,
    /** Only for a lane that is not empty. */
    take: (): T => {
      const message = messages[head] as T;
      head += 1;
      if (head === messages.length) clear();
      else if (head >= 1_024) {
        messages = messages.slice(head);
        head = 0;
      }
      return message;
    },
  };
}

// A bounded queue read as an async iterable: how messages that are pushed reach code that pulls.
import { fail } from '../errors/errors.ts';

/** What a queue is made with. */
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

/** Messages on their way from those who push to the one who reads with `for await`. */
export class MessageQueue<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #options: QueueOptions;
  readonly #waiting = createLane<T>();
  #reader: PromiseWithResolvers<Result<T>> | undefined;
  #state: State = { kind: 'open' };

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size();
  }

  /** Adds a message. Throws `queue_full` when `messagesMax` wait already; ignored after the end. */
  push(message: T): void {
    if (this.#state.kind !== 'open') return;
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) return reader.resolve({ done: false, value: message });
    const { messagesMax } = this.#options;
    if (this.size >= messagesMax) {
      throw fail('queue_full', `${messagesMax} messages wait already; read faster`);
    }
    this.#waiting.push(message);
  }

  /** No more will come: the reader gets what waits, then the end, or the error if one is given. */
  end(error?: unknown): void {
    if (this.#state.kind === 'open') this.#become({ kind: 'ending', error });
  }

  /** Ends at once: what waits is dropped and the reader gets the error. */
  abort(error: unknown): void {
    if (this.#state.kind === 'over') return;
    this.#waiting.clear();
    this.#become({ kind: 'ending', error });
  }

  /** The next message, the end, or the error; waits for it. */
  next(): Promise<Result<T>> {
    if (this.size > 0) {
      const value = this.#waiting.take();
      this.#options.onTaken?.();
      return Promise.resolve({ done: false, value });
    }
    const reader = Promise.withResolvers<Result<T>>();
    this.#reader = reader;
    this.#become(this.#state);
    return reader.promise;
  }

  /** The reader leaves: what waits is dropped, what still comes is ignored. */
  return(): Promise<Result<T>> {
    this.#waiting.clear();
    this.#become({ kind: 'over' });
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Takes on a state, and tells a reader who waits when it is an end. */
  #become(state: State): void {
    this.#state = state;
    const reader = this.#reader;
    if (reader === undefined || state.kind === 'open') return;
    this.#reader = undefined;
    this.#state = { kind: 'over' };
    if (state.kind === 'ending' && state.error !== undefined) reader.reject(state.error);
    else reader.resolve({ done: true, value: undefined });
  }
}

/** A new, empty queue. */
export function createMessageQueue<T>(options: QueueOptions): MessageQueue<T> {
  return new MessageQueue<T>(options);
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

// The two ends of a grpc-js stream: reading with back-pressure, writing with back-pressure.
import type { Readable, Writable } from 'node:stream';
import { createMessageQueue, type MessageQueue } from './message-queue.ts';

/** The stream is paused when this many messages wait to be read … */
const PAUSE_AT = 64;
/** … and resumed when only this many are left. */
const RESUME_AT = 16;
/**
 * A paused stream hands over nothing more, so this bound is never met; it is there because every
 * queue has one.
 */
const MESSAGES_MAX = 1024;

/**
 * Messages of a stream as they arrive. `accept` looks at each before it is read; an error it
 * answers ends the stream in its place.
 */
export function readStream<T>(
  stream: Readable,
  options: {
    readonly accept?: (message: T) => Error | undefined;
    readonly toError: (error: unknown) => unknown;
  },
): MessageQueue<T> {
  let isPaused = false;
  let failure: unknown;
  const queue = createMessageQueue<T>({
    messagesMax: MESSAGES_MAX,
    onTaken: () => {
      if (!isPaused || queue.size > RESUME_AT) return;
      isPaused = false;
      stream.resume();
    },
  });
  stream.on('data', (message: T) => {
    const refusal = options.accept?.(message);
    if (refusal !== undefined) return queue.end(refusal);
    queue.push(message);
    if (queue.size < PAUSE_AT || isPaused) return;
    isPaused = true;
    stream.pause();
  });
  // An error overtakes messages that wait to be read; they are still good, so it waits, too.
  stream.on('error', (error) => {
    failure = options.toError(error);
  });
  stream.on('end', () => queue.end(failure));
  stream.on('close', () => queue.end(failure));
  return queue;
}

/**
 * Writes all messages, waiting whenever the peer reads more slowly than they come. Stops when the
 * stream closes or the signal aborts, and then leaves the iterable, so that a generator runs its
 * `finally`.
 */
export async function writeAll<T>(
  stream: Writable,
  messages: AsyncIterable<T>,
  signal?: AbortSignal,
): Promise<void> {
  for await (const message of messages) {
    if (signal?.aborted || !stream.writable) return;
    if (!stream.write(message)) await drained(stream, signal);
  }
}

function drained(stream: Writable, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    if (signal?.aborted || stream.closed) return resolve();
    stream.on('drain', done);
    stream.on('close', done);
    signal?.addEventListener('abort', done);
  });
}

// What waits to be sent down one session. It is gathered by kind and cut into messages only when the stream takes one, so
// that a burst becomes few messages and the results of a commit travel with the leases it brought.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Lease } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { SessionResponseSchema } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { leaseSize, takeFrame } from '../../core/frames.ts';
import { FRAME_SIZE } from '../../core/limits.ts';
import type { ResultInit } from '../link.ts';

/** One message to a worker. */
export type SessionMessage = MessageInitShape<typeof SessionResponseSchema>;

/** Most results or leases in one message. */
const ITEMS_MAX = 1_000;

/** A worker that leaves this much untaken does not read: its session ends, and it resumes with a new one. */
const WAITING_MAX = 50_000;

/** The messages of one session, in order: the greeting, then results, then leases, then everything else. */
export type Outbox = {
  /** The first message, whatever else waits already. */
  welcome(message: SessionMessage['message']): void;
  /** Adds an answer to a report. */
  result(result: ResultInit): void;
  /** Adds work. */
  lease(lease: Lease): void;
  /** Adds any other message. */
  control(message: SessionMessage['message']): void;
  /** No more will come: what waits is still sent, then the stream ends, with the error if one is given. */
  end(error?: unknown): void;
  /** The messages as the stream takes them, until the end or until the signal aborts. For one reader. */
  messages(signal: AbortSignal): AsyncGenerator<SessionMessage>;
};

/** An empty outbox. */
export function createOutbox(): Outbox {
  let greeting: SessionMessage['message'] | undefined;
  const results: ResultInit[] = [];
  const leases: Lease[] = [];
  const controls: SessionMessage['message'][] = [];
  let ended: { readonly error: unknown } | undefined;
  let news = Promise.withResolvers<void>();

  const wake = () => {
    if (results.length + leases.length + controls.length > WAITING_MAX) {
      ended ??= { error: fail('queue_full', 'the session is not read; reconnect and resume') };
    }
    news.resolve();
  };
  const next = (): SessionMessage | undefined => {
    if (greeting !== undefined) {
      const message = greeting;
      greeting = undefined;
      return { message };
    }
    if (results.length > 0) {
      const value = { results: results.splice(0, ITEMS_MAX), leases: takeLeases(leases) };
      return { message: { case: 'recorded', value } };
    }
    if (leases.length > 0) {
      return { message: { case: 'leases', value: { leases: takeLeases(leases) } } };
    }
    const message = controls.shift();
    return message === undefined ? undefined : { message };
  };

  return {
    welcome: (message) => {
      greeting = message;
      wake();
    },
    result: (result) => {
      results.push(result);
      wake();
    },
    lease: (lease) => {
      leases.push(lease);
      wake();
    },
    control: (message) => {
      controls.push(message);
      wake();
    },
    end: (error) => {
      ended ??= { error };
      wake();
    },
    messages: async function* (signal) {
      const leave = () => news.resolve();
      signal.addEventListener('abort', leave);
      try {
        while (!signal.aborted) {
          const message = next();
          if (message !== undefined) {
            yield message;
            continue;
          }
          if (ended !== undefined) break;
          await news.promise;
          news = Promise.withResolvers<void>();
        }
        if (ended?.error !== undefined) throw ended.error;
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
  };
}

function takeLeases(leases: Lease[]): Lease[] {
  return takeFrame(leases, { sizeOf: leaseSize, sizeMax: FRAME_SIZE, countMax: ITEMS_MAX });
}

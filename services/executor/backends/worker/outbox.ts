// What waits to be sent down one session. It is gathered by kind and cut into messages only when
// the stream takes one, so that a burst becomes few messages and the results of a commit travel
// with the leases it brought.
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

/**
 * A worker that leaves this much untaken does not read: its session ends, and it resumes with a new
 * one.
 */
const WAITING_MAX = 50_000;

/**
 * The messages of one session, in order: the greeting, then results, then leases, then the rest.
 */
export class Outbox {
  #greeting: SessionMessage['message'] | undefined;
  readonly #results: ResultInit[] = [];
  readonly #leases: Lease[] = [];
  readonly #controls: SessionMessage['message'][] = [];
  #ended: { readonly error: unknown } | undefined;
  #news = Promise.withResolvers<void>();

  /** The first message, whatever else waits already. */
  welcome(message: SessionMessage['message']): void {
    this.#greeting = message;
    this.#wake();
  }

  /** Adds an answer to a report. */
  result(result: ResultInit): void {
    this.#results.push(result);
    this.#wake();
  }

  /** Adds work. */
  lease(lease: Lease): void {
    this.#leases.push(lease);
    this.#wake();
  }

  /** Adds any other message. */
  control(message: SessionMessage['message']): void {
    this.#controls.push(message);
    this.#wake();
  }

  /**
   * No more will come: what waits is still sent, then the stream ends, with the error if one is
   * given.
   */
  end(error?: unknown): void {
    this.#ended ??= { error };
    this.#wake();
  }

  /**
   * The messages as the stream takes them, until the end or until the signal aborts. For one
   * reader.
   */
  async *messages(signal: AbortSignal): AsyncGenerator<SessionMessage> {
    const leave = () => this.#news.resolve();
    signal.addEventListener('abort', leave);
    try {
      while (!signal.aborted) {
        const message = this.#next();
        if (message !== undefined) {
          yield message;
          continue;
        }
        if (this.#ended !== undefined) break;
        await this.#news.promise;
        this.#news = Promise.withResolvers<void>();
      }
      if (this.#ended?.error !== undefined) throw this.#ended.error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #next(): SessionMessage | undefined {
    if (this.#greeting !== undefined) {
      const message = this.#greeting;
      this.#greeting = undefined;
      return { message };
    }
    if (this.#results.length > 0) {
      const value = {
        results: this.#results.splice(0, ITEMS_MAX),
        leases: takeLeases(this.#leases),
      };
      return { message: { case: 'recorded', value } };
    }
    if (this.#leases.length > 0) {
      return { message: { case: 'leases', value: { leases: takeLeases(this.#leases) } } };
    }
    const message = this.#controls.shift();
    return message === undefined ? undefined : { message };
  }

  #wake(): void {
    if (this.#results.length + this.#leases.length + this.#controls.length > WAITING_MAX) {
      this.#ended ??= {
        error: fail('queue_full', 'the session is not read; reconnect and resume'),
      };
    }
    this.#news.resolve();
  }
}

function takeLeases(leases: Lease[]): Lease[] {
  return takeFrame(leases, { sizeOf: leaseSize, sizeMax: FRAME_SIZE, countMax: ITEMS_MAX });
}

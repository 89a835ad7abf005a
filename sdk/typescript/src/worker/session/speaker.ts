// What a worker has to say on its session: one message for each turn of the event loop, and only
// while somebody listens.
import type { AttemptReport } from '../../gen/dagmesh/worker/v1/attempt_pb.ts';
import type { WorkerService } from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { Outbox } from './outbox.ts';
import type { Stream } from './wire.ts';

/** The stream of a session. */
export type SessionStream = Stream<typeof WorkerService.method.session>;

/** One message of a worker. */
export type Outgoing = Parameters<SessionStream['write']>[0];

/** Speaks on one stream after another; outcomes that are not recorded go with it. */
export class Speaker {
  readonly outbox = new Outbox();
  #stream: SessionStream | undefined;
  #accepted: string[] = [];
  #isFlushing = false;

  /** Whether somebody listens. */
  get isOpen(): boolean {
    return this.#stream !== undefined;
  }

  /** Somebody listens from now on. */
  open(stream: SessionStream): void {
    this.#stream = stream;
  }

  /** Nobody listens any more. What was not said is said anew on the next stream, or lost. */
  shut(): void {
    this.#stream = undefined;
    this.#accepted = [];
  }

  /** Says something at once; without a listener it is lost. */
  say(message: Outgoing): void {
    this.#stream?.write(message);
  }

  /** The code of an attempt has been started. */
  accepted(attemptId: string): void {
    if (!this.isOpen) return;
    this.#accepted.push(attemptId);
    this.#flushSoon();
  }

  /** An attempt has ended; the report is offered until it is settled in the outbox. */
  finished(attemptId: string, report: AttemptReport): void {
    this.outbox.add(attemptId, report);
    this.#flushSoon();
  }

  /** Says at once what has come up. */
  flush(): void {
    if (!this.isOpen) return;
    if (this.#accepted.length > 0) {
      this.say({ message: { case: 'accepted', value: { attemptIds: this.#accepted } } });
      this.#accepted = [];
    }
    let reports = this.outbox.nextBatch();
    while (reports.length > 0) {
      this.say({ message: { case: 'finished', value: { reports } } });
      reports = this.outbox.nextBatch();
    }
  }

  #flushSoon(): void {
    if (this.#isFlushing || !this.isOpen) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.flush();
    });
  }
}

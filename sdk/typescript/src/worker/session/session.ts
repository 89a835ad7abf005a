// The worker's side of the session stream: it says hello, keeps it alive, and resumes it when it
// breaks.
//
// A session is connecting, then open (from Welcome on), and connecting again when its stream
// breaks. Nothing is said while it connects: attempts that are held and outcomes that are not
// recorded are part of the next Hello, and the free slots are counted anew after its Welcome.
import type { AttemptReport } from '../../gen/dagmesh/worker/v1/attempt_pb.ts';
import {
  type AttemptResult,
  AttemptStatus,
  type CancelStep,
  type HeartbeatResult,
  type SessionResponse,
  type Welcome,
  WorkerService,
} from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { after, backoffMs, sleep, type Timer } from '../clock.ts';
import type { Events } from '../events.ts';
import { Fence } from './fence.ts';
import { limitsOf } from './limits.ts';
import type { Identity, SessionOwner } from './owner.ts';
import { type SessionStream, Speaker } from './speaker.ts';
import { Wire } from './wire.ts';
import { WireError, wireError } from './wire-error.ts';

const PROTOCOL_VERSION = 1;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 1_000;
/** Attempts to come back that fit into the silence after which the attempts are given up. */
const RECONNECTS_MIN = 5;
const WELCOME_TIMEOUT_MS = 5_000;
const GOODBYE_TIMEOUT_MS = 1_000;
/** Heartbeats without any answer after which the connection is taken for dead. */
const SILENT_HEARTBEATS = 1.5;
/** Errors that trying again cannot mend, as long as the worker was never welcome. */
const FATAL_CODES: readonly string[] = [
  'unauthenticated',
  'permission_denied',
  'failed_precondition',
  'invalid_argument',
  'unimplemented',
];

/** The session of one worker with one executor after another. */
export class Session {
  readonly #identity: Identity;
  readonly #owner: SessionOwner;
  readonly #events: Events;
  readonly #speaker = new Speaker();
  readonly #fence = new Fence(() => this.#fenced());
  readonly #closing = new AbortController();
  #address: string;
  #stream: SessionStream | undefined;
  #wasWelcome = false;
  #isDraining = false;
  #heartbeat: Timer | undefined;
  #backoffMaxMs = BACKOFF_MAX_MS;

  constructor(identity: Identity, owner: SessionOwner, events: Events) {
    this.#identity = identity;
    this.#address = identity.address;
    this.#owner = owner;
    this.#events = events;
  }

  /** Outcomes that are not recorded yet. */
  get unrecordedCount(): number {
    return this.#speaker.outbox.size;
  }

  /**
   * Keeps a session open until `close`. Rejects with a WireError when the mesh will not have this
   * worker at all.
   */
  async run(): Promise<void> {
    const { signal } = this.#closing;
    let failuresCount = 0;
    while (!signal.aborted) {
      const { error, wasOpen } = await this.#connect();
      if (signal.aborted) break;
      if (!this.#wasWelcome && FATAL_CODES.includes(error.code)) throw error;
      if (wasOpen || failuresCount === 0) {
        this.#events.disconnected(this.#address, error.code, error.message);
      }
      failuresCount = wasOpen ? 1 : failuresCount + 1;
      if (!wasOpen) this.#address = this.#identity.address;
      const firstMs = Math.min(BACKOFF_FIRST_MS, this.#backoffMaxMs);
      await sleep(backoffMs(failuresCount - 1, { firstMs, maxMs: this.#backoffMaxMs }), signal);
    }
  }

  /** The code of an attempt has been started. */
  accepted(attemptId: string): void {
    this.#speaker.accepted(attemptId);
  }

  /**
   * An attempt has ended; the report is offered until it is recorded. Its slot counts as free from
   * now on.
   */
  finished(attemptId: string, report: AttemptReport): void {
    this.#speaker.finished(attemptId, report);
  }

  /** How far a cancel got. */
  progress(attemptId: string, step: CancelStep): void {
    this.#speaker.say({ message: { case: 'cancelProgress', value: { attemptId, step } } });
  }

  /** Slots became free without an outcome. */
  credit(slots: number): void {
    if (slots < 1 || this.#isDraining) return;
    this.#speaker.say({ message: { case: 'credit', value: { slots } } });
  }

  /** Asks for no more leases. */
  drain(): void {
    this.#isDraining = true;
    this.#speaker.say({ message: { case: 'drain', value: {} } });
  }

  /** Says goodbye: the mesh counts attempts that are still held as lost. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#fence.stop();
    const stream = this.#stream;
    if (stream === undefined) return;
    const ended = new Promise<void>((resolve) => {
      stream.once('end', resolve);
      stream.once('error', () => resolve());
    });
    stream.end();
    await Promise.race([ended, sleep(GOODBYE_TIMEOUT_MS)]);
    stream.cancel();
  }

  /** One stream from Hello to its end, and how it ended. */
  async #connect(): Promise<{ readonly error: WireError; readonly wasOpen: boolean }> {
    const wire = new Wire(this.#address, this.#identity.token);
    const stream = wire.open(WorkerService.method.session);
    this.#stream = stream;
    const impatience = after(WELCOME_TIMEOUT_MS, () => stream.cancel());
    const error = await new Promise<WireError>((resolve) => {
      stream.on('data', (response: SessionResponse) => {
        impatience.cancel();
        this.#hear(response, wire);
      });
      stream.on('error', (cause) => resolve(wireError(cause)));
      stream.on('end', () => resolve(new WireError('unavailable', undefined, 'the stream ended')));
      stream.write({ message: { case: 'hello', value: this.#hello() } });
    });
    const wasOpen = this.#speaker.isOpen;
    impatience.cancel();
    this.#disconnect();
    wire.close();
    return { error, wasOpen };
  }

  #disconnect(): void {
    this.#speaker.shut();
    this.#stream = undefined;
    this.#heartbeat?.cancel();
    this.#owner.disconnected();
  }

  #hello() {
    const { workerId, queues, slotsMax } = this.#identity;
    const { outbox } = this.#speaker;
    outbox.rewind();
    const unacknowledged = outbox.nextBatch();
    return {
      protocolVersion: PROTOCOL_VERSION,
      workerId,
      language: 'typescript',
      sdk: '@dagmesh/sdk 0.1.0',
      queues: [...queues],
      slots: slotsMax,
      heldAttemptTokens: [...this.#owner.heldTokens(), ...outbox.unsentTokens],
      unacknowledged,
    };
  }

  #hear({ message }: SessionResponse, wire: Wire): void {
    if (!this.#fence.heard()) return;
    if (message.case === 'welcome') this.#welcome(message.value, wire);
    else if (message.case === 'leases') this.#owner.leased(message.value.leases);
    else if (message.case === 'heartbeatResult') this.#correct(message.value);
    else if (message.case === 'recorded') {
      this.#settle(message.value.results);
      this.#owner.leased(message.value.leases);
    } else if (message.case === 'cancel') this.#owner.cancelled(message.value);
    else if (message.case === 'drain') this.#owner.drainRequested(message.value.reason);
    else if (message.case === 'goAway') {
      this.#address = message.value.address || this.#identity.address;
      this.#stream?.cancel();
    }
  }

  #welcome(welcome: Welcome, wire: Wire): void {
    const limits = limitsOf(welcome);
    const { outbox } = this.#speaker;
    if (this.#stream !== undefined) this.#speaker.open(this.#stream);
    this.#wasWelcome = true;
    this.#events.connected(wire.address, welcome.sessionId);
    this.#fence.allow(limits.silenceMaxMs);
    this.#backoffMaxMs = Math.min(BACKOFF_MAX_MS, limits.silenceMaxMs / RECONNECTS_MIN);
    this.#owner.welcomed(limits, wire);
    this.#settle(welcome.resumed);
    // What was offered in the Hello and got no verdict is offered again, and then counts as credit
    // like any outcome.
    outbox.rewind();
    if (this.#isDraining) this.drain();
    else this.credit(this.#owner.freeSlots() - outbox.size);
    this.#speaker.flush();
    this.#beat(limits.heartbeatMs);
  }

  #beat(heartbeatMs: number): void {
    this.#heartbeat?.cancel();
    this.#heartbeat = after(heartbeatMs, () => {
      if (this.#fence.silenceMs > heartbeatMs * SILENT_HEARTBEATS) this.#stream?.cancel();
      const attemptIds = [...this.#owner.heldIds(), ...this.#speaker.outbox.attemptIds];
      this.#speaker.say({ message: { case: 'heartbeat', value: { attemptIds } } });
      this.#beat(heartbeatMs);
    });
  }

  #correct({ lostAttemptIds, refreshedTokens }: HeartbeatResult): void {
    for (const attemptId of lostAttemptIds) {
      this.#speaker.outbox.settle(attemptId);
      this.#owner.lost(attemptId);
    }
    for (const { attemptId, attemptToken } of refreshedTokens) {
      this.#speaker.outbox.refresh(attemptId, attemptToken);
      this.#owner.refreshed(attemptId, attemptToken);
    }
  }

  #settle(results: readonly AttemptResult[]): void {
    for (const { attemptId, status, reason } of results) {
      if (status === AttemptStatus.KEEP) continue;
      this.#speaker.outbox.settle(attemptId);
      if (status === AttemptStatus.REFUSED) this.#events.reportRefused(attemptId, reason);
      // An attempt that still runs here while the mesh has its verdict was given to somebody else.
      this.#owner.lost(attemptId);
    }
  }

  #fenced(): void {
    this.#speaker.shut();
    this.#owner.fenced();
    this.#stream?.cancel();
  }
}

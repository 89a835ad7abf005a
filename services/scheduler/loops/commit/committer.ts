// Brings commits to the ledger: each is repeated under its number until it is answered.
import type { CommitRequest, CommitResponse } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock, Timer } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { isRetryable } from '#kernel/errors/errors.ts';
import type { SchedulerEvents } from '../../events.ts';

/** The only RPC of the ledger that changes runs. */
export type CommitClient = {
  commit(
    request: CommitRequest,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<CommitResponse>;
};

const COMMIT_TIMEOUT_MS = 30_000;
/** How long a commit under way may still take once this scheduler stops. */
const LAST_COMMIT_MS = 5_000;

export class Committer {
  readonly #ledger: CommitClient;
  readonly #clock: Clock;
  readonly #events: SchedulerEvents;
  /** No more repeats. */
  readonly #stopping = new AbortController();
  /** Not even the call under way goes on. */
  readonly #givingUp = new AbortController();
  #timer: Timer | undefined;

  constructor(options: {
    readonly ledger: CommitClient;
    readonly clock: Clock;
    readonly events: SchedulerEvents;
  }) {
    this.#ledger = options.ledger;
    this.#clock = options.clock;
    this.#events = options.events;
  }

  /** The ledger's answer, however long it is away. Throws when it refuses, and after `stop`. */
  async commit(request: CommitRequest): Promise<CommitResponse> {
    const { signal } = this.#givingUp;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#ledger.commit(request, { timeoutMs: COMMIT_TIMEOUT_MS, signal });
      } catch (error) {
        if (!isRetryable(error) || this.#stopping.signal.aborted) throw error;
        this.#events.commitDelayed(error);
        const waitMs = backoffMs({ attempt, firstMs: 20, maxMs: 1_000 });
        await this.#clock.sleep(waitMs, this.#stopping.signal);
      }
    }
  }

  /** The call under way gets a little time; what fails is not repeated. May be called twice. */
  stop(): void {
    this.#stopping.abort();
    this.#timer ??= this.#clock.timer(LAST_COMMIT_MS, () => this.#givingUp.abort());
  }

  /** Nothing is under way any more. */
  stopped(): void {
    this.#timer?.cancel();
  }
}

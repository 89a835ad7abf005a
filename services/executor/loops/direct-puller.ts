// Work without a doorbell: while there is no bus, every scheduler is asked directly and may wait
// with its answer.
import type { Bus } from '#kernel/bus/bus.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { SchedulerPeer, Topology } from '#kernel/rpc/topology.ts';
import type { Intake } from '../attempts/intake.ts';
import { idleSlots, takeOffers } from '../core/credit.ts';
import type { Roster } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';

/** What the puller works with. */
export type DirectPullerOptions = {
  readonly roster: Roster;
  readonly bus: Pick<Bus, 'connected'>;
  readonly topology: Pick<Topology, 'schedulers'>;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
};

/** How long the only scheduler may wait for work: an idle executor asks this seldom. */
const WAIT_MS = 5_000;

/**
 * How long each of several may wait: meanwhile its share of the slots is out of the others' reach.
 */
const SHARED_WAIT_MS = 250;

/** After this long without a question, another scheduler's turn comes before a refill. */
const TURN_MS = 500;

/** Most slots of one question, so that its answer stays a message of bearable size. */
const SLOTS_MAX = 500;

/** What is known of the questions to one scheduler. */
type Line = { isAsking: boolean; askedMs: number; failuresCount: number; restUntilMs: number };

/** Asks schedulers directly. */
export class DirectPuller {
  readonly #options: DirectPullerOptions;
  readonly #lines = new Map<string, Line>();
  readonly #stopping = new AbortController();
  #isPoked = false;

  /** Asks nobody before the first poke. */
  constructor(options: DirectPullerOptions) {
    this.#options = options;
  }

  /** Free slots, schedulers or the bus have changed: looks again whom to ask, once per turn. */
  poke(): void {
    if (this.#isPoked) return;
    this.#isPoked = true;
    queueMicrotask(() => this.#look());
  }

  /**
   * False when another scheduler has not been asked for a while: then a slot that falls free is
   * offered there.
   */
  mayHop(schedulerId: string): boolean {
    const { topology, bus, clock } = this.#options;
    const schedulers = topology.schedulers();
    if (schedulers.length < 2 || bus.connected()) return true;
    const dueMs = clock.monotonicMs() - TURN_MS;
    return schedulers.every(({ id }) => {
      const line = lineOf(this.#lines, id);
      return id === schedulerId || line.isAsking || line.askedMs > dueMs;
    });
  }

  /** Breaks off and asks no more. */
  stop(): void {
    this.#stopping.abort();
  }

  #look(): void {
    this.#isPoked = false;
    const { bus, topology, clock, roster } = this.#options;
    if (bus.connected() || this.#stopping.signal.aborted) return;
    const schedulers = topology.schedulers();
    forgetOthers(this.#lines, schedulers);
    const silent = schedulers
      .map((scheduler) => ({ scheduler, line: lineOf(this.#lines, scheduler.id) }))
      .filter(({ line }) => !line.isAsking && line.restUntilMs <= clock.monotonicMs())
      .sort((a, b) => a.line.askedMs - b.line.askedMs);
    const waitMs = schedulers.length === 1 ? WAIT_MS : SHARED_WAIT_MS;
    for (const [index, { scheduler, line }] of silent.entries()) {
      const share = Math.ceil(idleSlots(roster) / (silent.length - index));
      if (share === 0) return;
      void this.#ask(scheduler, line, { slotsMax: Math.min(share, SLOTS_MAX), waitMs });
    }
  }

  async #ask(
    scheduler: SchedulerPeer,
    line: Line,
    limits: { readonly slotsMax: number; readonly waitMs: number },
  ): Promise<void> {
    const { roster, intake, clock, events } = this.#options;
    const { signal } = this.#stopping;
    line.isAsking = true;
    line.askedMs = clock.monotonicMs();
    const offers = takeOffers(roster, limits);
    try {
      await intake.ask(scheduler, offers, { waitMs: limits.waitMs, signal });
      line.failuresCount = 0;
    } catch (error) {
      if (signal.aborted) return;
      events.askFailed(scheduler.id, error);
      const restMs = backoffMs({ attempt: line.failuresCount++, firstMs: 50, maxMs: 2_000 });
      line.restUntilMs = clock.monotonicMs() + restMs;
      clock.timer(restMs, () => this.poke());
    } finally {
      line.isAsking = false;
      this.poke();
    }
  }
}

function lineOf(lines: Map<string, Line>, schedulerId: string): Line {
  const known = lines.get(schedulerId);
  if (known !== undefined) return known;
  const line: Line = {
    isAsking: false,
    askedMs: Number.NEGATIVE_INFINITY,
    failuresCount: 0,
    restUntilMs: 0,
  };
  lines.set(schedulerId, line);
  return line;
}

function forgetOthers(lines: Map<string, Line>, schedulers: readonly SchedulerPeer[]): void {
  const living = new Set(schedulers.map(({ id }) => id));
  for (const id of lines.keys()) if (!living.has(id)) lines.delete(id);
}

// Work without a doorbell: while there is no bus, every scheduler is asked directly and may wait with its answer.
import type { Bus } from '#kernel/bus/bus.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { SchedulerPeer, Topology } from '#kernel/rpc/topology.ts';
import type { Intake } from '../attempts/intake.ts';
import { idleSlots, takeOffers } from '../core/credit.ts';
import type { Roster } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';

/** Asks schedulers directly. */
export type DirectPuller = {
  /** Free slots, schedulers or the bus have changed: looks again whom to ask, once per turn. */
  poke(): void;
  /** False when another scheduler has not been asked for a while: then a slot that falls free is offered there. */
  mayHop(schedulerId: string): boolean;
  /** Breaks off and asks no more. */
  stop(): void;
};

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

/** How long each of several may wait: meanwhile its share of the slots is out of the others' reach. */
const SHARED_WAIT_MS = 250;

/** After this long without a question, another scheduler's turn comes before a refill. */
const TURN_MS = 500;

/** Most slots of one question, so that its answer stays a message of bearable size. */
const SLOTS_MAX = 500;

/** What is known of the questions to one scheduler. */
type Line = { isAsking: boolean; askedMs: number; failuresCount: number; restUntilMs: number };

/** Asks nobody before the first poke. */
export function createDirectPuller(options: DirectPullerOptions): DirectPuller {
  const { roster, bus, topology, intake, clock, events } = options;
  const lines = new Map<string, Line>();
  const stopping = new AbortController();
  let isPoked = false;

  const poke = () => {
    if (isPoked) return;
    isPoked = true;
    queueMicrotask(look);
  };
  const look = () => {
    isPoked = false;
    if (bus.connected() || stopping.signal.aborted) return;
    const schedulers = topology.schedulers();
    forgetOthers(lines, schedulers);
    const silent = schedulers
      .map((scheduler) => ({ scheduler, line: lineOf(lines, scheduler.id) }))
      .filter(({ line }) => !line.isAsking && line.restUntilMs <= clock.monotonicMs())
      .sort((a, b) => a.line.askedMs - b.line.askedMs);
    const waitMs = schedulers.length === 1 ? WAIT_MS : SHARED_WAIT_MS;
    for (const [index, { scheduler, line }] of silent.entries()) {
      const share = Math.ceil(idleSlots(roster) / (silent.length - index));
      if (share === 0) return;
      void ask(scheduler, line, { slotsMax: Math.min(share, SLOTS_MAX), waitMs });
    }
  };
  const ask = async (
    scheduler: SchedulerPeer,
    line: Line,
    limits: { readonly slotsMax: number; readonly waitMs: number },
  ) => {
    line.isAsking = true;
    line.askedMs = clock.monotonicMs();
    const offers = takeOffers(roster, limits);
    try {
      await intake.ask(scheduler, offers, { waitMs: limits.waitMs, signal: stopping.signal });
      line.failuresCount = 0;
    } catch (error) {
      if (stopping.signal.aborted) return;
      events.askFailed(scheduler.id, error);
      const restMs = backoffMs({ attempt: line.failuresCount++, firstMs: 50, maxMs: 2_000 });
      line.restUntilMs = clock.monotonicMs() + restMs;
      clock.timer(restMs, poke);
    } finally {
      line.isAsking = false;
      poke();
    }
  };

  return {
    poke,
    mayHop: (schedulerId) => {
      const schedulers = topology.schedulers();
      if (schedulers.length < 2 || bus.connected()) return true;
      const dueMs = clock.monotonicMs() - TURN_MS;
      return schedulers.every(({ id }) => {
        const line = lineOf(lines, id);
        return id === schedulerId || line.isAsking || line.askedMs > dueMs;
      });
    },
    stop: () => stopping.abort(),
  };
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

// Plays a simulation: leases attempts, has them performed, reports what became of them, and moves
// the clock on whenever nothing can happen at its instant.
//
// Attempts overlap in virtual time. The clock moves only when none is busy: to the next instant at
// which something is due, be it an end, the end of a sleep, a timeout, a timer, or what the
// scheduler has on its agenda.
import { create } from '@bufbuild/protobuf';
import {
  FailureReason,
  type Lease,
  type ResolvedConnection,
} from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import {
  type AttemptLease,
  AttemptEnd,
  AttemptLeaseSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { isLive } from '../core/attempt/leases.ts';
import type { Attempt } from '../core/attempt/attempt.ts';
import { leaseOf } from '../rpc/attempts/lease.ts';
import { argumentsOf } from './task/arguments.ts';
import { Cast, type Performance, type Playing, type Stage } from './cast.ts';
import type { Memory } from './ledger/memory.ts';
import type { OutcomeInit, Simulation } from './simulation.ts';
import { stuckWords } from './stuck.ts';
import { firstTimeoutMs, fireTimers, nextTimerMs } from './timers.ts';

/** Performs an attempt. What it throws ends the play: it is no failure of the task. */
export type Perform = (lease: Lease, stage: Stage) => Performance | Promise<Performance>;

/** What a player works with. */
export type PlayerOptions = {
  readonly perform: Perform;
  readonly memory: Memory;
  /** Those that leases may bring along; none by default. */
  readonly connections?: ReadonlyMap<string, ResolvedConnection>;
  /** Attempts at once; 1,000 by default. */
  readonly slots?: number;
  /** Attempts in one play, 1,000,000 by default: beyond, it is taken for endless. */
  readonly attemptsMax?: number;
};

/** How long to play. */
export type PlayTo = {
  /**
   * The instant the clock is moved to, epoch milliseconds. Absent: until nothing goes on, or only
   * the timeout of a wait that somebody could still end with an event or an answer.
   */
  readonly untilMs?: number | undefined;
  /** Ends the play before, asked whenever all is done for an instant. */
  readonly isOver?: () => boolean;
};

/** Plays on and on; what still runs when a play ends goes on with the next one. */
export type Player = {
  /** Rejects with what a performer threw, and when there is no end in sight. One at a time. */
  play(to: PlayTo): Promise<void>;
};

const SLOTS = 1_000;
const ATTEMPTS_MAX = 1_000_000;
/** Rounds without the clock moving after which nothing is believed to come of it. */
const ROUNDS_PER_INSTANT_MAX = 100_000;
const START_WITHIN_MS = 30_000;

/** A player of a simulation. */
export function createPlayer(simulation: Simulation, options: PlayerOptions): Player {
  return new Play(simulation, options);
}

class Play implements Player {
  readonly #simulation: Simulation;
  readonly #options: PlayerOptions;
  readonly #cast: Cast;

  constructor(simulation: Simulation, options: PlayerOptions) {
    this.#simulation = simulation;
    this.#options = options;
    this.#cast = new Cast(() => simulation.nowMs());
  }

  async play({ untilMs, isOver = () => false }: PlayTo): Promise<void> {
    const { attemptsMax = ATTEMPTS_MAX } = this.#options;
    const simulation = this.#simulation;
    let [attemptsCount, roundsCount] = [0, 0];
    for (;;) {
      attemptsCount += this.#beginNext();
      await this.#cast.quiet();
      roundsCount += 1;
      if (attemptsCount > attemptsMax || roundsCount > ROUNDS_PER_INSTANT_MAX) {
        const stuck = stuckWords(simulation);
        throw new Error(`there is no end in sight after ${attemptsCount} attempts: ${stuck}`);
      }
      if (this.#doDue() || this.#canBegin()) continue;
      if (isOver()) return;
      const nextMs = this.#nextMs();
      if (nextMs === undefined || nextMs > this.#lastMs(untilMs)) {
        if (untilMs !== undefined) simulation.advanceTo(untilMs);
        return;
      }
      if (nextMs > simulation.nowMs()) roundsCount = 0;
      simulation.advanceTo(nextMs);
    }
  }

  #beginNext(): number {
    const slots = this.#freeSlots();
    const leased = slots > 0 ? this.#simulation.lease(slots) : [];
    for (const attempt of leased) this.#begin(attempt);
    return leased.length;
  }

  #freeSlots(): number {
    return (this.#options.slots ?? SLOTS) - this.#cast.size;
  }

  #canBegin(): boolean {
    if (this.#freeSlots() <= 0) return false;
    const { queues } = this.#simulation.picture;
    return [...queues.values()].some(({ ready }) => ready.count > 0);
  }

  #begin(attempt: Attempt): void {
    const lease = create(AttemptLeaseSchema, leaseOf(attempt, START_WITHIN_MS));
    const timeoutMs = fromDuration(lease.lease?.executionTimeout) ?? Number.POSITIVE_INFINITY;
    const deadlineMs = attempt.startMs + timeoutMs;
    this.#cast.enter({ attempt, deadlineMs }, (stage) => this.#perform(attempt, lease, stage));
  }

  async #perform(
    { instance: { run } }: Attempt,
    { lease, ...rest }: AttemptLease,
    stage: Stage,
  ): Promise<Performance> {
    const { memory, perform, connections } = this.#options;
    if (lease === undefined) throw new Error('the scheduler leased nothing');
    const found = argumentsOf({ lease, ...rest }, { run, memory });
    if (found.kind === 'found') {
      const { inputsJson } = found;
      const brought = rest.connections.flatMap((connId) => connections?.get(connId) ?? []);
      return perform({ ...lease, inputsJson, connections: brought }, stage);
    }
    const { errorClass, message } = found;
    const error = { errorClass, message, reason: FailureReason.LIMIT };
    return { outcome: { end: AttemptEnd.FAILED, error } };
  }

  /** Does what is due by now; answers whether there was anything. */
  #doDue(): boolean {
    const nowMs = this.#simulation.nowMs();
    let isAnything = fireTimers(this.#simulation);
    for (const playing of this.#cast.all()) {
      const { attempt, sleep, end, deadlineMs } = playing;
      if (!isLive(attempt)) this.#cast.leave(playing, 'the attempt is not live any more');
      else if (end !== undefined && end.atMs <= nowMs) this.#report(playing, end.outcome);
      else if (deadlineMs <= nowMs) this.#report(playing, timedOut(playing));
      else if (sleep !== undefined && sleep.untilMs <= nowMs) sleep.wake();
      else continue;
      isAnything = true;
    }
    return isAnything;
  }

  #report(playing: Playing, outcome: OutcomeInit): void {
    this.#cast.leave(playing, 'the attempt is over');
    this.#simulation.report(playing.attempt, outcome);
  }

  /** The next instant at which something is due; undefined when nothing ever will be. */
  #nextMs(): number | undefined {
    const moments = [this.#simulation.nextDueMs(), nextTimerMs(this.#simulation)];
    for (const { end, sleep, deadlineMs } of this.#cast.all()) {
      moments.push(Math.min(end?.atMs ?? sleep?.untilMs ?? deadlineMs, deadlineMs));
    }
    const known = moments.filter((ms) => ms !== undefined && Number.isFinite(ms));
    return known.length === 0 ? undefined : Math.min(...(known as readonly number[]));
  }

  /** How far the clock may be moved. */
  #lastMs(untilMs: number | undefined): number {
    if (untilMs !== undefined) return untilMs;
    const timeoutMs = firstTimeoutMs(this.#simulation);
    return timeoutMs === undefined ? Number.POSITIVE_INFINITY : timeoutMs - 1;
  }
}

function timedOut({ attempt, deadlineMs }: Playing): OutcomeInit {
  const message = `timed out: ran longer than its ${(deadlineMs - attempt.startMs) / 1_000} s`;
  const error = { errorClass: 'TaskTimeout', message, reason: FailureReason.TIMEOUT };
  return { end: AttemptEnd.FAILED, error };
}

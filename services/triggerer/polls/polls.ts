// Asking again and again, once for all triggers that ask the same.
//
// A poll sleeps until it is due → waits for its turn → asks → hands the answer to its members → and
// sleeps again, until its last member has left. Each member is given an answer to a question that
// was put after it had joined.
import { jittered } from '#kernel/clock/random.ts';
import { type ErrorName, messageOf, reasonOf } from '#kernel/errors/errors.ts';
import type { Alarm, Alarms } from '../alarms.ts';
import type { Outcome } from '../core/outcome.ts';
import type { TriggererEvents } from '../events.ts';
import type { TriggerKind } from '../triggers/trigger.ts';
import type { Turnstile } from './turnstile.ts';

/** What polls of one kind work with. `Q` is what a member wants to know, `A` what all are told. */
export type PollsOptions<Q, A> = {
  readonly kind: TriggerKind;
  /** They go by the time that is never set. */
  readonly alarms: Alarms;
  readonly turnstile: Turnstile;
  readonly events: TriggererEvents;
  readonly ask: Ask<Q, A>;
};

/** Puts the questions of all members at once; has a deadline of its own. */
export type Ask<Q, A> = (questions: readonly [Q, ...Q[]], signal: AbortSignal) => Promise<A>;

/** One trigger that wants to know. */
export type Member<Q, A> = {
  /** Members with equal keys share their polls. */
  readonly key: string;
  /** Where the question goes: polls of one lane are limited together. */
  readonly lane: string;
  readonly question: Q;
  /** Time between two questions; among members of one poll the shortest holds. */
  readonly intervalMs: number;
  /** The outcome, or undefined while the answer is not as wished. */
  readonly judge: (answer: A) => Outcome | undefined;
  readonly end: (outcome: Outcome) => void;
};

type Poll<Q, A> = {
  readonly key: string;
  readonly lane: string;
  readonly members: Set<Member<Q, A>>;
  /** Those that no question was put for yet. */
  readonly unasked: Set<Member<Q, A>>;
  askedMs: number;
  alarm: Alarm | undefined;
  asking: AbortController | undefined;
};

/** No poll comes more often, whatever its members wish. */
const INTERVAL_MIN_MS = 100;

/** A new member of a running poll is asked for no sooner than this after the last question. */
const SPACING_MS = 250;

/** Errors that are the trigger's own fault: the same question will meet them again. */
const HOPELESS: ReadonlySet<ErrorName | undefined> = new Set([
  'bad_request',
  'host_not_allowed',
  'limit_reached',
] as const);

/** The polls of one kind of trigger. */
export class Polls<Q, A> {
  readonly #options: PollsOptions<Q, A>;
  readonly #polls = new Map<string, Poll<Q, A>>();

  /** Nobody asks anything yet. */
  constructor(options: PollsOptions<Q, A>) {
    this.#options = options;
  }

  /** Begins to ask for a member, at once; answers how to leave. */
  join(member: Member<Q, A>): () => void {
    const poll = this.#pollOf(member);
    const isSoon = poll.unasked.size > 0;
    poll.members.add(member);
    poll.unasked.add(member);
    if (!isSoon) this.#schedule(poll);
    return () => this.#leave(poll, member);
  }

  /** How many different questions are asked. */
  get size(): number {
    return this.#polls.size;
  }

  #pollOf({ key, lane }: Member<Q, A>): Poll<Q, A> {
    const known = this.#polls.get(key);
    if (known !== undefined) return known;
    const poll: Poll<Q, A> = {
      key,
      lane,
      members: new Set(),
      unasked: new Set(),
      askedMs: Number.NEGATIVE_INFINITY,
      alarm: undefined,
      asking: undefined,
    };
    this.#polls.set(key, poll);
    return poll;
  }

  /** A poll that is asking is scheduled when it has its answer. */
  #schedule(poll: Poll<Q, A>): void {
    if (poll.asking !== undefined) return;
    poll.alarm?.cancel();
    const { alarms } = this.#options;
    const intervalMs = intervalOf(poll.members);
    const pauseMs = poll.unasked.size > 0 ? Math.min(intervalMs, SPACING_MS) : aboutMs(intervalMs);
    const dueMs = Math.max(poll.askedMs + pauseMs, alarms.nowMs());
    poll.alarm = alarms.set(dueMs, () => void this.#turn(poll));
  }

  async #turn(poll: Poll<Q, A>): Promise<void> {
    const { turnstile, events, kind } = this.#options;
    const asking = new AbortController();
    poll.alarm = undefined;
    poll.asking = asking;
    try {
      await turnstile(poll.lane, asking.signal, () => this.#ask(poll, asking.signal));
    } catch (error) {
      if (asking.signal.aborted) return;
      events.pollFailed(kind, error);
      if (HOPELESS.has(reasonOf(error))) this.#endAll(poll, messageOf(error));
    }
    poll.asking = undefined;
    if (poll.members.size > 0) this.#schedule(poll);
  }

  async #ask(poll: Poll<Q, A>, signal: AbortSignal): Promise<void> {
    const { ask, alarms, events, kind } = this.#options;
    const members = [...poll.members];
    const [first, ...rest] = members.map(({ question }) => question);
    // Whoever leaves last aborts the signal, so somebody is there.
    if (first === undefined) return;
    poll.unasked.clear();
    poll.askedMs = alarms.nowMs();
    const answer = await ask([first, ...rest], signal);
    events.polled(kind, alarms.nowMs() - poll.askedMs);
    for (const member of members) {
      if (!poll.members.has(member)) continue;
      const outcome = judged(member, answer);
      if (outcome !== undefined) this.#end(poll, member, outcome);
    }
  }

  #endAll(poll: Poll<Q, A>, error: string): void {
    for (const member of [...poll.members]) this.#end(poll, member, { kind: 'failed', error });
  }

  #end(poll: Poll<Q, A>, member: Member<Q, A>, outcome: Outcome): void {
    this.#leave(poll, member);
    member.end(outcome);
  }

  #leave(poll: Poll<Q, A>, member: Member<Q, A>): void {
    poll.unasked.delete(member);
    if (!poll.members.delete(member) || poll.members.size > 0) return;
    poll.alarm?.cancel();
    poll.asking?.abort();
    this.#polls.delete(poll.key);
  }
}

/** A judge that throws ends its own wait and no other. */
function judged<Q, A>(member: Member<Q, A>, answer: A): Outcome | undefined {
  try {
    return member.judge(answer);
  } catch (error) {
    return { kind: 'failed', error: messageOf(error) };
  }
}

function intervalOf(members: Iterable<{ readonly intervalMs: number }>): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (const { intervalMs } of members) if (intervalMs < shortestMs) shortestMs = intervalMs;
  return Math.max(shortestMs, INTERVAL_MIN_MS);
}

/** Give or take a tenth, so that polls which began together do not stay together. */
function aboutMs(intervalMs: number): number {
  return intervalMs * 0.8 + jittered(intervalMs * 0.2);
}

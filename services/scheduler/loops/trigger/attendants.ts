// The triggerers that are there: what each is told, and who has left or fallen silent.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AttendTriggersResponseSchema } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { createMessageQueue, type MessageQueue } from '#kernel/rpc/message-queue.ts';
import type { SchedulerEvents } from '../../events.ts';
import type { Attends } from './attendance.ts';

export type Answer = MessageInitShape<typeof AttendTriggersResponseSchema>;

/** A triggerer at the desk. */
export type Attendant = Attends & {
  readonly triggererId: string;
  /** What it is told, as long as it reads. */
  readonly answers: MessageQueue<Answer>;
  seenMs: number;
};

/** A triggerer that is silent for so long has lost its waits. It reports once a second. */
const SILENCE_MS = 5_000;
/** Answers that one may leave unread. */
const ANSWERS_MAX = 10_000;

export class Attendants {
  readonly #clock: Clock;
  readonly #events: SchedulerEvents;
  readonly #onLeave: (attendant: Attendant) => void;
  readonly #present = new Map<string, Attendant>();
  #isClosed = false;

  /** `onLeave` is told of each that attends no more, once. */
  constructor(options: {
    readonly clock: Clock;
    readonly events: SchedulerEvents;
    readonly onLeave: (attendant: Attendant) => void;
  }) {
    this.#clock = options.clock;
    this.#events = options.events;
    this.#onLeave = options.onLeave;
  }

  all(): Iterable<Attendant> {
    return this.#present.values();
  }

  /** A triggerer comes; the one that had its name leaves. After `close` it leaves at once. */
  join(triggererId: string, capacity: number): Attendant {
    const before = this.#present.get(triggererId);
    if (before !== undefined) this.leave(before);
    const attendant: Attendant = {
      triggererId,
      capacity,
      held: new Set(),
      answers: createMessageQueue({ messagesMax: ANSWERS_MAX }),
      seenMs: this.#clock.monotonicMs(),
    };
    // The first answer says that the triggerer is known, whether or not there is work.
    attendant.answers.push({});
    if (this.#isClosed) attendant.answers.end();
    else this.#present.set(triggererId, attendant);
    return attendant;
  }

  /** It lives; undefined when it does not attend. */
  seen(triggererId: string): Attendant | undefined {
    const attendant = this.#present.get(triggererId);
    if (attendant !== undefined) attendant.seenMs = this.#clock.monotonicMs();
    return attendant;
  }

  /** One that no longer reads what it is told attends nothing. */
  tell(attendant: Attendant, answer: Answer): void {
    if (this.#present.get(attendant.triggererId) !== attendant) return;
    if (attendant.answers.size < ANSWERS_MAX) return attendant.answers.push(answer);
    this.#dismiss(attendant);
  }

  /** Sends those away that were silent for too long. */
  dismissSilent(): void {
    const untilMs = this.#clock.monotonicMs() - SILENCE_MS;
    for (const attendant of this.#present.values()) {
      if (attendant.seenMs < untilMs) this.#dismiss(attendant);
    }
  }

  /** It attends no more; one that has left before is left alone. */
  leave(attendant: Attendant): void {
    attendant.answers.end();
    if (this.#present.get(attendant.triggererId) !== attendant) return;
    this.#present.delete(attendant.triggererId);
    this.#onLeave(attendant);
  }

  /** Sends everybody away, and whoever still comes. */
  close(): void {
    this.#isClosed = true;
    for (const attendant of this.#present.values()) this.leave(attendant);
  }

  #dismiss(attendant: Attendant): void {
    this.#events.triggererSilent(attendant.triggererId, attendant.held.size);
    this.leave(attendant);
  }
}

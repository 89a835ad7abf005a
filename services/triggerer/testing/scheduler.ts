// For tests: a scheduler in memory that keeps the triggerer's contract: it gives waits to those who
// attend, takes each end once, and gives the waits of whoever is gone or silent to others.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import {
  type AttendTriggersResponseSchema,
  type ReportTriggersRequest,
  type TriggerEvent,
  type TriggerLease,
  TriggerLeaseSchema,
} from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { type ErrorName, fail } from '#kernel/errors/errors.ts';
import { createMessageQueue, type MessageQueue } from '#kernel/rpc/message-queue.ts';
import type { Handlers } from '#kernel/rpc/service.ts';

/** What is waited for. */
export type SpecInit = MessageInitShape<typeof TriggerSpecSchema>;

/** A wait to be given out. */
export type TestWait = {
  readonly waitId: string;
  readonly trigger: SpecInit;
  readonly sinceMs?: number;
  readonly priority?: number;
  /** What its watcher was told last. */
  readonly knownEventSha256?: Uint8Array;
  /** Where it stands among the updates of an asset. */
  readonly assetCursor?: string;
};

type Change = MessageInitShape<typeof AttendTriggersResponseSchema>;

type Session = {
  readonly triggererId: string;
  readonly capacity: number;
  readonly changes: MessageQueue<Change>;
  readonly held: Set<string>;
  heardMs: number;
};

/** Most waits of one message, so that it stays one. */
const WAITS_MAX = 2_000;

/** A scheduler in memory. */
export class TestScheduler {
  readonly id: string;
  /** Ends that were taken, once per wait. */
  readonly ended = new Map<string, TriggerEvent>();
  /** All that came, taken or not. */
  readonly reports: ReportTriggersRequest[] = [];
  /** How often each wait was given out. */
  readonly givenCounts = new Map<string, number>();
  /** While set, reports fail with this reason. */
  failure: ErrorName | undefined;
  /** While true, reports are taken and their answers lost. */
  losesAnswers = false;
  /** Refuses whatever reports one of these. */
  readonly poisonIds = new Set<string>();
  readonly #silenceMs: number;
  readonly #waiting = new Map<string, TriggerLease>();
  readonly #sessions = new Map<string, Session>();
  readonly #lost = new Map<string, Set<string>>();

  /** Those who say nothing for `silenceMs` lose their waits at the next `sweep`. */
  constructor(id: string, silenceMs = 2_500) {
    this.id = id;
    this.#silenceMs = silenceMs;
  }

  /** The RPCs that triggerers call. */
  handlers(): Pick<Handlers<typeof SchedulerService>, 'attendTriggers' | 'reportTriggers'> {
    return {
      attendTriggers: ({ triggererId, capacity }, { signal }) =>
        this.#attend(triggererId, capacity, signal),
      reportTriggers: async (report) => this.#take(report),
    };
  }

  /** Adds waits and gives them out. */
  add(...waits: readonly TestWait[]): void {
    for (const { waitId, trigger, sinceMs, priority, ...watched } of waits) {
      const since = toTimestamp(sinceMs ?? systemClock.nowMs());
      const place = { dagId: 'etl', runId: 'manual__1', taskId: 'wait', mapIndex: -1 };
      const init = { waitId, trigger, since, priority: priority ?? 1, ...place, ...watched };
      this.#waiting.set(waitId, create(TriggerLeaseSchema, init));
    }
    this.#give();
  }

  /** Ends waits as the mesh does, e.g. because their runs were cancelled. */
  remove(...waitIds: readonly string[]): void {
    for (const waitId of waitIds) {
      this.#waiting.delete(waitId);
      const holder = this.#holderOf(waitId);
      holder?.held.delete(waitId);
      holder?.changes.push({ removedWaitIds: [waitId] });
    }
  }

  /** Ids of those who attend now, with what they hold and the capacity they offered. */
  get attending(): ReadonlyMap<string, { readonly held: number; readonly capacity: number }> {
    return new Map(
      [...this.#sessions.values()].map(({ triggererId, held, capacity }) => [
        triggererId,
        { held: held.size, capacity },
      ]),
    );
  }

  /** Gives the waits of those who were silent for too long to others, as schedulers do. */
  sweep(): void {
    for (const session of this.#sessions.values()) {
      if (systemClock.monotonicMs() - session.heardMs < this.#silenceMs) continue;
      this.#lost.set(session.triggererId, new Set(session.held));
      session.held.clear();
    }
    this.#give();
  }

  /** Breaks all streams. */
  breakStreams(): void {
    for (const { changes } of this.#sessions.values()) {
      changes.abort(fail('unreachable', 'as the test wants it'));
    }
  }

  async *#attend(triggererId: string, capacity: number, signal: AbortSignal) {
    const changes = createMessageQueue<Change>({ messagesMax: 100_000 });
    const heardMs = systemClock.monotonicMs();
    const session = { triggererId, capacity, changes, held: new Set<string>(), heardMs };
    this.#sessions.set(triggererId, session);
    signal.addEventListener('abort', () => changes.end());
    changes.push({});
    this.#give();
    try {
      yield* changes;
    } finally {
      if (this.#sessions.get(triggererId) === session) this.#sessions.delete(triggererId);
      this.#give();
    }
  }

  #take(report: ReportTriggersRequest) {
    this.reports.push(report);
    if (this.failure !== undefined) throw fail(this.failure, 'as the test wants it');
    const { triggererId, events } = report;
    if (events.some(({ waitId, error }) => this.poisonIds.has(waitId) && error === '')) {
      throw fail('bad_request', 'as the test wants it');
    }
    const session = this.#sessions.get(triggererId);
    if (session !== undefined) session.heardMs = systemClock.monotonicMs();
    for (const event of events) {
      session?.held.delete(event.waitId);
      if (this.#waiting.delete(event.waitId)) this.ended.set(event.waitId, event);
    }
    if (this.losesAnswers) throw fail('unreachable', 'the answer was lost');
    const lostWaitIds = [...(this.#lost.get(triggererId) ?? [])];
    this.#lost.delete(triggererId);
    this.#give();
    return { lostWaitIds };
  }

  /** Gives each wait that nobody holds to whoever has the most room. */
  #give(): void {
    const held = new Set([...this.#sessions.values()].flatMap((session) => [...session.held]));
    const added = new Map<Session, TriggerLease[]>();
    for (const lease of this.#waiting.values()) {
      if (held.has(lease.waitId)) continue;
      const session = this.#roomiest();
      if (session === undefined) break;
      session.held.add(lease.waitId);
      this.givenCounts.set(lease.waitId, (this.givenCounts.get(lease.waitId) ?? 0) + 1);
      const own = added.get(session);
      if (own === undefined) added.set(session, [lease]);
      else own.push(lease);
    }
    for (const [session, leases] of added) {
      for (let from = 0; from < leases.length; from += WAITS_MAX) {
        session.changes.push({ added: leases.slice(from, from + WAITS_MAX) });
      }
    }
  }

  #roomiest(): Session | undefined {
    const now = systemClock.monotonicMs();
    const able = [...this.#sessions.values()].filter(
      ({ held, capacity, heardMs }) => held.size < capacity && now - heardMs < this.#silenceMs,
    );
    return able.reduce<Session | undefined>(
      (best, each) => (best === undefined || roomOf(each) > roomOf(best) ? each : best),
      undefined,
    );
  }

  #holderOf(waitId: string): Session | undefined {
    return [...this.#sessions.values()].find(({ held }) => held.has(waitId));
  }
}

function roomOf({ capacity, held }: Session): number {
  return capacity - held.size;
}

// Hands waits to triggerers and takes their events: each wait is attended by one of them, and goes
// to another when that one leaves or falls silent.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  TriggerEvent,
  TriggerLeaseSchema,
} from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { ChangeSet } from '../../core/change-set.ts';
import type { Instance } from '../../core/instance.ts';
import { fire, isCurrent } from '../../core/wait/wait-end.ts';
import type { SchedulerEvents } from '../../events.ts';
import { createAttendance, handOut, leaveAttendance, putBack, standInLine } from './attendance.ts';
import { type Answer, type Attendant, Attendants } from './attendants.ts';
import type { Engine } from '../commit/engine.ts';

type Lease = MessageInitShape<typeof TriggerLeaseSchema>;

const LOOK_MS = 1_000;
/** Waits of one answer. */
const PAGE_SIZE = 1_000;

export type TriggerDesk = Part & {
  /** What changed for a triggerer, as long as it listens. */
  attend(triggererId: string, capacity: number, signal: AbortSignal): AsyncIterable<Answer>;
  /**
   * Takes events, and which waits have seen untrue what they wait for; answers the waits that are
   * not (any more) this triggerer's.
   */
  report(
    triggererId: string,
    events: readonly TriggerEvent[],
    untrueWaitIds?: readonly string[],
  ): Promise<readonly string[]>;
  /** Waits that this commit began or ended. */
  committed(changes: ChangeSet): void;
  /** Gives a wait of somebody else to triggerers, until its event was taken or `unwatch`. */
  watch(attended: Attended): void;
  /** Such a wait is over; does nothing when it was before. */
  unwatch(waitId: string): void;
};

/** A wait for somebody else than a task instance; it is nobody's once its event was taken. */
export type Attended = {
  readonly waitId: string;
  /** Asked anew for each triggerer. */
  readonly lease: () => Lease;
  /** What is waited for is not true now: the event that is known may come again. */
  readonly onUntrue: () => void;
  /** Takes its event. When this rejects, the triggerer tells it again. */
  readonly onEvent: (event: TriggerEvent) => Promise<void>;
};

/** A desk that nobody attends yet. */
export function createTriggerDesk(options: {
  readonly engine: () => Engine;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
}): TriggerDesk {
  return new Desk(options);
}

class Desk implements TriggerDesk {
  readonly name = 'trigger-desk';
  readonly #engine: () => Engine;
  readonly #clock: Clock;
  readonly #attendants: Attendants;
  /** Waits that are no task instance's, by wait_id. */
  readonly #watched = new Map<string, Attended>();
  readonly #attendance = createAttendance<Attendant>();
  /** The wait of each task instance that is attended, or to be. */
  readonly #waitIds = new Map<Instance, string>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: {
    readonly engine: () => Engine;
    readonly clock: Clock;
    readonly events: SchedulerEvents;
  }) {
    this.#engine = options.engine;
    this.#clock = options.clock;
    this.#attendants = new Attendants({
      ...options,
      onLeave: (attendant) => {
        putBack(this.#attendance, attendant);
        this.#assignOpen();
      },
    });
  }

  async start(): Promise<void> {
    this.#loop = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#attendants.close();
    await this.#loop;
  }

  async *attend(
    triggererId: string,
    capacity: number,
    signal: AbortSignal,
  ): AsyncGenerator<Answer> {
    // Whoever hung up before this began would tell nobody.
    if (signal.aborted) return;
    const attendant = this.#attendants.join(triggererId, capacity);
    const leave = () => this.#attendants.leave(attendant);
    signal.addEventListener('abort', leave, { once: true });
    try {
      this.#reconcile();
      this.#assignOpen();
      yield* attendant.answers;
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  async report(
    triggererId: string,
    events: readonly TriggerEvent[],
    untrueWaitIds: readonly string[] = [],
  ): Promise<readonly string[]> {
    const attendant = this.#attendants.seen(triggererId);
    for (const waitId of untrueWaitIds) {
      if (attendant?.held.has(waitId)) this.#watched.get(waitId)?.onUntrue();
    }
    const isOwn = ({ waitId }: TriggerEvent) => attendant?.held.has(waitId) ?? false;
    const own = events.filter(isOwn);
    const lost = events.filter((event) => !isOwn(event));
    const ofTasks = own.filter(({ waitId }) => !this.#watched.has(waitId));
    if (ofTasks.length > 0) {
      await this.#engine().decide((deciding) => {
        for (const event of ofTasks) {
          const instance = deciding.picture.waits.get(event.waitId);
          if (instance === undefined || !isCurrent(instance, event.waitId)) continue;
          fire(deciding, instance, event);
        }
      });
      for (const { waitId } of ofTasks) leaveAttendance(this.#attendance, waitId);
    }
    await this.#tell(own);
    if (own.length > 0) this.#assignOpen();
    return lost.map(({ waitId }) => waitId);
  }

  committed(changes: ChangeSet): void {
    const { waits } = this.#engine().picture();
    if (waits.size === 0 && this.#waitIds.size === 0) return;
    const over: string[] = [];
    for (const instance of changes.instances) {
      const before = this.#waitIds.get(instance);
      if (before !== undefined && waits.get(before) !== instance) {
        over.push(before);
        this.#waitIds.delete(instance);
      }
      const waitId = instance.wait?.waitId ?? '';
      if (waits.get(waitId) === instance) this.#offer(waitId, instance);
    }
    this.#retract(over);
    this.#assignOpen();
  }

  watch(attended: Attended): void {
    const { lease, waitId } = attended;
    this.#watched.set(waitId, attended);
    const priority = lease().priority ?? 0;
    standInLine(this.#attendance, { waitId, priority, lease });
    this.#assignOpen();
  }

  unwatch(waitId: string): void {
    if (this.#watched.delete(waitId)) this.#retract([waitId]);
  }

  /** Tells those who are no task instances; rejects, all told, when one of them cannot take it. */
  async #tell(events: readonly TriggerEvent[]): Promise<void> {
    const told = events.map(async (event) => {
      await this.#watched.get(event.waitId)?.onEvent(event);
      if (!this.#watched.delete(event.waitId)) return;
      leaveAttendance(this.#attendance, event.waitId);
    });
    const failed = (await Promise.allSettled(told)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Notices silence, waits that came with partitions, and those that went with them. */
  async #watch(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#clock.sleep(LOOK_MS, this.#stopping.signal);
      this.#attendants.dismissSilent();
      this.#reconcile();
      this.#assignOpen();
    }
  }

  /** Whoever waits is attended, and nobody else is. */
  #reconcile(): void {
    const engine = this.#engine();
    const { waits } = engine.picture();
    const isOver = (waitId: string) => !waits.has(waitId) && !this.#watched.has(waitId);
    this.#retract([...this.#attendance.places.keys()].filter(isOver));
    for (const [instance, waitId] of this.#waitIds) {
      if (waits.get(waitId) !== instance) this.#waitIds.delete(instance);
    }
    // A wait whose commit is still to be answered may never have begun.
    for (const [waitId, instance] of waits) {
      if (instance.isStored && !engine.isPending(instance)) this.#offer(waitId, instance);
    }
  }

  #offer(waitId: string, instance: Instance): void {
    this.#waitIds.set(instance, waitId);
    const { priority } = instance.task;
    standInLine(this.#attendance, { waitId, priority, lease: () => leaseOf(instance) });
  }

  /** Gives waits that nobody attends to those who have most room, higher priority first. */
  #assignOpen(): void {
    for (const [attendant, waits] of handOut(this.#attendance, this.#attendants.all())) {
      for (let from = 0; from < waits.length; from += PAGE_SIZE) {
        const page = waits.slice(from, from + PAGE_SIZE);
        this.#attendants.tell(attendant, { added: page.map(({ lease }) => lease()) });
      }
    }
  }

  /** Waits are over: whoever attends them may stop. */
  #retract(waitIds: readonly string[]): void {
    const removed = new Map<Attendant, string[]>();
    for (const waitId of waitIds) {
      const holder = leaveAttendance(this.#attendance, waitId);
      if (holder === undefined) continue;
      const own = removed.get(holder) ?? [];
      own.push(waitId);
      removed.set(holder, own);
    }
    for (const [holder, removedWaitIds] of removed) {
      this.#attendants.tell(holder, { removedWaitIds });
    }
  }
}

function leaseOf(instance: Instance): Lease {
  const { run, task, wait, mapIndex } = instance;
  return {
    waitId: wait?.waitId ?? '',
    ...(wait?.trigger === undefined ? {} : { trigger: wait.trigger }),
    since: wait?.since ?? toTimestamp(0),
    dagId: run.dag.dagId,
    runId: run.runId,
    taskId: task.taskId,
    mapIndex,
    priority: task.priority,
  };
}

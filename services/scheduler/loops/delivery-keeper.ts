// Brings asset events from the ledger's queues to the DAGs that await them.
import type { AssetDelivery, LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { receiveDeliveries } from '../core/asset/deliveries.ts';
import { forgetTaken } from '../core/asset/take-events.ts';
import type { ChangeSet } from '../core/change-set.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './commit/engine.ts';
import type { Ownership } from './commit/ownership.ts';

export type DeliveryKeeperOptions = {
  readonly ledger: Pick<Client<typeof LedgerService>, 'watchDeliveries' | 'loadDeliveries'>;
  readonly engine: Engine;
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
  /** Takes a DAG over that was stored a moment ago. */
  readonly learn: (dagId: string) => Promise<void>;
};

export type DeliveryKeeper = Part & {
  /** Looks whether there is something to read: what was not loaded may be by now. */
  look(): void;
  /** Reads what awaits the DAGs of partitions that were just loaded. */
  loaded(partitions: readonly number[]): void;
  /** A commit was answered: what it took is not in the ledger any more. */
  committed(changes: ChangeSet): void;
};

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;
const LOAD_TIMEOUT_MS = 30_000;
/** Deliveries taken in by one decision. */
const RECEIVED_AT_ONCE = 1_000;
/** After a reading of several pages news gather: each brings all that waits once more. */
const LONG_READING_PAUSE_MS = 1_000;

/** Follows the ledger until stopped. After a break everything that is owned is read again. */
export function createDeliveryKeeper(options: DeliveryKeeperOptions): DeliveryKeeper {
  const keeper = new Keeper(options);
  return {
    name: 'delivery keeper',
    start: async () => keeper.start(),
    stop: () => keeper.stop(),
    look: () => keeper.look(),
    loaded: (partitions) => keeper.hear(partitions),
    committed: (changes) => keeper.committed(changes),
  };
}

class Keeper {
  readonly #options: DeliveryKeeperOptions;
  readonly #stopping = new AbortController();
  /** Partitions in which something awaits its consumers. */
  readonly #waiting = new Set<number>();
  /** Commits that were answered while a reading was under way, which may bring what they took. */
  readonly #answered: ChangeSet[] = [];
  #watching: Promise<void> | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: DeliveryKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await this.#reading;
  }

  hear(partitions: readonly number[]): void {
    for (const partition of partitions) this.#waiting.add(partition);
    this.look();
  }

  look(): void {
    if (this.#reading !== undefined || this.#stopping.signal.aborted) return;
    if (this.#waiting.size === 0) return;
    const ready = this.#takeReady();
    if (ready.length === 0) return;
    this.#reading = this.#read(ready).finally(() => {
      this.#reading = undefined;
      this.#forgetAnswered();
      this.look();
    });
  }

  committed(changes: ChangeSet): void {
    if (changes.consumed.size === 0) return;
    if (changes.dropped.size > 0) this.#options.events.assetEventsDropped(changes.dropped);
    this.#answered.push(changes);
    if (this.#reading === undefined) this.#forgetAnswered();
  }

  async #watch(): Promise<void> {
    const { ledger, ownership, clock, events } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const schedulerId = ownership.schedulerId();
        for await (const { partitions } of ledger.watchDeliveries({ schedulerId }, { signal })) {
          attempt = 0;
          this.hear(partitions);
        }
      } catch (error) {
        if (!signal.aborted) events.deliveriesNotRead(error);
      }
      const waitMs = backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
      await clock.sleep(waitMs, signal);
    }
  }

  /** What is owned and loaded; what is being loaded has its turn later. */
  #takeReady(): number[] {
    const { partitions } = this.#options.ownership;
    const ready = [...this.#waiting].filter((each) => partitions.get(each)?.isLoaded);
    for (const partition of this.#waiting) {
      if (partitions.get(partition)?.isLoaded !== false) this.#waiting.delete(partition);
    }
    return ready;
  }

  async #read(partitions: readonly number[]): Promise<void> {
    const { clock, events } = this.#options;
    const { signal } = this.#stopping;
    try {
      const pagesCount = await this.#take(partitions);
      if (pagesCount > 1) await clock.sleep(LONG_READING_PAUSE_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      events.deliveriesNotRead(error);
      for (const partition of partitions) this.#waiting.add(partition);
      await clock.sleep(RETRY_MAX_MS, signal);
    }
  }

  /**
   * Takes in all that waits, page by page: what cannot be taken yet, or ever, hides nothing that
   * came after it. Answers how many pages there were.
   */
  async #take(partitions: readonly number[]): Promise<number> {
    const { ledger, ownership } = this.#options;
    const { signal } = this.#stopping;
    const owned = new Map(partitions.map((each) => [each, ownership.partitions.get(each)?.epoch]));
    // Of a partition that moved meanwhile, this may have been taken since.
    const isOurs = ({ dagId }: AssetDelivery) => {
      const partition = partitionOf(dagId);
      return ownership.partitions.get(partition)?.epoch === owned.get(partition);
    };
    let pagesCount = 0;
    for (let last: AssetDelivery | undefined; ; ) {
      const after = last && { eventId: last.event?.id ?? '', dagId: last.dagId };
      const asked = { partitions: [...partitions], ...(after && { after }) };
      const answer = await ledger.loadDeliveries(asked, { signal, timeoutMs: LOAD_TIMEOUT_MS });
      pagesCount += 1;
      await this.#receive(answer.deliveries, isOurs);
      last = answer.deliveries.at(-1);
      if (!answer.isCut || last === undefined) return pagesCount;
    }
  }

  async #receive(
    deliveries: readonly AssetDelivery[],
    isOurs: (delivery: AssetDelivery) => boolean,
  ): Promise<void> {
    const { engine, learn } = this.#options;
    const { dags } = engine.picture();
    const unknown = new Set(deliveries.map(({ dagId }) => dagId).filter((id) => !dags.has(id)));
    for (const dagId of unknown) await learn(dagId);
    for (let at = 0; at < deliveries.length; at += RECEIVED_AT_ONCE) {
      const some = deliveries.slice(at, at + RECEIVED_AT_ONCE);
      await engine.decide((deciding, moment) =>
        receiveDeliveries(deciding, moment, some.filter(isOurs)),
      );
    }
  }

  #forgetAnswered(): void {
    const picture = this.#options.engine.picture();
    for (const changes of this.#answered.splice(0)) forgetTaken(picture, changes);
  }
}

// One watcher of an asset, from round to round.
//
// A round is a wait at the trigger desk → a triggerer tells its event → the event is recorded as an
// update of the asset → after a pause the next round begins where this one ended. A round that
// fails is begun again later and later. An event that is told twice is one update.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { AssetWatcher } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { TriggerEvent } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import type { Clock, Timer } from '#kernel/clock/clock.ts';
import { backoffMs, uuidV7 } from '#kernel/clock/random.ts';
import { isRetryable, messageOf } from '#kernel/errors/errors.ts';
import {
  pauseMsOf,
  roundOf,
  standsAfter,
  updateOf,
  type WatchedUntil,
  whereItStands,
} from '../../core/asset/watching.ts';
import type { SchedulerEvents } from '../../events.ts';
import type { TriggerDesk } from './trigger-desk.ts';

export type AssetWatchOptions = {
  readonly watcher: AssetWatcher;
  readonly desk: Pick<TriggerDesk, 'watch' | 'unwatch'>;
  /** Records what it saw; idempotent by the update's id. */
  readonly record: (sight: Sight) => Promise<void>;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
};

/** What a watcher saw. */
export type Sight = {
  readonly watcherName: string;
  readonly update: AssetEvent;
  /** Where it goes on among the updates of the asset it waits for; empty for other triggers. */
  readonly assetCursor: string;
};

/** A watcher that runs. */
export type AssetWatch = {
  /** Ends it; what is being recorded is recorded. */
  stop(): void;
};

type Round = {
  readonly waitId: string;
  from: WatchedUntil;
  /** Made when the event is told first, so that it stays one update. */
  update: AssetEvent | undefined;
  ending: Promise<void> | undefined;
};

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 300_000;

/** Watches until stopped, from the last update on that was recorded. */
export function watchAsset(options: AssetWatchOptions): AssetWatch {
  const watch = new Watch(options);
  watch.begin(whereItStands(options.watcher, options.clock.nowMs()));
  return watch;
}

class Watch implements AssetWatch {
  readonly #options: AssetWatchOptions;
  #round: Round | undefined;
  #pause: Timer | undefined;
  #failuresCount = 0;

  constructor(options: AssetWatchOptions) {
    this.#options = options;
  }

  begin(from: WatchedUntil): void {
    const { watcher, desk, clock } = this.#options;
    const waitId = uuidV7(clock.nowMs());
    const round: Round = { waitId, from, update: undefined, ending: undefined };
    this.#round = round;
    desk.watch({
      waitId,
      lease: () => roundOf(waitId, watcher, round.from),
      onUntrue: () => {
        round.from = { ...round.from, knownSha256: new Uint8Array() };
      },
      onEvent: (event) => this.#onEvent(round, event),
    });
  }

  stop(): void {
    this.#pause?.cancel();
    if (this.#round !== undefined) this.#options.desk.unwatch(this.#round.waitId);
    this.#round = undefined;
  }

  #onEvent(round: Round, event: TriggerEvent): Promise<void> {
    round.ending ??= this.#end(round, event).catch((error: unknown) => {
      round.ending = undefined;
      throw error;
    });
    return round.ending;
  }

  async #end(round: Round, event: TriggerEvent): Promise<void> {
    const { watcher, record, clock, events } = this.#options;
    if (event.error !== '') return this.#fail(round, event.error);
    if (event.isSkip) return this.#fail(round, 'what it waited for was skipped');
    const nowMs = clock.nowMs();
    round.update ??= updateOf(watcher, { id: uuidV7(nowMs), nowMs, eventJson: event.eventJson });
    const { watcherName } = watcher;
    const { assetCursor } = event;
    try {
      await record({ watcherName, update: round.update, assetCursor });
    } catch (error) {
      // The triggerer tells again what it is not answered.
      if (isRetryable(error)) throw error;
      return this.#fail(round, messageOf(error));
    }
    events.watcherFired();
    this.#failuresCount = 0;
    const from = standsAfter(watcher.trigger, round.update, assetCursor);
    this.#beginLater(round, from, pauseMsOf(watcher.trigger));
  }

  #fail(round: Round, reason: string): void {
    const { watcher, events } = this.#options;
    events.watcherFailed(watcher.assetName, watcher.watcherName, reason);
    const attempt = this.#failuresCount;
    this.#failuresCount += 1;
    const pauseMs = backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
    this.#beginLater(round, round.from, pauseMs);
  }

  #beginLater(ended: Round, from: WatchedUntil, pauseMs: number): void {
    // It may have been stopped while its event was recorded.
    if (this.#round !== ended) return;
    this.#pause = this.#options.clock.timer(pauseMs, () => this.begin(from));
  }
}

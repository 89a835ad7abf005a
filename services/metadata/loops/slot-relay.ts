// Slot relay: tells other schedulers when a commit gave pool slots back, for they may have tasks
// that wait for them.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { CATALOG_CHANNEL, toNotices } from '../feeds/catalog-feed.ts';
import { textArray } from '../ledger/database/array.ts';
import type { Database } from '../ledger/database/database.ts';
import { ledgerStatement as sql } from '../ledger/database/statement.ts';

/** A part that is told which pools have slots again. */
export type SlotRelay = Part & { readonly freed: (pools: readonly string[]) => void };

const NOTIFY = sql('pool/notify');
/**
 * A notice serialises commits for a moment, so there are at most so many a second whatever is
 * freed.
 */
const PAUSE_MS = 50;

/**
 * The first slots freed after a quiet time are told at once, those freed during the pause after it
 * together. With one scheduler nothing is told: it knows what it gave back. A notice that is lost
 * is made up for when schedulers reconcile.
 */
export function createSlotRelay(options: {
  readonly database: Database;
  readonly schedulersCount: () => number;
  readonly clock: Clock;
}): SlotRelay {
  const { database, clock } = options;
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  const waiting = new Set<string>();

  const relay = async (signal: AbortSignal) => {
    while (waiting.size > 0 && !signal.aborted) {
      const pools = [...waiting];
      waiting.clear();
      const notices = textArray(toNotices({ dagIds: [], pools }));
      await database.run(NOTIFY, [CATALOG_CHANNEL, notices]).catch(() => undefined);
      await clock.sleep(PAUSE_MS, signal);
    }
    running = undefined;
  };

  return {
    name: 'slot-relay',
    freed: (pools) => {
      if (pools.length === 0 || options.schedulersCount() < 2) return;
      for (const pool of pools) waiting.add(pool);
      running ??= relay(stopping.signal);
    },
    start: async () => {
      stopping = new AbortController();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

// Pruner: once a minute deletes what only the last minutes needed, so that small tables stay small.
import type { Clock } from '#kernel/clock/clock.ts';
import { jittered } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Events } from '../events.ts';
import type { Database } from '../ledger/database/database.ts';
import { ledgerStatement as sql } from '../ledger/database/statement.ts';

const STATEMENTS = [
  sql('prune/commits'),
  sql('prune/pool_entries'),
  sql('prune/receipts'),
  sql('prune/sessions'),
  sql('prune/key_pauses'),
  sql('prune/watcher_cursors'),
];

const PRUNE_MS = 60_000;

/** Several metadata services may prune at once; each deletes what the others have left. */
export function createPruner(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
}): Part {
  const { database, clock, events } = options;
  let stopping = new AbortController();
  let running: Promise<void> | undefined;

  const prune = async (signal: AbortSignal) => {
    for (;;) {
      await clock.sleep(jittered(PRUNE_MS), signal);
      if (signal.aborted) return;
      try {
        for (const statement of STATEMENTS) await database.run(statement);
      } catch (error) {
        events.pruneFailed(error);
      }
    }
  };

  return {
    name: 'pruner',
    start: async () => {
      stopping = new AbortController();
      running = prune(stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

// How what the picture wants to know is asked for: a few at once, each again and again, later and
// later, until it is answered or nobody wants it any more.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { SchedulerEvents } from '../../events.ts';
import type { Engine } from '../commit/engine.ts';

/** What asks the ledger works with: where decisions are made, and what of the ledger it needs. */
export type Asking<Calls extends keyof Client<typeof LedgerService>> = {
  readonly engine: () => Engine;
  readonly ledger: Pick<Client<typeof LedgerService>, Calls>;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
};

/** Asks for one kind of things. */
export type Asker = Part & {
  /** Looks whether anything is wanted. */
  look(): void;
};

export type AskerOptions<Wanted> = {
  readonly name: string;
  readonly clock: Clock;
  /** How many are asked for at once. */
  readonly atOnce: number;
  /** What tells one from another. */
  readonly keyOf: (wanted: Wanted) => object;
  /** Takes the next off what is wanted, leaving out what is asked for already. */
  readonly next: (isUnderWay: (wanted: Wanted) => boolean) => Wanted | undefined;
  /** False once nobody wants the answer. */
  readonly isWanted: (wanted: Wanted) => boolean;
  /** Asks, and takes the answer in. */
  readonly ask: (wanted: Wanted, signal: AbortSignal) => Promise<void>;
  /** Told of each failure, whatever it is: something waits for the answer, so it is asked again. */
  readonly onFailed: (error: unknown, wanted: Wanted) => void;
};

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

/** An asker that looks when it is told to. */
export function createAsker<Wanted>(options: AskerOptions<Wanted>): Asker {
  const { name, atOnce, keyOf, next } = options;
  const stopping = new AbortController();
  const underWay = new Map<object, Promise<void>>();

  const look = (): void => {
    while (underWay.size < atOnce && !stopping.signal.aborted) {
      const wanted = next((each) => underWay.has(keyOf(each)));
      if (wanted === undefined) return;
      const asking = askOn(options, wanted, stopping.signal).finally(() => {
        underWay.delete(keyOf(wanted));
        look();
      });
      underWay.set(keyOf(wanted), asking);
    }
  };

  return {
    name,
    look,
    start: async () => {},
    stop: async () => {
      stopping.abort();
      await Promise.all(underWay.values());
    },
  };
}

async function askOn<Wanted>(
  { ask, clock, isWanted, onFailed }: AskerOptions<Wanted>,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; isWanted(wanted) && !signal.aborted; attempt += 1) {
    try {
      return await ask(wanted, signal);
    } catch (error) {
      if (signal.aborted || !isWanted(wanted)) return;
      onFailed(error, wanted);
      const pause = { attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS };
      await clock.sleep(backoffMs(pause), signal);
    }
  }
}

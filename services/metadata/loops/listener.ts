// Listener: hears what other metadata services change, and comes back by itself when its connection
// breaks.
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Events } from '../events.ts';
import { type Listening, listen } from '../ledger/database/listen.ts';

/** What to do with what is heard. */
export type Hearing = {
  readonly channels: readonly string[];
  readonly onNotice: (channel: string, payload: string) => void;
  /** From now on nothing is missed; whatever happened before may have been. */
  readonly onListening: () => void;
  /** Notices are being missed. */
  readonly onDeaf: () => void;
};

/** A part that can be asked whether it hears. */
export type Listener = Part & { readonly isListening: () => boolean };

/** How often a quiet connection is asked for a sign of life: a dead peer says nothing. */
const PING_MS = 15_000;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 2_000;

export function createListener(options: {
  readonly url: string;
  readonly hearing: Hearing;
  readonly clock: Clock;
  readonly events: Events;
}): Listener {
  const { url, hearing, clock, events } = options;
  let stopping = new AbortController();
  let listening: Listening | undefined;
  let running: Promise<void> | undefined;

  const connect = async () => {
    listening = await listen(url, hearing.channels, hearing.onNotice);
    hearing.onListening();
    return listening;
  };
  const keep = async (first: Listening, signal: AbortSignal) => {
    for (let current: Listening | undefined = first; current !== undefined; ) {
      await untilDeaf(current, clock, signal);
      await current.close();
      listening = undefined;
      hearing.onDeaf();
      if (signal.aborted) return;
      events.wentDeaf();
      current = await reconnect(signal);
    }
  };
  const reconnect = async (signal: AbortSignal) => {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        return await connect();
      } catch {
        const waitMs = backoffMs({ attempt, firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS });
        await clock.sleep(waitMs, signal);
      }
    }
    return undefined;
  };

  return {
    name: 'listener',
    isListening: () => listening !== undefined,
    start: async () => {
      stopping = new AbortController();
      running = keep(await connect(), stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await running;
      running = undefined;
    },
  };
}

/** Resolves when the connection ended, did not answer, or the signal aborts. */
async function untilDeaf(listening: Listening, clock: Clock, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  signal.addEventListener('abort', end);
  void listening.ended.then(end);
  while (!over.signal.aborted && !signal.aborted) {
    await clock.sleep(PING_MS, over.signal);
    if (over.signal.aborted) break;
    await listening.ping().catch(end);
  }
  signal.removeEventListener('abort', end);
}

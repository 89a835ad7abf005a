// Says that work which takes long goes on: one line on a terminal, redrawn each second, then gone.
import type { Context } from './context.ts';

/** Who waits less than this is told nothing. */
const PACE_MS = 1_000;

/** Waits for `work`; people at a terminal see `words` and for how long it has gone on. */
export async function shown<T>(
  { screen, clock, signal }: Pick<Context, 'screen' | 'clock' | 'signal'>,
  words: string,
  work: Promise<T>,
): Promise<T> {
  if (!screen.isLive) return work;
  const over = new AbortController();
  const startMs = clock.monotonicMs();
  const drawing = draw();
  try {
    return await work;
  } finally {
    over.abort();
    await drawing;
    screen.redraw('');
  }

  async function draw(): Promise<void> {
    const ended = AbortSignal.any([over.signal, signal]);
    while (!ended.aborted) {
      await clock.sleep(PACE_MS, ended);
      const seconds = Math.round((clock.monotonicMs() - startMs) / 1_000);
      if (!ended.aborted) screen.redraw(`${words} … ${seconds} s`);
    }
  }
}

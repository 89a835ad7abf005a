// Progress of a long step: one line that is rewritten on a terminal, a line now and then elsewhere.
import { systemClock } from '#kernel/clock/clock.ts';

const QUIET_MS = 5_000;
const ERASE_LINE = '\r\u001b[2K';

export type Progress = {
  /** Shows how far it is. */
  show(text: string): void;
  /** Shows how it ended. */
  end(text: string): void;
};

/** Progress on stderr, e.g. `▸ showcase … 812 of 1461 daily runs`. */
export function createProgress(name: string): Progress {
  const startedAtMs = systemClock.monotonicMs();
  const isTerminal = process.stderr.isTTY === true;
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return {
    show: (text) => {
      const nowMs = systemClock.monotonicMs();
      if (!isTerminal && nowMs - shownAtMs < QUIET_MS) return;
      shownAtMs = nowMs;
      process.stderr.write(
        isTerminal ? `${ERASE_LINE}▸ ${name} … ${text}` : `▸ ${name} … ${text}\n`,
      );
    },
    end: (text) => {
      const seconds = ((systemClock.monotonicMs() - startedAtMs) / 1000).toFixed(1);
      process.stderr.write(`${isTerminal ? ERASE_LINE : ''}▸ ${name} … ${text} (${seconds} s)\n`);
    },
  };
}

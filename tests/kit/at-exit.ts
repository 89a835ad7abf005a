// What a test process has started does not outlive it: not a Ctrl-C, not a TERM of the test runner,
// not a runner that is gone. Only SIGKILL of the process itself leaves something behind.
import { readFileSync } from 'node:fs';
import { isRunning } from '../../services/standalone/embedded/child.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const ends = new Set<() => void>();
let isWatching = false;

/**
 * Has `end` called when this process ends by itself or by a signal, unless it is called off before,
 * which is what this answers. `end` must not wait and may find nothing to end.
 */
export function atExit(end: () => void): () => void {
  if (!isWatching) watch();
  ends.add(end);
  return () => void ends.delete(end);
}

/** Sends a signal to the server of a pid file; nothing to do without one, or when it has ended. */
export function signalServer(
  server: { readonly pidFile: string; readonly mark: string },
  signal: NodeJS.Signals,
): void {
  try {
    // PostgreSQL writes more below its process id.
    const pid = Number.parseInt(readFileSync(server.pidFile, 'utf8'), 10);
    if (isRunning(pid, server.mark)) process.kill(pid, signal);
  } catch {
    // No file, or it ended between the look and the signal: what we wanted.
  }
}

function watch(): void {
  isWatching = true;
  const endAll = () => {
    for (const end of ends) end();
    ends.clear();
  };
  process.once('exit', endAll);
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      endAll();
      // Nobody listens any more: this time it ends us.
      process.kill(process.pid, signal);
    });
  }
  process.once('disconnect', () => void process.kill(process.pid, 'SIGTERM'));
}

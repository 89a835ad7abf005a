// The signals that ask a program to end, for programs that are no service.

/** What a terminal (Ctrl-C, closing it), `kill` and supervisors send. */
const STOP_SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Calls `run` with each such signal instead of ending the program, until the answered function is
 * called.
 */
export function onStopSignal(run: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of STOP_SIGNALS) process.on(signal, run);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, run);
  };
}

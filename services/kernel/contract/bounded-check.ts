// Checks of what others wrote, which end in any case: some take a regular expression years.
import { createContext, Script } from 'node:vm';

/** A check that was stopped. */
export class TookTooLong extends Error {}

const CHECK = new Script('check()');

/**
 * What `check` answers or throws; TookTooLong when it has used up `cpuMsMax` of CPU. V8 stops
 * only scripts, and by the clock on the wall: where a busy machine gave the thread no turn
 * meanwhile, the check begins anew, with twice the time.
 */
export function checkBounded<T>(cpuMsMax: number, check: () => T): T {
  const context = createContext({ check });
  const beganMs = cpuMs();
  for (let timeout = cpuMsMax; ; timeout *= 2) {
    try {
      return CHECK.runInContext(context, { timeout });
    } catch (error) {
      if (!isTimeout(error)) throw error;
      // The clocks differ a little: most of the time counts as all of it.
      if (cpuMs() - beganMs > 0.8 * cpuMsMax) throw new TookTooLong();
    }
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function isTimeout(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

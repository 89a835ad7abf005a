// Sensors live by the virtual clock: the SDK's own clock, on which they wait, tells them that time.
//
// Only they do, and only while they run: everything else in this process keeps the real one, and
// so do timers that a poke itself sets, e.g. for the deadline of a connection. What takes the place
// of `Date.now`, `performance.now` and `setTimeout` stays there, and hands everybody else through.
import { AsyncLocalStorage } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';

/** A clock to live by. */
export type VirtualClock = {
  /** Epoch milliseconds. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
};

/** The file whose timers are those of a waiting sensor. */
const SDK_CLOCK = fileURLToPath(new URL('../worker/clock.ts', import.meta.url));

const living = new AsyncLocalStorage<VirtualClock>();
let isInstalled = false;

/** Runs a sensor by a clock. */
export function livingBy<T>(clock: VirtualClock, run: () => T): T {
  if (!isInstalled) install();
  isInstalled = true;
  return living.run(clock, run);
}

function install(): void {
  const real = { now: Date.now, monotonic: performance.now.bind(performance), setTimeout };
  Date.now = () => living.getStore()?.nowMs() ?? real.now();
  performance.now = () => living.getStore()?.nowMs() ?? real.monotonic();
  const virtual = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => {
    const clock = living.getStore();
    if (clock === undefined || !isSensorsOwn()) return real.setTimeout(run, ms, ...given);
    void clock.sleep(ms).then(() => run(...given));
    // What it answers is only ever handed to clearTimeout, which takes anything.
    return undefined;
  };
  globalThis.setTimeout = Object.assign(virtual, real.setTimeout) as typeof setTimeout;
}

function isSensorsOwn(): boolean {
  return new Error('who sets this timer?').stack?.includes(SDK_CLOCK) ?? false;
}

// What a program does when it has nothing to do: keeps its compiled code for the next start, and
// gives back the memory of work that is done.
import { flushCompileCache } from 'node:module';
import { getHeapStatistics } from 'node:v8';
import type { Clock, Timer } from '../clock/clock.ts';
import type { Part } from '../lifecycle/lifecycle.ts';

/** What is kept in order; the running Node unless a test says otherwise. */
export type House = {
  /** CPU time the program has used so far, in ms. */
  cpuMs(): number;
  /** Size of the JavaScript heap with all that is free in it, in bytes. */
  heapBytes(): number;
  /** Collects all garbage and gives the memory back: at once, 2 ms of CPU per MiB that lives. */
  collect(): Promise<void>;
  /** Writes compiled code that is not there yet to Node's compile cache. */
  keepCode(): void;
};

/** How often it looks whether there is something to do: a few microseconds each. */
const LOOK_MS = 5_000;
/** CPU time between two looks below which a program has nothing to do: 2 % of a core. */
const QUIET_CPU_MS = 100;
/** Growth since the last collection that is worth another one. */
const GROWTH_BYTES = 8 * 1024 * 1024;
/** Beyond this, a collection would be felt by whoever calls next; V8 does it in small steps. */
const HEAP_BYTES_MAX = 256 * 1024 * 1024;

/** Keeps house while it is quiet: at the first quiet look, and after whatever grew the heap. */
export function createHousekeeping(clock: Clock, house: House = nodeHouse): Part {
  let timer: Timer | undefined;
  let isStopped = false;
  let cpuMs = 0;
  let keptBytes: number | undefined;

  const look = async (): Promise<void> => {
    const usedMs = house.cpuMs() - cpuMs;
    if (usedMs <= QUIET_CPU_MS) await keepHouse();
    if (!isStopped) schedule();
  };
  const keepHouse = async (): Promise<void> => {
    const bytes = house.heapBytes();
    if (keptBytes === undefined) house.keepCode();
    else if (bytes < keptBytes + GROWTH_BYTES) return;
    if (bytes <= HEAP_BYTES_MAX) await house.collect();
    keptBytes = house.heapBytes();
  };
  const schedule = () => {
    cpuMs = house.cpuMs();
    timer = clock.timer(LOOK_MS, () => void look());
  };

  return {
    name: 'housekeeping',
    start: async () => {
      isStopped = false;
      schedule();
    },
    stop: async () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}

const nodeHouse: House = {
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  heapBytes: () => getHeapStatistics().total_heap_size,
  // Absent when Node runs without `--expose-gc`.
  collect: async () =>
    globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' }),
  keepCode: () => flushCompileCache(),
};

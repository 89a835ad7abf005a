// Which workers asked for work lately: what Explain knows about who could run a task.

/** A worker as the schedulers sees it through its executor. */
export type SeenWorker = {
  readonly workerId: string;
  /** Queues of its last offer. */
  queues: readonly string[];
  /** When it last offered slots or was said to live, monotonic. */
  seenMs: number;
};

/** Workers seen lately. At most `WORKERS_MAX`; the longest unseen are forgotten first. */
export type WorkerRegister = { readonly workers: Map<string, SeenWorker> };

/** How many workers are remembered. */
export const WORKERS_MAX = 10_000;

/**
 * How long a worker counts as present after it was last seen: an idle one offers again within a
 * minute.
 */
export const PRESENCE_MS = 90_000;

/** Nobody seen yet. */
export function createWorkerRegister(): WorkerRegister {
  return { workers: new Map() };
}

/** A worker offered slots. */
export function noteOffer(
  register: WorkerRegister,
  offer: { readonly workerId: string; readonly queues: readonly string[] },
  monotonicMs: number,
): void {
  const { workers } = register;
  workers.delete(offer.workerId);
  workers.set(offer.workerId, {
    workerId: offer.workerId,
    queues: offer.queues,
    seenMs: monotonicMs,
  });
  const [oldest] = workers.keys();
  if (workers.size > WORKERS_MAX && oldest !== undefined) workers.delete(oldest);
}

/** A worker is alive; all its slots may be busy. */
export function noteAlive(register: WorkerRegister, workerId: string, monotonicMs: number): void {
  const worker = register.workers.get(workerId);
  if (worker !== undefined) worker.seenMs = monotonicMs;
}

/** How many workers that serve a queue are present. */
export function countPresent(register: WorkerRegister, queue: string, monotonicMs: number): number {
  let count = 0;
  for (const worker of register.workers.values()) {
    const isPresent = monotonicMs - worker.seenMs <= PRESENCE_MS;
    if (isPresent && worker.queues.includes(queue)) count += 1;
  }
  return count;
}

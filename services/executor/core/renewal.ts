// What a renewal says: for every scheduler, which workers live and which of its attempts they hold.
import type { AttemptName, Roster } from './roster.ts';

/** What one worker holds of one scheduler's attempts. */
export type WorkerHolding = {
  readonly workerId: string;
  readonly attemptIds: string[];
  /** How long ago the worker was heard. */
  readonly heardAgoMs: number;
};

/** One renewal: small enough for one message. */
export type Renewal = { readonly schedulerId: string; readonly workers: readonly WorkerHolding[] };

/** Most attempt ids in one renewal: 20,000 ids are less than 1 MiB. */
export const RENEWAL_ATTEMPTS_MAX = 20_000;

/** Most attempt ids of one worker in one renewal, as the contract has it. */
const WORKER_ATTEMPTS_MAX = 10_000;

/**
 * Everything live, by the scheduler that owns it. `ending` are attempts whose outcome waits here
 * for a scheduler: they are kept alive however silent their worker is. Attempts without an owner
 * wait for the next round.
 */
export function planRenewals(
  roster: Roster,
  options: {
    readonly monotonicMs: number;
    readonly ownerOf: (partition: number) => string | undefined;
    readonly ending: Iterable<AttemptName & { readonly workerId: string }>;
  },
): Renewal[] {
  const byScheduler = new Map<string, WorkerHolding[]>();
  const addAll = (workerId: string, heardAgoMs: number, attempts: Iterable<AttemptName>) => {
    const holdings = new Map<string, WorkerHolding>();
    for (const { attemptId, partition } of attempts) {
      const schedulerId = options.ownerOf(partition);
      if (schedulerId === undefined) continue;
      const fresh = () => ({ workerId, attemptIds: [], heardAgoMs });
      getOrAdd(holdings, schedulerId, fresh).attemptIds.push(attemptId);
    }
    for (const [schedulerId, holding] of holdings) {
      getOrAdd(byScheduler, schedulerId, () => []).push(holding);
    }
  };
  for (const worker of roster.workers.values()) {
    const heardAgoMs = Math.max(0, options.monotonicMs - worker.heardMonotonicMs);
    addAll(worker.workerId, heardAgoMs, worker.held.values());
  }
  for (const [workerId, attempts] of Map.groupBy(options.ending, ({ workerId }) => workerId)) {
    addAll(workerId, 0, attempts);
  }
  return [...byScheduler].flatMap(([schedulerId, holdings]) =>
    inMessages(holdings).map((workers) => ({ schedulerId, workers })),
  );
}

/** Cuts holdings so that every message keeps its limits. */
function inMessages(holdings: readonly WorkerHolding[]): WorkerHolding[][] {
  const messages: WorkerHolding[][] = [];
  let room = 0;
  for (const holding of holdings) {
    for (let from = 0; from < holding.attemptIds.length; from += WORKER_ATTEMPTS_MAX) {
      const attemptIds = holding.attemptIds.slice(from, from + WORKER_ATTEMPTS_MAX);
      if (attemptIds.length > room) {
        messages.push([]);
        room = RENEWAL_ATTEMPTS_MAX;
      }
      messages.at(-1)?.push({ ...holding, attemptIds });
      room -= attemptIds.length;
    }
  }
  return messages;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

// For tests: workers and attempts that show only what matters.
import {
  type AttemptEntry,
  hold,
  newWorker,
  type Roster,
  type WorkerEntry,
} from '../core/roster.ts';

/** An active worker on the roster: a stream with one slot on `default`, unless told otherwise. */
export function aWorker(
  roster: Roster,
  options: Partial<Pick<WorkerEntry, 'workerId' | 'kind' | 'queues' | 'slots' | 'state'>> = {},
): WorkerEntry {
  const { workerId = 'worker-1', kind = 'stream', queues = ['default'] } = options;
  const profile = { workerId, kind, queues, language: '', sdk: '', labels: {} };
  const worker = newWorker(profile, { nowMs: 0, monotonicMs: 0 });
  worker.slots = options.slots ?? 1;
  worker.state = options.state ?? 'active';
  roster.workers.set(workerId, worker);
  return worker;
}

/** An attempt of a worker that takes one of its slots. */
export function anAttempt(
  roster: Roster,
  worker: WorkerEntry,
  options: Partial<AttemptEntry> = {},
): AttemptEntry {
  const attempt: AttemptEntry = {
    attemptId: `attempt-${roster.attempts.size + 1}`,
    epoch: 1n,
    partition: 0,
    dagRunId: 'run-1',
    workerId: worker.workerId,
    place: undefined,
    connections: undefined,
    assets: undefined,
    isMappedOver: undefined,
    phase: 'running',
    startByMs: Number.POSITIVE_INFINITY,
    listedMonotonicMs: 0,
    tokenExpiresAtMs: 0,
    cancel: undefined,
    ...options,
  };
  hold(roster, worker, attempt);
  return attempt;
}

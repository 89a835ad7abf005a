// What executors say of their workers: free slots that wait for work, and leases that are held.
import type { Attempt } from './attempt.ts';

/** Offers that wait for work. */
export type LeaseWaiter = {
  readonly executorId: string;
  readonly offers: readonly Offer[];
  /** What it got; not empty once it is served. */
  leases: readonly Attempt[];
};

/** Free slots of one worker. */
export type Offer = {
  readonly workerId: string;
  readonly queues: readonly string[];
  readonly slots: number;
};

/** What one worker holds, as its executor says. */
export type WorkerLease = {
  readonly workerId: string;
  readonly attemptIds: readonly string[];
  /** How long ago the worker was heard. */
  readonly heardAgoMs: number;
};

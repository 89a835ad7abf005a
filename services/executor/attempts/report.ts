// The end of one attempt, from when it is known here until its scheduler has answered.
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { ResultInit } from '../backends/link.ts';
import { endSize, type OutcomeInit } from '../core/outcome.ts';
import type { AttemptName, WorkerEntry } from '../core/roster.ts';

/** The end of one attempt, on its way to the attempt's scheduler. */
export type Report = AttemptName & {
  readonly workerId: string;
  readonly outcome: OutcomeInit;
  /**
   * Fetches what is still missing before the outcome can be sent. Called once; never rejects but
   * when the signal aborts.
   */
  readonly complete?: (signal: AbortSignal) => Promise<OutcomeInit>;
  /** Whose words the outcome is. */
  readonly origin: 'worker' | 'mesh';
  /** Called once, after the scheduler's commit or refusal. */
  readonly answer: (result: ResultInit) => void;
};

/** A report that is under way. */
export type Pending = {
  readonly report: Report;
  outcome: OutcomeInit;
  readonly answers: Report['answer'][];
  /** Aborts what fetches the missing; undefined once nothing is missing. */
  completing: AbortController | undefined;
  readonly sinceMs: number;
  triesCount: number;
  /** The worker whose slot leaves with this report. */
  hop: WorkerEntry | undefined;
};

/** Its slot leaves, or goes another way. */
export function unhop(pending: Pending): void {
  if (pending.hop !== undefined) pending.hop.hopsCount -= 1;
  pending.hop = undefined;
}

/** What its worker is told when the attempt is not live any more. */
export function stale({ report }: Pending): ResultInit {
  return { attemptId: report.attemptId, status: AttemptStatus.STALE };
}

/** What it takes in a message, in bytes, roughly. */
export function sizeOfReport({ outcome }: Pending): number {
  return 256 + endSize(outcome);
}

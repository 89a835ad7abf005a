// One try at an instance on one worker.
import type { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Instance } from '../instance.ts';
import type { TaskAttemptState } from '../state.ts';

/** One try at an instance on one worker. */
export type Attempt = {
  readonly attemptId: string;
  readonly instance: Instance;
  readonly tryNumber: number;
  readonly epoch: number;
  readonly workerId: string;
  readonly executorId: string;
  readonly startMs: number;
  /** The attempt_id of the instance before this one, put back when this one is not made. */
  readonly previousId: string;
  /** True when it goes on with a try that waited. */
  readonly isResumed: boolean;
  state: TaskAttemptState;
  endMs: number | undefined;
  error: AttemptFailure | undefined;
  /** When its lease ends, on the monotonic clock; infinite until its commit is answered. */
  leaseUntilMs: number;
  /**
   * When the server ends it because its worker did not, on the monotonic clock; infinite without a
   * timeout.
   */
  timeoutAtMs: number;
  /** Set while it must end but still lives. */
  cancel: Cancel | undefined;
  isStored: boolean;
};

/** Why an attempt failed. */
export type AttemptFailure = {
  readonly errorClass: string;
  /** The classes that it descends from, when the worker told. */
  readonly ancestors?: readonly string[];
  readonly message: string;
  readonly stack: string;
};

/** How and why an attempt must end. */
export type Cancel = { readonly mode: CancelMode; readonly reason: string };

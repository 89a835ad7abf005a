// The tries of tasks without code: no worker sees them, but their history and results are kept as
// those of any other.
import { create } from '@bufbuild/protobuf';
import { XComSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Deciding } from '../deciding.ts';
import type { Attempt, AttemptFailure } from './attempt.ts';
import type { Instance } from '../instance.ts';
import type { TaskAttemptState } from '../state.ts';

/** Who is named as the worker of such a try. */
const WORKER_ID = 'mesh';

/** Keeps a try that ends now, with what it returned. */
export function recordOwnAttempt(
  { changes, newId, nowMs }: Deciding,
  instance: Instance,
  end: {
    readonly state: TaskAttemptState;
    readonly error?: AttemptFailure | undefined;
    /** JSON of what it returned; undefined when it returned nothing. */
    readonly resultJson?: string | undefined;
  },
): void {
  instance.epoch += 1;
  const attempt: Attempt = {
    attemptId: newId(),
    instance,
    tryNumber: instance.tryNumber,
    epoch: instance.epoch,
    workerId: WORKER_ID,
    executorId: WORKER_ID,
    startMs: instance.startMs ?? nowMs,
    previousId: instance.attemptId,
    isResumed: false,
    state: end.state,
    endMs: nowMs,
    error: end.error,
    leaseUntilMs: Number.POSITIVE_INFINITY,
    timeoutAtMs: Number.POSITIVE_INFINITY,
    cancel: undefined,
    isStored: false,
  };
  instance.attemptId = attempt.attemptId;
  changes.attempts.add(attempt);
  changes.instances.add(instance);
  if (end.resultJson === undefined) return;
  const result = create(XComSchema, { key: 'return_value', valueJson: end.resultJson });
  changes.xcoms.set(attempt, [result]);
}

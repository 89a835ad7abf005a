// ExecutorService.CancelAttempts: tells the workers that hold these attempts to end them.
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import type { ExecutorHandler } from './door.ts';

export const cancelAttempts: ExecutorHandler<'cancelAttempts'> =
  ({ endings, killGraceMs }) =>
  async ({ attemptIds, mode, grace, reason }) => {
    const toldCount = endings.cancel(attemptIds, {
      mode: mode === CancelMode.UNSPECIFIED ? CancelMode.GRACEFUL : mode,
      graceMs: fromDuration(grace) ?? killGraceMs,
      reason,
    });
    return { toldCount };
  };

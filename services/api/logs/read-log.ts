// Reads the log of one attempt through an executor, and goes on at another where that broke off.
import type { TaskAttempt } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { ReadLogResponse } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { fail, isRetryable } from '#kernel/errors/errors.ts';
import type { ExecutorPeer } from '#kernel/rpc/topology.ts';
import { liveExecutors } from '../executors.ts';
import type { Mesh } from '../rpc/mesh.ts';
import type { LogTarget } from './find-attempt.ts';

/** Failures in a row before the caller is told; with the pauses between, about ten seconds. */
const FAILURES_MAX = 12;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** What to read. */
export type LogPart = {
  readonly target: LogTarget;
  readonly attempt: TaskAttempt;
  readonly offset: bigint;
  /** Go on as it grows, until it is complete. */
  readonly isFollowed: boolean;
  readonly signal: AbortSignal;
};

/**
 * The pieces from the offset on, in order, each byte once. Errors: UNAVAILABLE when no executor
 * answers for long; what the signal aborted with.
 */
export async function* readLog(mesh: Mesh, part: LogPart): AsyncGenerator<ReadLogResponse> {
  const { signal, target, attempt, isFollowed } = part;
  let { offset } = part;
  for (let failuresCount = 0; ; ) {
    try {
      const executors = await liveExecutors(mesh, signal);
      const executor = choose(executors, attempt.executorId, failuresCount);
      const request = { ...target, epoch: attempt.epoch, offset, follow: isFollowed };
      for await (const piece of executor.client.readLog(request, { signal })) {
        failuresCount = 0;
        offset = piece.offset + BigInt(piece.content.length);
        yield piece;
      }
      return;
    } catch (error) {
      failuresCount += 1;
      signal.throwIfAborted();
      if (failuresCount >= FAILURES_MAX || !isRetryable(error)) throw error;
      mesh.events.executorSilent({ executorId: attempt.executorId, error });
      const pause = {
        attempt: failuresCount,
        firstMs: FIRST_PAUSE_MS,
        maxMs: LONGEST_PAUSE_MS,
      };
      await mesh.clock.sleep(backoffMs(pause), signal);
      signal.throwIfAborted();
    }
  }
}

/** The executor that holds the attempt's worker has the newest lines; after a failure, the next. */
function choose(
  executors: readonly ExecutorPeer[],
  preferredId: string,
  failuresCount: number,
): ExecutorPeer {
  const preferred = Math.max(
    executors.findIndex(({ id }) => id === preferredId),
    0,
  );
  const executor = executors[(preferred + failuresCount) % executors.length];
  if (executor !== undefined) return executor;
  throw fail('unreachable', 'no executor runs, and logs are read through one; start an executor');
}

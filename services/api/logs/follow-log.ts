// Follows the log of a live attempt to its end, also when nobody is left who could complete it.
import type { ReadLogResponse } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { isLive } from '../core/pick-attempt.ts';
import type { ApiContext, Mesh } from '../rpc/mesh.ts';
import { lookFor } from './find-attempt.ts';
import { type LogPart, readLog } from './read-log.ts';

/** How often the attempt is looked at: one read for each follower. */
const LOOK_MS = 1_000;
/** What a log gets to be completed after its attempt has ended. */
const GRACE_MS = 2_000;

/**
 * The pieces until the executor says that the log is complete. Of a lost worker nobody ever says
 * so: then the log ends a moment after its attempt.
 */
export async function* followLog(
  mesh: Mesh,
  context: ApiContext,
  part: Omit<LogPart, 'isFollowed' | 'signal'>,
): AsyncGenerator<ReadLogResponse> {
  const over = new AbortController();
  const watching = new AbortController();
  let { offset } = part;
  const signal = AbortSignal.any([context.signal, over.signal]);
  const watch = { ...context, signal: AbortSignal.any([context.signal, watching.signal]) };
  void untilEnded(mesh, watch, part)
    .then(() => over.abort())
    // What keeps metadata from answering does not keep the log from being read.
    .catch(() => undefined);
  try {
    for await (const piece of readLog(mesh, { ...part, isFollowed: true, signal })) {
      offset = piece.offset + BigInt(piece.content.length);
      yield piece;
    }
    return;
  } catch (error) {
    if (context.signal.aborted || !over.signal.aborted) throw error;
  } finally {
    watching.abort();
  }
  yield* readLog(mesh, { ...part, offset, isFollowed: false, signal: context.signal });
}

/** Resolves a moment after the attempt has ended; rejects when the context's signal aborts. */
async function untilEnded(
  mesh: Mesh,
  context: ApiContext,
  { target, attempt }: Pick<LogPart, 'target' | 'attempt'>,
): Promise<void> {
  for (;;) {
    await mesh.clock.sleep(LOOK_MS, context.signal);
    context.signal.throwIfAborted();
    const picked = await lookFor(mesh, context, { target, tryNumber: attempt.tryNumber });
    const isSame = picked.kind === 'attempt' && picked.attempt.epoch === attempt.epoch;
    if (isSame && isLive(picked.attempt)) continue;
    await mesh.clock.sleep(GRACE_MS, context.signal);
    context.signal.throwIfAborted();
    return;
  }
}

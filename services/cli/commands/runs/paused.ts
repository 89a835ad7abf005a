// Tells a person who waits for runs of a paused DAG that they do not begin.
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import type { Context } from '../../context.ts';

/** The RPC it asks. */
export const PAUSED_CALL = DagService.method.getDag;

/** That a DAG is paused, and what to do about it; empty when it is not, or nobody answers. */
export async function pausedWords({ api }: Context, dagId: string): Promise<string> {
  // What was asked for is done already: a hint that is missing must not make it fail.
  const answer = await api.dags.getDag({ dagId }).catch(() => undefined);
  if (answer?.dag?.isPaused !== true) return '';
  return `"${dagId}" is paused, so nothing of it begins before: dagmesh dags unpause ${dagId}`;
}

/** Says so, where runs of the DAG were asked for. */
export async function sayIfPaused(context: Context, dagId: string): Promise<void> {
  const words = await pausedWords(context, dagId);
  if (words !== '') context.screen.say(words);
}

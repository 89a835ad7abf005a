// The executors of the mesh: who they are, and one question to all of them.
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { ExecutorPeer, Topology } from '#kernel/rpc/topology.ts';
import type { ApiEvents } from './events.ts';

/** One that has not answered by then is as good as gone. */
const DEADLINE_MS = 3_000;

type Peers = { readonly topology: Topology; readonly clock: Clock };

/**
 * The live executors. Just after the start the map is not there yet, which is not the same as a map
 * without executors. Errors: UNAVAILABLE (`starting`) when it does not come.
 */
export async function liveExecutors(
  { topology, clock }: Peers,
  signal: AbortSignal,
): Promise<readonly ExecutorPeer[]> {
  if (topology.executors().length > 0) return topology.executors();
  const enough = new AbortController();
  const tooLate = clock.sleep(DEADLINE_MS, AbortSignal.any([signal, enough.signal])).then(() => {
    throw fail('starting', 'the api has not seen the map of the mesh yet; try again soon');
  });
  await Promise.race([topology.ready(), tooLate]).finally(() => enough.abort());
  return topology.executors();
}

/**
 * The answers of all executors that gave one. Errors: UNAVAILABLE when there are executors and none
 * answered: nothing can be said then. Without any executor the answer is empty.
 */
export async function askExecutors<T>(
  mesh: Peers & { readonly events: ApiEvents },
  signal: AbortSignal,
  ask: (
    client: ExecutorPeer['client'],
    call: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ) => Promise<T>,
): Promise<readonly T[]> {
  const executors = await liveExecutors(mesh, signal);
  const call = { signal, timeoutMs: DEADLINE_MS };
  const outcomes = await Promise.allSettled(executors.map(({ client }) => ask(client, call)));
  const answers: T[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') answers.push(outcome.value);
    else {
      const executorId = executors[index]?.id ?? '';
      mesh.events.executorSilent({ executorId, error: outcome.reason });
    }
  }
  if (answers.length === 0 && executors.length > 0) {
    throw fail('unreachable', 'no executor answers at the moment; try again soon');
  }
  return answers;
}

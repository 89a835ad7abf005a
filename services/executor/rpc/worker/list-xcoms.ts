// WorkerService.ListXComs: the keys one task of this run has pushed.
import type { WorkerHandler } from './door.ts';

/** Most keys of one answer. */
const KEYS_MAX = 1_000;

export const listXComs: WorkerHandler<'listXComs'> =
  ({ live, ledger }) =>
  async ({ attemptToken, taskId }, { signal }) => {
    const { attemptId, dagRunId, place } = await live.require(attemptToken, signal);
    const own = { taskId: place.taskId, mapIndex: place.mapIndex };
    const address = { dagRunId, key: '', ...(taskId === '' ? own : { taskId, mapIndex: -1 }) };
    const question = { addresses: [address], ownAttemptId: attemptId };
    const { xcoms } = await ledger.readXComs(question, { signal });
    const keys = new Set(xcoms.map(({ address: found }) => found?.key ?? ''));
    return { keys: [...keys].sort().slice(0, KEYS_MAX) };
  };

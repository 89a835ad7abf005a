// WorkerService.GetState: what a task instance, over its tries, or an asset keeps.
import type { WorkerHandler } from './door.ts';
import { stateOf } from './state-owner.ts';

export const getState: WorkerHandler<'getState'> =
  ({ live, ledger }) =>
  async (request, { signal }) => {
    const attempt = await live.require(request.attemptToken, signal);
    const { valueJson } = await ledger.getState(stateOf(attempt, request), { signal });
    return { valueJson };
  };

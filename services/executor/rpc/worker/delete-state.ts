// WorkerService.DeleteState: forgets what a task instance or an asset keeps.
import type { WorkerHandler } from './door.ts';
import { stateOf } from './state-owner.ts';

export const deleteState: WorkerHandler<'deleteState'> =
  ({ live, ledger }) =>
  async (request, { signal }) => {
    const attempt = await live.require(request.attemptToken, signal);
    // No value is what is left of it.
    await ledger.setState({ ...stateOf(attempt, request), valueJson: '' }, { signal });
    return {};
  };

// WorkerService.DeleteXCom: deletes a value the attempt has pushed.
import type { WorkerHandler } from './door.ts';

export const deleteXCom: WorkerHandler<'deleteXCom'> =
  ({ live, ledger }) =>
  async ({ attemptToken, key }, { signal }) => {
    const { attemptId } = await live.require(attemptToken, signal);
    await ledger.deleteXCom({ attemptId, key }, { signal });
    return {};
  };

// WorkerService.PullXCom: a value of this run, of a succeeded task or of the attempt itself.
import { fail } from '#kernel/errors/errors.ts';
import { RETURN_VALUE } from '../../core/inputs.ts';
import type { WorkerHandler } from './door.ts';

export const pullXCom: WorkerHandler<'pullXCom'> =
  ({ live, ledger }) =>
  async (request, { signal }) => {
    const { attemptId, dagRunId, place } = await live.require(request.attemptToken, signal);
    const isOwn = request.taskId === '';
    const address = {
      dagRunId,
      taskId: isOwn ? place.taskId : request.taskId,
      mapIndex: request.mapIndex ?? (isOwn ? place.mapIndex : -1),
      key: request.key || RETURN_VALUE,
    };
    const question = { addresses: [address], ownAttemptId: attemptId };
    const { xcoms } = await ledger.readXComs(question, { signal });
    const [found] = xcoms;
    if (found === undefined) {
      throw fail(
        'xcom_not_found',
        `task ${address.taskId} has pushed no ${JSON.stringify(address.key)} in this run`,
      );
    }
    return { valueJson: found.valueJson };
  };

// WorkerService.PushXCom: stores a value while its attempt runs.
import { fail } from '#kernel/errors/errors.ts';
import { XCOM_SIZE_MAX } from '../../core/limits.ts';
import { brokenXCom } from '../../core/report.ts';
import type { WorkerHandler } from './door.ts';

export const pushXCom: WorkerHandler<'pushXCom'> =
  ({ live, ledger }) =>
  async ({ attemptToken, xcom }, { signal }) => {
    const { attemptId } = await live.require(attemptToken, signal);
    if (xcom === undefined) throw fail('bad_request', 'xcom is required');
    const broken = brokenXCom(xcom);
    const isTooLarge = Buffer.byteLength(xcom.valueJson) > XCOM_SIZE_MAX;
    if (broken !== undefined) throw fail(isTooLarge ? 'xcom_too_large' : 'bad_request', broken);
    await ledger.pushXCom({ attemptId, xcoms: [xcom] }, { signal });
    return {};
  };

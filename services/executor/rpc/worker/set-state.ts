// WorkerService.SetState: keeps a value for a task instance, over its tries, or for an asset.
import { fail } from '#kernel/errors/errors.ts';
import { isJson } from '../../core/contents.ts';
import type { WorkerHandler } from './door.ts';
import { stateOf } from './state-owner.ts';

export const setState: WorkerHandler<'setState'> =
  ({ live, ledger }) =>
  async (request, { signal }) => {
    const attempt = await live.require(request.attemptToken, signal);
    const { valueJson } = request;
    if (!isJson(valueJson)) throw fail('bad_request', 'value_json is not JSON');
    await ledger.setState({ ...stateOf(attempt, request), valueJson }, { signal });
    return {};
  };

// WorkerService.ListAssetEvents: the updates of an asset, for a running task.
import { fail } from '#kernel/errors/errors.ts';
import type { WorkerHandler } from './door.ts';

export const listAssetEvents: WorkerHandler<'listAssetEvents'> =
  ({ live, ledger }) =>
  async (query, { signal }) => {
    await live.require(query.attemptToken, signal);
    const names = [query.assetName, query.assetUri, query.alias].filter((name) => name !== '');
    if (names.length !== 1) {
      throw fail('bad_request', 'set one of asset_name, asset_uri and alias');
    }
    const question = { query: { ...query, attemptToken: '' } };
    const { events } = await ledger.listAssetEvents(question, { signal });
    return { events };
  };

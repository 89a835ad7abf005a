// QueryService.GetAsset
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { textArray } from '../../ledger/database/array.ts';
import { findAsset, toAsset, toWatcher, type WatcherRow } from '../../query/assets.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

type UseRow = {
  readonly role: 'inlet' | 'outlet' | 'schedule';
  readonly dag_id: string;
  readonly task_id: string;
};

const LIST_ASSET_ALIASES = queryStatement<{ readonly name: string }>('list_asset_aliases');
const LIST_ASSET_USES = queryStatement<UseRow>('list_asset_uses');
const LIST_WATCHERS = queryStatement<WatcherRow>('list_watchers_of_asset');

export function getAsset(rooms: Rooms): Handler<typeof QueryService.method.getAsset> {
  const { database } = rooms;
  return async (request) => {
    const row = await findAsset(database, required(request.query, 'query'));
    const named = await database.browse(LIST_ASSET_ALIASES, [row.name]);
    const aliases = named.map(({ name }) => name);
    const uses = await database.browse(LIST_ASSET_USES, [row.name, row.uri, textArray(aliases)]);
    const watchers = await database.browse(LIST_WATCHERS, [row.name]);
    return {
      answer: {
        asset: toAsset(row),
        producers: usesAs('outlet', uses),
        readers: usesAs('inlet', uses),
        consumers: usesAs('schedule', uses),
        aliases,
        watchers: watchers.map(toWatcher),
      },
    };
  };
}

function usesAs(role: UseRow['role'], uses: readonly UseRow[]) {
  return uses
    .filter((use) => use.role === role)
    .map((use) => ({ dagId: use.dag_id, taskId: use.task_id }));
}

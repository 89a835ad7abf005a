// LedgerService.ListAssetEvents
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { listAssetEvents as list } from '../../ledger/asset/asset-events.ts';
import { listAssetNews as listNews } from '../../ledger/asset/asset-news.ts';
import { required, type Rooms } from '../rooms.ts';

export function listAssetEvents(
  rooms: Rooms,
): Handler<typeof LedgerService.method.listAssetEvents> {
  return async ({ query, places }) =>
    places.length > 0
      ? await listNews(rooms.database, { query: required(query, 'query'), places })
      : { events: await list(rooms.database, required(query, 'query')) };
}

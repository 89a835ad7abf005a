// CatalogService.WatchCatalog
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Rooms } from '../rooms.ts';

/**
 * Ends with `database_unavailable` as soon as changes may be missed: the watcher calls again, and
 * takes the empty first message as the sign to look at everything anew.
 */
export function watchCatalog(rooms: Rooms): Handler<typeof CatalogService.method.watchCatalog> {
  return async function* (_request, { signal }) {
    if (!rooms.isListening()) {
      throw fail('database_unavailable', 'changes cannot be heard now; retry later');
    }
    const changes = rooms.changes.watch(signal);
    yield {};
    for await (const { dagIds, pools } of changes) yield { dagIds: [...dagIds], pools: [...pools] };
  };
}

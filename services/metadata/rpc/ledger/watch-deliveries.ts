// LedgerService.WatchDeliveries
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { partitionsWithDeliveries } from '../../ledger/asset/deliveries.ts';
import type { Rooms } from '../rooms.ts';

/**
 * Ends with `database_unavailable` as soon as deliveries may be missed: the watcher calls again,
 * and the first answer names every partition that has some.
 */
export function watchDeliveries(
  rooms: Rooms,
): Handler<typeof LedgerService.method.watchDeliveries> {
  return async function* (_request, { signal }) {
    if (!rooms.isListening()) {
      throw fail('database_unavailable', 'deliveries cannot be heard now; retry later');
    }
    // Watched before it is read, so that nothing falls between the two.
    const later = rooms.deliveries.watch(signal);
    yield { partitions: [...(await partitionsWithDeliveries(rooms.database))] };
    for await (const partitions of later) yield { partitions: [...partitions] };
  };
}

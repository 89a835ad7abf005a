// CatalogService.PutDagFile
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { putDagFile as put } from '../../catalog/put-dag-file.ts';
import type { Rooms } from '../rooms.ts';

export function putDagFile(rooms: Rooms): Handler<typeof CatalogService.method.putDagFile> {
  const { catalog, clock, events } = rooms;
  return async (request) => {
    const outcome = await put(catalog, request, clock.nowMs());
    if (outcome.kind === 'stored') {
      const { changedDagIds } = outcome;
      events.dagFileStored(request.path, changedDagIds);
      return { changedDagIds: [...changedDagIds] };
    }
    if (outcome.kind === 'outdated') return { isOutdated: true };
    events.importErrorStored(request.path);
    if (outcome.kind === 'refused') throw outcome.reason;
    return { changedDagIds: [] };
  };
}

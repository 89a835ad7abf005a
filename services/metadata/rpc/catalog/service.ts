// CatalogService: every RPC with those who may call it.
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { CALLERS, only, type Rooms } from '../rooms.ts';
import { claimBundleVersion } from './claim-bundle-version.ts';
import { deleteConnection } from './delete-connection.ts';
import { deletePool } from './delete-pool.ts';
import { deleteVariable } from './delete-variable.ts';
import { listBundleVersions } from './list-bundle-versions.ts';
import { listDagFiles } from './list-dag-files.ts';
import { putConnection } from './put-connection.ts';
import { putDagFile } from './put-dag-file.ts';
import { putPool } from './put-pool.ts';
import { putVariable } from './put-variable.ts';
import { removeDagFiles } from './remove-dag-files.ts';
import { watchCatalog } from './watch-catalog.ts';

export function catalogService(rooms: Rooms): RpcService {
  return rpcService(
    CatalogService,
    {
      putDagFile: only(['dag-processor'], putDagFile(rooms)),
      removeDagFiles: only(['dag-processor'], removeDagFiles(rooms)),
      listDagFiles: only(['dag-processor', 'api'], listDagFiles(rooms)),
      listBundleVersions: only(['dag-processor'], listBundleVersions(rooms)),
      claimBundleVersion: only(['dag-processor'], claimBundleVersion(rooms)),
      watchCatalog: only(['scheduler', 'executor', 'api'], watchCatalog(rooms)),
      putConnection: only(['api'], putConnection(rooms)),
      deleteConnection: only(['api'], deleteConnection(rooms)),
      putVariable: only(['api', 'executor'], putVariable(rooms)),
      deleteVariable: only(['api', 'executor'], deleteVariable(rooms)),
      putPool: only(['api'], putPool(rooms)),
      deletePool: only(['api'], deletePool(rooms)),
    },
    { callers: CALLERS },
  );
}

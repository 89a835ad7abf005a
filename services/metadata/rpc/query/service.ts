// QueryService: every RPC; people ask through the api alone.
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import type { Rooms } from '../rooms.ts';
import { getDag } from './get-dag.ts';
import { getDagRun } from './get-dag-run.ts';
import { getTaskInstance } from './get-task-instance.ts';
import { listConnections } from './list-connections.ts';
import { listDagRuns } from './list-dag-runs.ts';
import { listDags } from './list-dags.ts';
import { listImportErrors } from './list-import-errors.ts';
import { listPools } from './list-pools.ts';
import { listTaskInstances } from './list-task-instances.ts';
import { listVariables } from './list-variables.ts';

export function queryService(rooms: Rooms): RpcService {
  return rpcService(
    QueryService,
    {
      listDags: listDags(rooms),
      getDag: getDag(rooms),
      listDagRuns: listDagRuns(rooms),
      getDagRun: getDagRun(rooms),
      listTaskInstances: listTaskInstances(rooms),
      getTaskInstance: getTaskInstance(rooms),
      listImportErrors: listImportErrors(rooms),
      listConnections: listConnections(rooms),
      listVariables: listVariables(rooms),
      listPools: listPools(rooms),
    },
    { callers: ['api', 'standalone'] },
  );
}

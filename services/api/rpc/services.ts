// Every RPC of the public door. A new one costs its file and a line here.
import { AuthService } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { ImportErrorService } from '#gen/dagmesh/api/v1/import_error_service_pb.ts';
import { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import { type Handlers, type RpcService, rpcService } from '#kernel/rpc/service.ts';
import type { DescService } from '@bufbuild/protobuf';
import type { Principal } from '../sign-in/principal.ts';
import { createApiToken } from './auth/create-api-token.ts';
import { getSelf } from './auth/get-self.ts';
import { revokeApiToken } from './auth/revoke-api-token.ts';
import { createConnection } from './connections/create-connection.ts';
import { deleteConnection } from './connections/delete-connection.ts';
import { listConnections } from './connections/list-connections.ts';
import { putConnection } from './connections/put-connection.ts';
import { cancelDagRun } from './dag-runs/cancel-dag-run.ts';
import { getDagRun } from './dag-runs/get-dag-run.ts';
import { listDagRuns } from './dag-runs/list-dag-runs.ts';
import { triggerDagRun } from './dag-runs/trigger-dag-run.ts';
import { waitDagRun } from './dag-runs/wait-dag-run.ts';
import { getDag } from './dags/get-dag.ts';
import { listDags } from './dags/list-dags.ts';
import { pauseDag } from './dags/pause-dag.ts';
import { unpauseDag } from './dags/unpause-dag.ts';
import { listImportErrors } from './import-errors/list-import-errors.ts';
import { createPool } from './pools/create-pool.ts';
import { deletePool } from './pools/delete-pool.ts';
import { listPools } from './pools/list-pools.ts';
import { putPool } from './pools/put-pool.ts';
import { clearTaskInstances } from './task-instances/clear-task-instances.ts';
import { explainTaskInstance } from './task-instances/explain-task-instance.ts';
import { getTaskInstance } from './task-instances/get-task-instance.ts';
import { listTaskInstances } from './task-instances/list-task-instances.ts';
import { readTaskLog } from './task-instances/read-task-log.ts';
import { createVariable } from './variables/create-variable.ts';
import { deleteVariable } from './variables/delete-variable.ts';
import { listVariables } from './variables/list-variables.ts';
import { putVariable } from './variables/put-variable.ts';
import { drainWorker } from './workers/drain-worker.ts';
import { listWorkers } from './workers/list-workers.ts';
import type { Mesh } from './mesh.ts';

/** The services of dagmesh.api.v1, ready to be served. */
export function publicServices(mesh: Mesh): readonly RpcService<Principal>[] {
  return [
    publicService(AuthService, {
      getSelf: getSelf(),
      createApiToken: createApiToken(mesh),
      revokeApiToken: revokeApiToken(mesh),
    }),
    publicService(ConnectionService, {
      listConnections: listConnections(mesh),
      createConnection: createConnection(mesh),
      putConnection: putConnection(mesh),
      deleteConnection: deleteConnection(mesh),
    }),
    publicService(DagRunService, {
      triggerDagRun: triggerDagRun(mesh),
      listDagRuns: listDagRuns(mesh),
      getDagRun: getDagRun(mesh),
      waitDagRun: waitDagRun(mesh),
      cancelDagRun: cancelDagRun(mesh),
    }),
    publicService(DagService, {
      listDags: listDags(mesh),
      getDag: getDag(mesh),
      pauseDag: pauseDag(mesh),
      unpauseDag: unpauseDag(mesh),
    }),
    publicService(ImportErrorService, {
      listImportErrors: listImportErrors(mesh),
    }),
    publicService(PoolService, {
      listPools: listPools(mesh),
      createPool: createPool(mesh),
      putPool: putPool(mesh),
      deletePool: deletePool(mesh),
    }),
    publicService(TaskInstanceService, {
      listTaskInstances: listTaskInstances(mesh),
      getTaskInstance: getTaskInstance(mesh),
      clearTaskInstances: clearTaskInstances(mesh),
      explainTaskInstance: explainTaskInstance(mesh),
      readTaskLog: readTaskLog(mesh),
    }),
    publicService(VariableService, {
      listVariables: listVariables(mesh),
      createVariable: createVariable(mesh),
      putVariable: putVariable(mesh),
      deleteVariable: deleteVariable(mesh),
    }),
    publicService(WorkerService, {
      listWorkers: listWorkers(mesh),
      drainWorker: drainWorker(mesh),
    }),
  ];
}

/** Callers are users: the door's sign-in has let them in before a handler runs. */
function publicService<S extends DescService>(
  service: S,
  handlers: Handlers<S, Principal>,
): RpcService<Principal> {
  return rpcService(service, handlers, { callers: 'anyone' });
}

// Every RPC of the public door. A new one costs its file and a line here.
import { AlertService } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { AuthService } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { ImportErrorService } from '#gen/dagmesh/api/v1/import_error_service_pb.ts';
import { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { type Handlers, type RpcService, rpcService } from '#kernel/rpc/service.ts';
import type { DescService } from '@bufbuild/protobuf';
import type { Principal } from '../sign-in/principal.ts';
import { listCallbacks } from './alerts/list-callbacks.ts';
import { listDeadlines } from './alerts/list-deadlines.ts';
import { listSlaMisses } from './alerts/list-sla-misses.ts';
import { createAssetEvent } from './assets/create-asset-event.ts';
import { deleteQueuedEvents } from './assets/delete-queued-events.ts';
import { getAsset } from './assets/get-asset.ts';
import { listAssetEvents } from './assets/list-asset-events.ts';
import { listAssets } from './assets/list-assets.ts';
import { listQueuedEvents } from './assets/list-queued-events.ts';
import { materializeAsset } from './assets/materialize-asset.ts';
import { createApiToken } from './auth/create-api-token.ts';
import { getSelf } from './auth/get-self.ts';
import { revokeApiToken } from './auth/revoke-api-token.ts';
import { cancelBackfill } from './backfills/cancel-backfill.ts';
import { createBackfill } from './backfills/create-backfill.ts';
import { getBackfill } from './backfills/get-backfill.ts';
import { listBackfillDates } from './backfills/list-backfill-dates.ts';
import { listBackfills } from './backfills/list-backfills.ts';
import { pauseBackfill } from './backfills/pause-backfill.ts';
import { unpauseBackfill } from './backfills/unpause-backfill.ts';
import { createConnection } from './connections/create-connection.ts';
import { deleteConnection } from './connections/delete-connection.ts';
import { listConnections } from './connections/list-connections.ts';
import { putConnection } from './connections/put-connection.ts';
import { cancelDagRun } from './dag-runs/cancel-dag-run.ts';
import { clearDagRun } from './dag-runs/clear-dag-run.ts';
import { getDagRun } from './dag-runs/get-dag-run.ts';
import { listDagRuns } from './dag-runs/list-dag-runs.ts';
import { markDagRun } from './dag-runs/mark-dag-run.ts';
import { setDagRunNote } from './dag-runs/set-dag-run-note.ts';
import { triggerDagRun } from './dag-runs/trigger-dag-run.ts';
import { waitDagRun } from './dag-runs/wait-dag-run.ts';
import { explainDag } from './dags/explain-dag.ts';
import { getDag } from './dags/get-dag.ts';
import { listDagVersions } from './dags/list-dag-versions.ts';
import { listDags } from './dags/list-dags.ts';
import { parseDagFile } from './dags/parse-dag-file.ts';
import { pauseDag } from './dags/pause-dag.ts';
import { pauseKey } from './dags/pause-key.ts';
import { unpauseDag } from './dags/unpause-dag.ts';
import { getHumanInput } from './human-inputs/get-human-input.ts';
import { listHumanInputs } from './human-inputs/list-human-inputs.ts';
import { respondHumanInput } from './human-inputs/respond-human-input.ts';
import { listImportErrors } from './import-errors/list-import-errors.ts';
import { createPool } from './pools/create-pool.ts';
import { deletePool } from './pools/delete-pool.ts';
import { listPools } from './pools/list-pools.ts';
import { putPool } from './pools/put-pool.ts';
import { clearTaskInstances } from './task-instances/clear-task-instances.ts';
import { explainTaskInstance } from './task-instances/explain-task-instance.ts';
import { getTaskInstance } from './task-instances/get-task-instance.ts';
import { listTaskInstances } from './task-instances/list-task-instances.ts';
import { markTaskInstances } from './task-instances/mark-task-instances.ts';
import { readTaskLog } from './task-instances/read-task-log.ts';
import { setTaskInstanceNote } from './task-instances/set-task-instance-note.ts';
import { createVariable } from './variables/create-variable.ts';
import { deleteVariable } from './variables/delete-variable.ts';
import { listVariables } from './variables/list-variables.ts';
import { putVariable } from './variables/put-variable.ts';
import { drainWorker } from './workers/drain-worker.ts';
import { listWorkers } from './workers/list-workers.ts';
import { deleteXCom } from './xcoms/delete-xcom.ts';
import { getXCom } from './xcoms/get-xcom.ts';
import { listXComs } from './xcoms/list-xcoms.ts';
import { setXCom } from './xcoms/set-xcom.ts';
import type { Mesh } from './mesh.ts';

/** The services of dagmesh.api.v1, ready to be served. */
export function publicServices(mesh: Mesh): readonly RpcService<Principal>[] {
  return [...workServices(mesh), ...causeServices(mesh), ...houseServices(mesh)];
}

/** What there is to run, what runs, and what came of it. */
function workServices(mesh: Mesh): readonly RpcService<Principal>[] {
  return [
    publicService(DagService, {
      listDags: listDags(mesh),
      getDag: getDag(mesh),
      listDagVersions: listDagVersions(mesh),
      explainDag: explainDag(mesh),
      parseDagFile: parseDagFile(mesh),
      pauseDag: pauseDag(mesh),
      unpauseDag: unpauseDag(mesh),
      pauseKey: pauseKey(mesh),
    }),
    publicService(DagRunService, {
      triggerDagRun: triggerDagRun(mesh),
      listDagRuns: listDagRuns(mesh),
      getDagRun: getDagRun(mesh),
      waitDagRun: waitDagRun(mesh),
      cancelDagRun: cancelDagRun(mesh),
      clearDagRun: clearDagRun(mesh),
      markDagRun: markDagRun(mesh),
      setDagRunNote: setDagRunNote(mesh),
    }),
    publicService(TaskInstanceService, {
      listTaskInstances: listTaskInstances(mesh),
      getTaskInstance: getTaskInstance(mesh),
      clearTaskInstances: clearTaskInstances(mesh),
      markTaskInstances: markTaskInstances(mesh),
      setTaskInstanceNote: setTaskInstanceNote(mesh),
      explainTaskInstance: explainTaskInstance(mesh),
      readTaskLog: readTaskLog(mesh),
    }),
    publicService(XComService, {
      listXComs: listXComs(mesh),
      getXCom: getXCom(mesh),
      setXCom: setXCom(mesh),
      deleteXCom: deleteXCom(mesh),
    }),
    publicService(HumanInputService, {
      listHumanInputs: listHumanInputs(mesh),
      getHumanInput: getHumanInput(mesh),
      respondHumanInput: respondHumanInput(mesh),
    }),
  ];
}

/** What makes runs beside schedules and people, and what runs set off. */
function causeServices(mesh: Mesh): readonly RpcService<Principal>[] {
  return [
    publicService(AssetService, {
      listAssets: listAssets(mesh),
      getAsset: getAsset(mesh),
      listAssetEvents: listAssetEvents(mesh),
      createAssetEvent: createAssetEvent(mesh),
      materializeAsset: materializeAsset(mesh),
      listQueuedEvents: listQueuedEvents(mesh),
      deleteQueuedEvents: deleteQueuedEvents(mesh),
    }),
    publicService(BackfillService, {
      createBackfill: createBackfill(mesh),
      listBackfills: listBackfills(mesh),
      getBackfill: getBackfill(mesh),
      listBackfillDates: listBackfillDates(mesh),
      pauseBackfill: pauseBackfill(mesh),
      unpauseBackfill: unpauseBackfill(mesh),
      cancelBackfill: cancelBackfill(mesh),
    }),
    publicService(AlertService, {
      listDeadlines: listDeadlines(mesh),
      listSlaMisses: listSlaMisses(mesh),
      listCallbacks: listCallbacks(mesh),
    }),
  ];
}

/** What the installation has, whatever runs in it. */
function houseServices(mesh: Mesh): readonly RpcService<Principal>[] {
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
    publicService(ImportErrorService, {
      listImportErrors: listImportErrors(mesh),
    }),
    publicService(PoolService, {
      listPools: listPools(mesh),
      createPool: createPool(mesh),
      putPool: putPool(mesh),
      deletePool: deletePool(mesh),
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

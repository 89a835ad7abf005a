// The public API as the commands use it: one client for each service, one connection for all.
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
import { type EdgeClientOptions, openEdge } from '#kernel/rpc/edge-client.ts';

/** The clients, by noun. */
export type Api = ReturnType<typeof createApi>;

/** Deadline of calls that name none: the api itself waits up to 10 s for the owner of a DAG. */
const DEADLINE_MS = 15_000;

/** Makes the clients; nothing is dialled before the first call. */
export function createApi(door: Omit<EdgeClientOptions, 'timeoutMs'>) {
  const edge = openEdge({ ...door, timeoutMs: DEADLINE_MS });
  return {
    alerts: edge.client(AlertService),
    assets: edge.client(AssetService),
    auth: edge.client(AuthService),
    backfills: edge.client(BackfillService),
    connections: edge.client(ConnectionService),
    dags: edge.client(DagService),
    humanInputs: edge.client(HumanInputService),
    importErrors: edge.client(ImportErrorService),
    pools: edge.client(PoolService),
    runs: edge.client(DagRunService),
    tasks: edge.client(TaskInstanceService),
    variables: edge.client(VariableService),
    workers: edge.client(WorkerService),
    xcoms: edge.client(XComService),
  };
}

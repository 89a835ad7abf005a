// Who may call what: one row for every RPC of the public API, and nothing without a row.
import type { DescMethod, DescService } from '@bufbuild/protobuf';
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

/** The roles, each of which may do all that those before it may. */
export const ROLES = ['viewer', 'user', 'op', 'admin'] as const;

/** One of them. */
export type Role = (typeof ROLES)[number];

/** The rows of one service; a missing or a surplus RPC does not compile. */
type Rows<S extends DescService> = { readonly [M in keyof S['method']]: Role };

const PERMISSIONS: ReadonlyMap<DescMethod, Role> = new Map([
  ...rows(AlertService, {
    listDeadlines: 'viewer',
    listSlaMisses: 'viewer',
    listCallbacks: 'viewer',
  }),
  ...rows(AssetService, {
    listAssets: 'viewer',
    getAsset: 'viewer',
    listAssetEvents: 'viewer',
    listQueuedEvents: 'viewer',
    createAssetEvent: 'user',
    materializeAsset: 'user',
    deleteQueuedEvents: 'user',
  }),
  ...rows(AuthService, {
    getSelf: 'viewer',
    createApiToken: 'admin',
    revokeApiToken: 'admin',
  }),
  ...rows(BackfillService, {
    listBackfills: 'viewer',
    getBackfill: 'viewer',
    listBackfillDates: 'viewer',
    createBackfill: 'user',
    pauseBackfill: 'user',
    unpauseBackfill: 'user',
    cancelBackfill: 'user',
  }),
  ...rows(ConnectionService, {
    listConnections: 'viewer',
    createConnection: 'op',
    putConnection: 'op',
    deleteConnection: 'op',
  }),
  ...rows(DagRunService, {
    listDagRuns: 'viewer',
    getDagRun: 'viewer',
    waitDagRun: 'viewer',
    triggerDagRun: 'user',
    cancelDagRun: 'user',
    clearDagRun: 'user',
    markDagRun: 'user',
    setDagRunNote: 'user',
  }),
  ...rows(DagService, {
    listDags: 'viewer',
    getDag: 'viewer',
    listDagVersions: 'viewer',
    explainDag: 'viewer',
    parseDagFile: 'user',
    pauseDag: 'user',
    unpauseDag: 'user',
    pauseKey: 'user',
  }),
  ...rows(HumanInputService, {
    listHumanInputs: 'viewer',
    getHumanInput: 'viewer',
    respondHumanInput: 'user',
  }),
  ...rows(ImportErrorService, {
    listImportErrors: 'viewer',
  }),
  ...rows(PoolService, {
    listPools: 'viewer',
    createPool: 'op',
    putPool: 'op',
    deletePool: 'op',
  }),
  ...rows(TaskInstanceService, {
    listTaskInstances: 'viewer',
    getTaskInstance: 'viewer',
    explainTaskInstance: 'viewer',
    readTaskLog: 'viewer',
    clearTaskInstances: 'user',
    markTaskInstances: 'user',
    setTaskInstanceNote: 'user',
  }),
  ...rows(VariableService, {
    listVariables: 'viewer',
    createVariable: 'op',
    putVariable: 'op',
    deleteVariable: 'op',
  }),
  ...rows(WorkerService, {
    listWorkers: 'viewer',
    drainWorker: 'op',
  }),
  ...rows(XComService, {
    listXComs: 'viewer',
    getXCom: 'viewer',
    setXCom: 'user',
    deleteXCom: 'user',
  }),
]);

/** The least role that may call an RPC; undefined means that nobody may. */
export function roleFor(method: DescMethod): Role | undefined {
  return PERMISSIONS.get(method);
}

/** Whether a role may do what another one may. */
export function reaches(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** The role of that name; undefined for a text that names none. */
export function parseRole(name: string): Role | undefined {
  return ROLES.find((role) => role === name);
}

function rows<S extends DescService>(service: S, roles: Rows<S>): [DescMethod, Role][] {
  const byName: Readonly<Record<string, Role>> = roles;
  return service.methods.flatMap((method): [DescMethod, Role][] => {
    const role = byName[method.localName];
    return role === undefined ? [] : [[method, role]];
  });
}

// WorkerService: every RPC, served alike on the gRPC port and at the HTTP edge.
import { WorkerService } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { acquireTasks } from './acquire-tasks.ts';
import { appendLog } from './append-log.ts';
import { deleteState } from './delete-state.ts';
import { deleteVariable } from './delete-variable.ts';
import { deleteXCom } from './delete-xcom.ts';
import type { WorkerDoor } from './door.ts';
import { getConnection } from './get-connection.ts';
import { getState } from './get-state.ts';
import { getTaskStates } from './get-task-states.ts';
import { getVariable } from './get-variable.ts';
import { heartbeat } from './heartbeat.ts';
import { listAssetEvents } from './list-asset-events.ts';
import { listXComs } from './list-xcoms.ts';
import { pullXCom } from './pull-xcom.ts';
import { pushXCom } from './push-xcom.ts';
import { reportTasks } from './report-tasks.ts';
import { session } from './session.ts';
import { setState } from './set-state.ts';
import { setVariable } from './set-variable.ts';
import { streamLogs } from './stream-logs.ts';
import { triggerDagRun } from './trigger-dag-run.ts';

/** The service over its parts; callers must prove to be workers. */
export function workerService(door: WorkerDoor): RpcService {
  const handlers = {
    session: session(door),
    streamLogs: streamLogs(door),
    acquireTasks: acquireTasks(door),
    heartbeat: heartbeat(door),
    reportTasks: reportTasks(door),
    appendLog: appendLog(door),
    getConnection: getConnection(door),
    getVariable: getVariable(door),
    setVariable: setVariable(door),
    deleteVariable: deleteVariable(door),
    pushXCom: pushXCom(door),
    pullXCom: pullXCom(door),
    listXComs: listXComs(door),
    deleteXCom: deleteXCom(door),
    getTaskStates: getTaskStates(door),
    triggerDagRun: triggerDagRun(door),
    listAssetEvents: listAssetEvents(door),
    getState: getState(door),
    setState: setState(door),
    deleteState: deleteState(door),
  };
  return rpcService(WorkerService, handlers, { callers: ['worker'] });
}

// QueryService: every RPC; people ask through the api alone.
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import type { Rooms } from '../rooms.ts';
import { browseAssetEvents } from './browse-asset-events.ts';
import { deleteQueuedEvents } from './delete-queued-events.ts';
import { getAsset } from './get-asset.ts';
import { getBackfill } from './get-backfill.ts';
import { getDag } from './get-dag.ts';
import { getDagRun } from './get-dag-run.ts';
import { getHumanInput } from './get-human-input.ts';
import { getTaskInstance } from './get-task-instance.ts';
import { getXCom } from './get-xcom.ts';
import { listAssets } from './list-assets.ts';
import { listBackfillDates } from './list-backfill-dates.ts';
import { listBackfills } from './list-backfills.ts';
import { listCallbacks } from './list-callbacks.ts';
import { listConnections } from './list-connections.ts';
import { listDagRuns } from './list-dag-runs.ts';
import { listDagVersions } from './list-dag-versions.ts';
import { listDags } from './list-dags.ts';
import { listDeadlines } from './list-deadlines.ts';
import { listHumanInputs } from './list-human-inputs.ts';
import { listImportErrors } from './list-import-errors.ts';
import { listPools } from './list-pools.ts';
import { listQueuedEvents } from './list-queued-events.ts';
import { listSlaMisses } from './list-sla-misses.ts';
import { listTaskInstances } from './list-task-instances.ts';
import { listVariables } from './list-variables.ts';
import { listXComs } from './list-xcoms.ts';
import { removeXCom } from './remove-xcom.ts';
import { setXCom } from './set-xcom.ts';

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
      listDagVersions: listDagVersions(rooms),
      listBackfills: listBackfills(rooms),
      getBackfill: getBackfill(rooms),
      listBackfillDates: listBackfillDates(rooms),
      listAssets: listAssets(rooms),
      getAsset: getAsset(rooms),
      browseAssetEvents: browseAssetEvents(rooms),
      listQueuedEvents: listQueuedEvents(rooms),
      deleteQueuedEvents: deleteQueuedEvents(rooms),
      listHumanInputs: listHumanInputs(rooms),
      getHumanInput: getHumanInput(rooms),
      listXComs: listXComs(rooms),
      getXCom: getXCom(rooms),
      setXCom: setXCom(rooms),
      removeXCom: removeXCom(rooms),
      listDeadlines: listDeadlines(rooms),
      listSlaMisses: listSlaMisses(rooms),
      listCallbacks: listCallbacks(rooms),
    },
    { callers: ['api', 'standalone'] },
  );
}

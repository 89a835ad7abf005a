// LedgerService: every RPC with those who may call it.
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { CALLERS, only, type Rooms } from '../rooms.ts';
import { commit } from './commit.ts';
import { deleteXCom } from './delete-xcom.ts';
import { getAttempt } from './get-attempt.ts';
import { getState } from './get-state.ts';
import { listAssetEvents } from './list-asset-events.ts';
import { listAssetWatchers } from './list-asset-watchers.ts';
import { listRuns } from './list-runs.ts';
import { listStates } from './list-states.ts';
import { loadBegins } from './load-begins.ts';
import { loadDag } from './load-dag.ts';
import { loadDeliveries } from './load-deliveries.ts';
import { loadPartitions } from './load-partitions.ts';
import { loadPast } from './load-past.ts';
import { loadRun } from './load-run.ts';
import { pushXCom } from './push-xcom.ts';
import { putAssetEvents } from './put-asset-events.ts';
import { readXComs } from './read-xcoms.ts';
import { setState } from './set-state.ts';
import { watchDeliveries } from './watch-deliveries.ts';

export function ledgerService(rooms: Rooms): RpcService {
  return rpcService(
    LedgerService,
    {
      commit: only(['scheduler'], commit(rooms)),
      loadPartitions: only(['scheduler'], loadPartitions(rooms)),
      loadDag: only(['scheduler', 'executor'], loadDag(rooms)),
      loadRun: only(['scheduler', 'executor'], loadRun(rooms)),
      readXComs: only(['scheduler', 'executor'], readXComs(rooms)),
      pushXCom: only(['executor'], pushXCom(rooms)),
      deleteXCom: only(['executor'], deleteXCom(rooms)),
      listRuns: only(['scheduler', 'executor'], listRuns(rooms)),
      loadPast: only(['scheduler'], loadPast(rooms)),
      loadBegins: only(['scheduler'], loadBegins(rooms)),
      watchDeliveries: only(['scheduler'], watchDeliveries(rooms)),
      loadDeliveries: only(['scheduler'], loadDeliveries(rooms)),
      putAssetEvents: only(['scheduler', 'api'], putAssetEvents(rooms)),
      listAssetEvents: only(['scheduler', 'executor', 'triggerer'], listAssetEvents(rooms)),
      listAssetWatchers: only(['scheduler'], listAssetWatchers(rooms)),
      listStates: only(['scheduler', 'executor', 'triggerer'], listStates(rooms)),
      getState: only(['executor'], getState(rooms)),
      setState: only(['executor'], setState(rooms)),
      getAttempt: only(['scheduler', 'executor'], getAttempt(rooms)),
    },
    { callers: CALLERS },
  );
}

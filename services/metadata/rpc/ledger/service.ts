// LedgerService: every RPC with those who may call it.
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { CALLERS, only, type Rooms } from '../rooms.ts';
import { commit } from './commit.ts';
import { deleteXCom } from './delete-xcom.ts';
import { getAttempt } from './get-attempt.ts';
import { loadDag } from './load-dag.ts';
import { loadPartitions } from './load-partitions.ts';
import { loadRun } from './load-run.ts';
import { pushXCom } from './push-xcom.ts';
import { readXComs } from './read-xcoms.ts';

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
      getAttempt: only(['scheduler', 'executor'], getAttempt(rooms)),
    },
    { callers: CALLERS },
  );
}

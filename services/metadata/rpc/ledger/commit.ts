// LedgerService.Commit
import type { CommitRequest, LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { commitChanges } from '../../ledger/commit/commit.ts';
import type { Rooms } from '../rooms.ts';

export function commit(rooms: Rooms): Handler<typeof LedgerService.method.commit> {
  const { database, clock, events } = rooms;
  return async (request) => {
    const beganMs = clock.monotonicMs();
    const seconds = () => (clock.monotonicMs() - beganMs) / 1000;
    try {
      const { response, freedPools, isReplay } = await commitChanges(database, request);
      events.committed(isReplay ? 'repeated' : 'applied', seconds());
      events.refused('run', response.refusedRunIds.length);
      events.refused('pool_slots', response.refusedTaskInstanceIds.length);
      if (!isReplay) countRows(rooms, request);
      rooms.slotsFreed(freedPools);
      return response;
    } catch (error) {
      if (reasonOf(error) === 'stale_epoch') events.committed('refused', seconds());
      throw error;
    }
  };
}

function countRows({ events }: Rooms, request: CommitRequest): void {
  events.rowsWritten('dag_run', request.newRuns.length + request.changedRuns.length);
  events.rowsWritten(
    'task_instance',
    request.newTaskInstances.length + request.changedTaskInstances.length,
  );
  events.rowsWritten('task_attempt', request.newAttempts.length + request.endedAttempts.length);
  events.rowsWritten('asset_event', request.assetEvents.length);
}

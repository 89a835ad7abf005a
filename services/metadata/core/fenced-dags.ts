// Every write names what it is fenced by: the DAGs a commit writes to must lie in partitions it
// names.
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';

/**
 * A DAG that the commit writes to without a fence for its partition; undefined when there is none,
 * which is so for every scheduler without a bug. Task instances and attempts are not looked at:
 * they name no DAG.
 */
export function unfencedDag(request: CommitRequest): string | undefined {
  const fenced = new Set(request.fences.map((fence) => fence.partition));
  const written = [
    request.newRuns,
    request.changedRuns,
    request.cursors,
    request.pauses,
    request.consumedDeliveries,
    request.backfills,
    request.deadlines,
    request.slaMisses,
    request.keyPauses,
    request.assetEvents.map(({ sourceDagId }) => ({ dagId: sourceDagId })),
  ];
  return written.flat().find(({ dagId }) => !fenced.has(partitionOf(dagId)))?.dagId;
}

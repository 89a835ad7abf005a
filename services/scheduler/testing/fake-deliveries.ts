// The queues of asset events in a metadata service in memory, and who is told of them.
import { clone, create } from '@bufbuild/protobuf';
import { type AssetEvent, AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import {
  type AssetDelivery,
  AssetDeliverySchema,
  type CommitRequest,
  type LedgerService,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { createMessageQueue, type MessageQueue } from '#kernel/rpc/message-queue.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { Tables } from './tables.ts';

export type FakeDeliveries = {
  /** What awaits DAGs, by `<dag_id> <event id>`. */
  readonly rows: Map<string, AssetDelivery>;
  /** Queues an event for the DAGs whose schedule names its asset, and tells the watchers. */
  put(event: AssetEvent): void;
  /** What a commit does: its events are queued, what it consumed is gone. */
  write(request: CommitRequest, refusedRuns: ReadonlySet<string>): void;
  /** Of these partitions. */
  of(partitions: readonly number[]): AssetDelivery[];
  /** Answers of readings are on their way until the answered function is called. */
  hold(): () => void;
  readonly handlers: Pick<Handlers<typeof LedgerService>, 'watchDeliveries' | 'loadDeliveries'>;
};

/** Deliveries of one answer. */
export const PAGE_SIZE = 50;

/** Nothing awaits anybody. */
export function createFakeDeliveries({ dags, versions }: Tables): FakeDeliveries {
  const rows: FakeDeliveries['rows'] = new Map();
  const watches = new Set<MessageQueue<readonly number[]>>();
  let gate = Promise.resolve();
  const of = (partitions: readonly number[]) =>
    [...rows.values()].filter(({ dagId }) => partitions.includes(partitionOf(dagId)));
  const consumersOf = ({ assetName }: AssetEvent) =>
    [...dags.values()].flatMap(({ dagId, dagVersionId, isActive, isPaused }) => {
      const timetable = versions.get(dagVersionId)?.spec?.timetable;
      const names = JSON.stringify(timetable ?? {}, withoutBigInts);
      return isActive && !isPaused && names.includes(`"name":"${assetName}"`) ? [dagId] : [];
    });
  const put = (event: AssetEvent) => {
    const consumers = consumersOf(event);
    for (const dagId of consumers) {
      const delivery = { dagId, event: clone(AssetEventSchema, event) };
      rows.set(`${dagId} ${event.id}`, create(AssetDeliverySchema, delivery));
    }
    for (const watch of watches) watch.push(consumers.map((dagId) => partitionOf(dagId)));
  };
  return {
    rows,
    put,
    of,
    write: ({ assetEvents, consumedDeliveries }, refusedRuns) => {
      for (const event of assetEvents) put(event);
      for (const { dagId, dagRunId, eventIds } of consumedDeliveries) {
        if (refusedRuns.has(dagRunId)) continue;
        for (const id of eventIds) rows.delete(`${dagId} ${id}`);
      }
    },
    hold: () => {
      const held = Promise.withResolvers<void>();
      gate = held.promise;
      return held.resolve;
    },
    handlers: {
      watchDeliveries: async function* (_request, { signal }) {
        const watch = createMessageQueue<readonly number[]>({ messagesMax: 10_000 });
        watches.add(watch);
        signal.addEventListener('abort', () => watch.end());
        yield { partitions: [...rows.values()].map(({ dagId }) => partitionOf(dagId)) };
        for await (const partitions of watch) yield { partitions: [...partitions] };
      },
      loadDeliveries: async ({ partitions, after }) => {
        const waiting = of(partitions);
        const isLast = ({ dagId, event }: AssetDelivery) =>
          event?.id === after?.eventId && dagId === after?.dagId;
        const from = after === undefined ? 0 : waiting.findIndex(isLast) + 1;
        const deliveries = waiting.slice(from, from + PAGE_SIZE);
        await gate;
        return { deliveries, isCut: deliveries.length === PAGE_SIZE };
      },
    },
  };
}

function withoutBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

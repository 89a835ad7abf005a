// The watchers of assets in a metadata service in memory, and the updates that they saw.
import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { LedgerService, PartitionFence } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { type ErrorName, fail } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { Tables } from './tables.ts';

export type FakeWatchers = {
  /** Updates that were recorded, in order, each once. */
  readonly events: AssetEvent[];
  /** While set, recording fails with this reason. */
  failure: ErrorName | undefined;
  /** While true, what is recorded is not answered. */
  losesAnswers: boolean;
  readonly handlers: Pick<Handlers<typeof LedgerService>, 'listAssetWatchers' | 'putAssetEvents'>;
};

/** Nothing was seen yet; `holdsFence` says whether a scheduler owns a partition at an epoch. */
export function createFakeWatchers(
  { dags, versions }: Tables,
  holdsFence: (schedulerId: string, fence: PartitionFence) => boolean,
): FakeWatchers {
  const events: AssetEvent[] = [];
  const cursors = new Map<string, string>();
  const defined = () =>
    [...dags.values()]
      .filter(({ isActive, isPaused }) => isActive && !isPaused)
      .flatMap(({ dagId, dagVersionId }) =>
        (versions.get(dagVersionId)?.spec?.assets ?? []).flatMap(({ name, watchers }) =>
          watchers.map((watcher) => ({ dagId, assetName: name, watcher })),
        ),
      );
  const fake: FakeWatchers = {
    events,
    failure: undefined,
    losesAnswers: false,
    handlers: {
      listAssetWatchers: async function* ({ partitions }) {
        const own = defined().filter((each) => partitions.includes(partitionOf(each.assetName)));
        yield {
          watchers: own.map(({ dagId, assetName, watcher: { name, trigger } }) => {
            const last = events.findLast(
              (event) => event.assetName === assetName && event.actor === `watcher:${name}`,
            );
            const definition = trigger === undefined ? '' : toBinary(TriggerSpecSchema, trigger);
            return {
              ...{ dagId, assetName, watcherName: name, definitionSha256: sha256(definition) },
              assetCursor: cursors.get(`${assetName} ${name}`) ?? '',
              ...(trigger === undefined ? {} : { trigger }),
              ...(last?.timestamp === undefined
                ? {}
                : { lastEventTime: last.timestamp, lastEventSha256: sha256(last.extraJson) }),
            };
          }),
        };
      },
      putAssetEvents: async (request) => {
        if (fake.failure !== undefined) throw fail(fake.failure, 'as the test wants it');
        const isHeld = request.fences.every((fence) => holdsFence(request.schedulerId, fence));
        if (!isHeld) throw fail('stale_epoch', 'a partition moved');
        for (const event of request.events) {
          if (!events.some(({ id }) => id === event.id)) events.push(event);
          const { assetCursor, watcherName } = request;
          if (assetCursor !== '') cursors.set(`${event.assetName} ${watcherName}`, assetCursor);
        }
        if (fake.losesAnswers) throw fail('unreachable', 'the answer was lost');
        return {};
      },
    },
  };
  return fake;
}

function sha256(content: string | Uint8Array): Uint8Array {
  return createHash('sha256').update(content).digest();
}

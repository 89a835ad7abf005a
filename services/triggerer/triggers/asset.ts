// Waits for an update of an asset.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromDuration, fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Ask, Polls } from '../polls/polls.ts';
import type { Trigger } from './trigger.ts';

/** What one trigger asks for: updates of the asset after an instant. */
export type AssetQuestion = { readonly assetName: string; readonly sinceMs: number };

/** Time between two questions when the trigger does not say, in milliseconds. */
const INTERVAL_MS = 2_000;

/** Deadline of one question. */
const ASK_TIMEOUT_MS = 10_000;

/** Updates that are asked for, the latest; an event tells no more. */
const EVENTS_MAX = 100;

/** All questions go to metadata. */
const LANE = 'metadata';

/** Largest extra that an event repeats, in bytes; whoever wants a larger one reads the asset. */
const EXTRA_SIZE_MAX = 2_048;

/** Fires with the updates that came after the wait began. */
export function assetTrigger(polls: Polls<AssetQuestion, readonly AssetEvent[]>): Trigger<'asset'> {
  return ({ assetName, pollInterval }, { sinceMs, end }) =>
    polls.join({
      key: assetName,
      lane: LANE,
      question: { assetName, sinceMs },
      intervalMs: fromDuration(pollInterval) ?? INTERVAL_MS,
      judge: (events) => judgeUpdates(events, sinceMs),
      end,
    });
}

/** Asks the ledger for what came after the longest wait of all members. */
export function askAssetEvents(
  ledger: Pick<Client<typeof LedgerService>, 'listAssetEvents'>,
): Ask<AssetQuestion, readonly AssetEvent[]> {
  return async (questions, signal) => {
    const [{ assetName }] = questions;
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const question of questions) sinceMs = Math.min(sinceMs, question.sinceMs);
    const query = {
      // The question is a worker's, whose contract demands a token; metadata does not look at it.
      attemptToken: 'triggerer',
      assetName,
      after: toTimestamp(sinceMs),
      isDescending: true,
      limit: EVENTS_MAX,
    };
    const call = { signal, timeoutMs: ASK_TIMEOUT_MS };
    const { events } = await ledger.listAssetEvents({ query }, call);
    return events.toReversed();
  };
}

function judgeUpdates(events: readonly AssetEvent[], sinceMs: number): Outcome | undefined {
  const later = events.filter(({ timestamp }) => (fromTimestamp(timestamp) ?? 0) > sinceMs);
  if (later.length === 0) return undefined;
  return { kind: 'fired', event: { asset_events: later.map(described) } };
}

/** An update as a task sees it, without what is empty. */
function described(event: AssetEvent) {
  const { id, assetName, assetUri, extraJson, timestamp, partitionKey, actor } = event;
  const { sourceDagId, sourceRunId, sourceTaskId, sourceMapIndex } = event;
  const isSmall = extraJson !== '' && Buffer.byteLength(extraJson) <= EXTRA_SIZE_MAX;
  return {
    id,
    asset_name: assetName,
    asset_uri: assetUri,
    timestamp: new Date(fromTimestamp(timestamp) ?? 0).toISOString(),
    ...(isSmall ? { extra: JSON.parse(extraJson) as unknown } : {}),
    ...(partitionKey === '' ? {} : { partition_key: partitionKey }),
    ...(actor === '' ? {} : { actor }),
    ...(sourceDagId === ''
      ? {}
      : {
          source_dag_id: sourceDagId,
          source_run_id: sourceRunId,
          source_task_id: sourceTaskId,
          source_map_index: sourceMapIndex,
        }),
  };
}

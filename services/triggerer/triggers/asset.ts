// Waits for an update of an asset.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type {
  AssetPlaceSchema,
  LedgerService,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromDuration, fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Ask, Polls } from '../polls/polls.ts';
import type { Trigger } from './trigger.ts';

/** What one trigger asks for: updates of the asset that it has not seen. */
export type AssetQuestion = {
  readonly assetName: string;
  readonly waitId: string;
  /** The time it goes by as long as it has no cursor. */
  readonly sinceMs: number;
  /** The cursor of the last answer; each answer moves it on. */
  cursor: string;
};

/** Updates, oldest first, as far as they are news to questions. */
export type AssetAnswer = {
  readonly newsTo: (question: AssetQuestion) => readonly AssetEvent[];
  /** Where those stand who were asked for; undefined for others. */
  readonly cursorOf: (question: AssetQuestion) => string | undefined;
};

type Place = MessageInitShape<typeof AssetPlaceSchema>;

/** Time between two questions when the trigger does not say, in milliseconds. */
const INTERVAL_MS = 2_000;

/** Deadline of one question. */
const ASK_TIMEOUT_MS = 10_000;

/** Updates that are asked for, the latest; an event tells no more. */
const EVENTS_MAX = 100;

/** All questions go to metadata. */
const LANE = 'metadata';

/** Questions with different places that are asked for at once; the others have their turn later. */
const PLACES_MAX = 1_000;

/** Largest extra that an event repeats, in bytes; whoever wants a larger one reads the asset. */
const EXTRA_SIZE_MAX = 2_048;

/** Fires with the updates that came after the wait began. */
export function assetTrigger(polls: Polls<AssetQuestion, AssetAnswer>): Trigger<'asset'> {
  return ({ assetName, pollInterval }, { waitId, sinceMs, assetCursor, end }) => {
    const question = { assetName, waitId, sinceMs, cursor: assetCursor };
    return polls.join({
      key: assetName,
      lane: LANE,
      question,
      intervalMs: fromDuration(pollInterval) ?? INTERVAL_MS,
      judge: (answer) => judgeUpdates(answer, question),
      end,
    });
  };
}

/**
 * Asks the ledger what is news to all members. One that is older than this code knows no cursors,
 * and answers by time.
 */
export function askAssetEvents(
  ledger: Pick<Client<typeof LedgerService>, 'listAssetEvents'>,
): Ask<AssetQuestion, AssetAnswer> {
  return async (questions, signal) => {
    const [{ assetName }] = questions;
    const sinceMs = questions.reduce((first, each) => Math.min(first, each.sinceMs), Infinity);
    const places = placesOf(questions);
    const query = {
      // The question is a worker's, whose contract demands a token; metadata does not look at it.
      attemptToken: 'triggerer',
      assetName,
      after: toTimestamp(sinceMs),
      isDescending: true,
      limit: EVENTS_MAX,
    };
    const asked = { query, places: [...places.values()].map(({ place }) => place) };
    const call = { signal, timeoutMs: ASK_TIMEOUT_MS };
    const { events, news, cursor } = await ledger.listAssetEvents(asked, call);
    const isNews = (event: AssetEvent, at: number, question: AssetQuestion) => {
      if (cursor === '') return (fromTimestamp(event.timestamp) ?? 0) > question.sinceMs;
      const place = places.get(keyOf(question));
      return place !== undefined && (news[at]?.places.includes(place.index) ?? false);
    };
    return {
      newsTo: (question) => events.filter((event, at) => isNews(event, at, question)).toReversed(),
      cursorOf: (question) => (places.has(keyOf(question)) ? cursor : undefined),
    };
  };
}

/** Where the questions stand, each place once. */
function placesOf(questions: readonly AssetQuestion[]) {
  const places = new Map<string, { readonly index: number; readonly place: Place }>();
  for (const question of questions) {
    if (places.size >= PLACES_MAX) break;
    const key = keyOf(question);
    if (places.has(key)) continue;
    const { cursor, sinceMs, waitId } = question;
    const place = { cursor, since: toTimestamp(sinceMs), waitId };
    places.set(key, { index: places.size, place });
  }
  return places;
}

/** Whoever has a cursor goes by nothing else. */
function keyOf({ cursor, sinceMs, waitId }: AssetQuestion): string {
  return cursor === '' ? `${sinceMs} ${waitId}` : cursor;
}

function judgeUpdates(answer: AssetAnswer, question: AssetQuestion): Outcome | undefined {
  const events = answer.newsTo(question);
  const assetCursor = answer.cursorOf(question) ?? '';
  if (events.length > 0) {
    return { kind: 'fired', event: { asset_events: events.map(described) }, assetCursor };
  }
  if (assetCursor !== '') question.cursor = assetCursor;
  return undefined;
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

// Assets for a running task: the updates it notes, and the updates it can read.
import { fromJson } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { AssetEventSchema } from '../../gen/dagmesh/dag/v1/asset_pb.ts';
import type { JsonObject } from '../../json.ts';
import type {
  AssetEvent,
  AssetEventQuery,
  AssetEvents,
  AssetName,
  OutletEvents,
} from '../../task/assets.ts';
import type { AssetUpdate } from '../ipc.ts';
import { type Ask, type Fields, jsonWithin } from './ask.ts';

const EXTRA_BYTES_MAX = 65_536;
/** Updates of one attempt; more would be a way to store data. */
const UPDATES_MAX = 10_000;

/** Notes updates into `updates`; only these aliases can stand for assets. */
export function outletEventsOf(
  updates: AssetUpdate[],
  outletAliases: readonly string[],
): OutletEvents {
  return {
    add: (asset, extra, through = {}) => {
      const { partitionKey = '' } = through;
      const alias = typeof through.alias === 'object' ? through.alias.name : (through.alias ?? '');
      if (alias !== '' && !outletAliases.includes(alias)) {
        throw new Error(`the alias "${alias}" is none of the task's outlets; add it to them`);
      }
      if (updates.length >= UPDATES_MAX) {
        throw new RangeError(`a task notes at most ${UPDATES_MAX} updates of assets`);
      }
      const extraJson =
        extra === undefined ? '' : jsonWithin(extra, 'what is said of an asset', EXTRA_BYTES_MAX);
      updates.push({ asset: refOf(asset), extraJson, alias, partitionKey });
    },
  };
}

/** Reads updates through calls. */
export function assetEventsOf(ask: Ask): AssetEvents {
  return async (of, query = {}) => {
    const named: Fields =
      typeof of === 'object' && of.kind === 'asset_alias' ? { alias: of.name } : askedFor(of);
    const { events } = await ask('listAssetEvents', { ...named, ...filterOf(query) });
    return ((events ?? []) as JsonObject[]).map(assetEventOf);
  };
}

/** One update, from protobuf's JSON form. */
export function assetEventOf(json: JsonObject): AssetEvent {
  const event = fromJson(AssetEventSchema, json as Parameters<typeof fromJson>[1]);
  const { sourceDagId, sourceRunId, sourceTaskId, sourceMapIndex, extraJson, timestamp } = event;
  return {
    id: event.id,
    assetName: event.assetName,
    assetUri: event.assetUri,
    extra: extraJson === '' ? {} : (JSON.parse(extraJson) as JsonObject),
    timestamp: timestamp === undefined ? undefined : timestampDate(timestamp),
    source:
      sourceDagId === ''
        ? undefined
        : {
            dagId: sourceDagId,
            runId: sourceRunId,
            taskId: sourceTaskId,
            mapIndex: sourceMapIndex,
          },
    partitionKey: event.partitionKey === '' ? undefined : event.partitionKey,
    aliases: event.aliases,
    actor: event.actor,
  };
}

/** The name of an asset; throws for one that is only known by its URI. */
export function assetNameOf(asset: AssetName): string {
  const { name } = refOf(asset);
  if (name !== '') return name;
  throw new Error('an asset keeps its state under its name; name it instead of its URI');
}

function refOf(asset: AssetName): { readonly name: string; readonly uri: string } {
  if (typeof asset === 'string') return { name: asset, uri: '' };
  return { name: asset.name, uri: asset.uri };
}

function askedFor(of: Exclude<Parameters<AssetEvents>[0], { kind: 'asset_alias' }>): Fields {
  const { name, uri } = refOf(of);
  return name === '' ? { assetUri: uri } : { assetName: name };
}

function filterOf({ after, before, isDescending = false, limit = 0 }: AssetEventQuery): Fields {
  return {
    isDescending,
    limit,
    ...(after === undefined ? {} : { after: after.toISOString() }),
    ...(before === undefined ? {} : { before: before.toISOString() }),
  };
}

// What a successful task says beside its values: whom it lets follow, and which assets it updated.
import { type AssetUpdate, AssetUpdateSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { type Direction, DirectionSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { brokenMessage, isJsonObject } from './contents.ts';
import { ASSET_UPDATES_MAX } from './limits.ts';

/** Longest id of a task or group, in characters. */
const ID_LENGTH_MAX = 250;

/**
 * The rule that a direction breaks, in a sentence; whether its ids exist is the scheduler's to say.
 */
export function brokenDirection(direction: Direction | undefined): string | undefined {
  if (direction === undefined) return undefined;
  const broken = brokenMessage(DirectionSchema, direction, 'direction');
  if (broken !== undefined || direction.kind.case !== 'branch') return broken;
  const { followIds } = direction.kind.value;
  const strange = followIds.find((id) => id.length === 0 || id.length > ID_LENGTH_MAX);
  if (strange === undefined) return undefined;
  return `a branch names a task or group by 1 to ${ID_LENGTH_MAX} characters, not ${strange.length}`;
}

/** The rule that the updates of assets break, in a sentence. */
export function brokenAssetUpdates(updates: readonly AssetUpdate[]): string | undefined {
  if (updates.length > ASSET_UPDATES_MAX) {
    return `${updates.length} assets were updated, more than ${ASSET_UPDATES_MAX}; update fewer`;
  }
  for (const [index, update] of updates.entries()) {
    const name = `asset_updates[${index}]`;
    const broken = brokenMessage(AssetUpdateSchema, update, name) ?? brokenUpdate(update);
    if (broken !== undefined) return broken.startsWith(name) ? broken : `${name}: ${broken}`;
  }
  return undefined;
}

function brokenUpdate({ asset, extraJson }: AssetUpdate): string | undefined {
  const { name = '', uri = '' } = asset ?? {};
  if (name === '' && uri === '') return 'an update names its asset by name or URI';
  if (uri.toLowerCase().startsWith('airflow:')) {
    return `the URI ${JSON.stringify(uri)} has the scheme airflow, which is reserved`;
  }
  if (extraJson !== '' && !isJsonObject(extraJson)) return 'extra_json is not a JSON object';
  return undefined;
}

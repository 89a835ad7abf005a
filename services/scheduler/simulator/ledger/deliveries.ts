// What the ledger would do with updates of assets: name them fully, and queue them for the DAGs
// that await them.
import { clone, create } from '@bufbuild/protobuf';
import { type AssetEvent, AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import {
  type AssetDelivery,
  AssetDeliverySchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { awaitedBy, conditionOf } from '../../core/asset/condition.ts';
import type { Picture } from '../../core/picture.ts';

/** The deliveries of some events: to active DAGs that are not paused. */
export function deliveriesOf(picture: Picture, events: readonly AssetEvent[]): AssetDelivery[] {
  if (events.length === 0) return [];
  const placed = events.map((event) => placeEvent(picture, event));
  return [...picture.dags.values()].flatMap(({ dagId, isActive, isPaused, version }) => {
    const condition = conditionOf(version);
    if (condition === undefined || isPaused || !isActive) return [];
    return placed
      .filter(awaitedBy(condition))
      .map((event) => create(AssetDeliverySchema, { dagId, event }));
  });
}

/** An event with both name and URI, as far as any DAG declares them. */
function placeEvent(picture: Picture, event: AssetEvent): AssetEvent {
  const placed = clone(AssetEventSchema, event);
  for (const { version } of picture.dags.values()) {
    for (const { name, uri } of version.spec.assets) {
      if (event.assetName === name) placed.assetUri ||= uri;
      if (event.assetUri === (uri || name)) placed.assetName ||= name;
    }
  }
  placed.assetName ||= placed.assetUri;
  placed.assetUri ||= placed.assetName;
  return placed;
}

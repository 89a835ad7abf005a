// In which partitions asset events await their consumers: how that travels through PostgreSQL to
// the schedulers.
import { createFeed, type Feed } from './feed.ts';

/** The channel on which new deliveries are announced: partitions, separated by commas. */
export const DELIVERY_CHANNEL = 'dagmesh_delivery';

/** A notice's payload as partitions; what no metadata service has sent names none. */
export function partitionsOfNotice(payload: string): readonly number[] {
  const names = payload.split(',').filter((name) => /^\d{1,3}$/.test(name));
  return names.map(Number).filter((partition) => partition < 256);
}

/** Partitions for watchers; what one has not read yet is gathered without repetitions. */
export function createDeliveryFeed(): Feed<readonly number[]> {
  return createFeed((earlier, later) => [...new Set([...earlier, ...later])]);
}

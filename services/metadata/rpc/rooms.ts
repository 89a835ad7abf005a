// What the RPCs of this service work with, and who may call which of them.
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { CallContext } from '#kernel/rpc/service.ts';
import type { Catalog } from '../catalog/source.ts';
import type { Events } from '../events.ts';
import type { CatalogChange } from '../feeds/catalog-feed.ts';
import type { Feed } from '../feeds/feed.ts';
import type { MapFeed } from '../feeds/map-feed.ts';
import type { Database } from '../ledger/database/database.ts';
import type { SpecReader } from '../ledger/load/specs.ts';
import type { ApiTokens } from '../secrets/api-tokens.ts';
import type { Sealer } from '../secrets/sealer.ts';

/** The rooms behind the RPCs. */
export type Rooms = {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly sealer: Sealer;
  readonly tokens: ApiTokens;
  readonly specs: SpecReader;
  readonly maps: MapFeed;
  readonly changes: Feed<CatalogChange>;
  readonly deliveries: Feed<readonly number[]>;
  /** False while changes and deliveries are being missed. */
  readonly isListening: () => boolean;
  /** Tells other schedulers which pools have slots again. */
  readonly slotsFreed: (pools: readonly string[]) => void;
  readonly events: Events;
  readonly clock: Clock;
};

/** A service of the mesh that calls this one. */
export type Caller = 'scheduler' | 'executor' | 'triggerer' | 'dag-processor' | 'api';

/** Every service that may call some RPC; `standalone` is all of them in one. */
export const CALLERS: readonly string[] = [
  'scheduler',
  'executor',
  'triggerer',
  'dag-processor',
  'api',
  'standalone',
];

/** A handler that serves these callers only; others get `caller_not_allowed`. */
export function only<Request, Answer>(
  callers: readonly Caller[],
  handler: (request: Request, context: CallContext) => Answer,
): (request: Request, context: CallContext) => Answer {
  const allowed = new Set<string>([...callers, 'standalone']);
  return (request, context) => {
    if (allowed.has(context.caller)) return handler(request, context);
    throw fail(
      'caller_not_allowed',
      `this call is for ${callers.join(', ')}, not for ${context.caller}`,
    );
  };
}

/**
 * A message the contract demands. The network door has checked that it is there; calls within the
 * process come unchecked.
 */
export function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw fail('bad_request', `${field} is required`);
  return value;
}

// Fills what a scheduler leaves empty in a lease: arguments that tasks before it pushed, and
// declared connections.
import { create } from '@bufbuild/protobuf';
import type { AttemptLease } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Lease, ResolvedConnection } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { retrying } from '#kernel/rpc/retry.ts';
import { mergeInputs, placeKey, placeOf, type XComPlace } from '../core/inputs.ts';
import { START_WITHIN_MS } from '../core/limits.ts';

/** A grant of a scheduler whose lease names a task. */
export type Grant = AttemptLease & { readonly lease: Lease };

/** Fills leases. */
export type LeaseFiller = {
  /**
   * The leases with arguments and connections, in order; without a token yet. All values are read
   * in few calls. What nobody has pushed is null, a connection that does not exist is left out.
   * Rejects when the metadata service stays away.
   */
  fill(grants: readonly Grant[], signal: AbortSignal): Promise<Lease[]>;
  /** A connection by its id; undefined when there is none. */
  connection(connId: string, signal: AbortSignal): Promise<ResolvedConnection | undefined>;
};

/** Most XComs in one read: as many of the largest as one answer may hold (64 MiB). */
const READ_MAX = 200;

/**
 * How long a connection is remembered: a burst of leases asks once, and a changed secret is used
 * within a second.
 */
const CONNECTION_CACHE_MS = 1_000;

/** Most connections remembered. */
const CONNECTIONS_MAX = 1_000;

/** True when the lease can be sent as it came. */
export function isFilled(grant: Grant): boolean {
  return grant.upstreamInputs.length === 0 && grant.connections.length === 0;
}

/** Fills leases from the metadata service. */
export function createLeaseFiller(options: {
  readonly ledger: Client<typeof LedgerService>;
  readonly secrets: Client<typeof SecretService>;
  readonly clock: Clock;
}): LeaseFiller {
  const { ledger, secrets, clock } = options;
  const connections = createConnectionCache(clock);
  const patiently = { clock, deadlineMs: START_WITHIN_MS };

  const readXComs = async (places: readonly XComPlace[], signal: AbortSignal) => {
    const values = new Map<string, string>();
    const wanted = [...new Map(places.map((place) => [placeKey(place), place])).values()];
    for (let from = 0; from < wanted.length; from += READ_MAX) {
      const addresses = wanted.slice(from, from + READ_MAX);
      const { xcoms } = await retrying(() => ledger.readXComs({ addresses }, { signal }), {
        ...patiently,
        signal,
      });
      for (const { address, valueJson } of xcoms) {
        if (address !== undefined) values.set(placeKey(address), valueJson);
      }
    }
    return values;
  };

  const resolve = async (connIds: ReadonlySet<string>, signal: AbortSignal) => {
    const found = new Map<string, ResolvedConnection>();
    const missing: string[] = [];
    for (const connId of connIds) {
      const known = connections.get(connId);
      if (known === undefined) missing.push(connId);
      else if (known.connection !== undefined) found.set(connId, known.connection);
    }
    for (let from = 0; from < missing.length; from += CONNECTIONS_MAX) {
      const asked = missing.slice(from, from + CONNECTIONS_MAX);
      const ask = () => secrets.resolveConnections({ connIds: asked }, { signal });
      const answer = await retrying(ask, { ...patiently, signal });
      for (const connection of answer.connections) found.set(connection.connId, connection);
      connections.put(asked, found);
    }
    return found;
  };

  return {
    fill: async (grants, signal) => {
      const places = grants.flatMap(({ dagRunId, upstreamInputs }) =>
        upstreamInputs.map((input) => placeOf(dagRunId, input)),
      );
      const [values, resolved] = await Promise.all([
        readXComs(places, signal),
        resolve(new Set(grants.flatMap((grant) => grant.connections)), signal),
      ]);
      return grants.map((grant) => filled(grant, values, resolved));
    },
    connection: async (connId, signal) => (await resolve(new Set([connId]), signal)).get(connId),
  };
}

function filled(
  grant: Grant,
  values: ReadonlyMap<string, string>,
  resolved: ReadonlyMap<string, ResolvedConnection>,
): Lease {
  const inputs = grant.upstreamInputs.map((input) => ({
    name: input.name,
    valueJson: values.get(placeKey(placeOf(grant.dagRunId, input))),
  }));
  return create(LeaseSchema, {
    ...grant.lease,
    inputsJson: mergeInputs(grant.lease.inputsJson, inputs),
    connections: grant.connections.flatMap((connId) => resolved.get(connId) ?? []),
  });
}

/** What is known of a connection: itself, or that there is none. */
type Known = { readonly connection: ResolvedConnection | undefined; readonly untilMs: number };

/** Connections by id, remembered for a moment. */
function createConnectionCache(clock: Clock) {
  const byId = new Map<string, Known>();
  return {
    get: (connId: string): Known | undefined => {
      const known = byId.get(connId);
      return known !== undefined && known.untilMs > clock.monotonicMs() ? known : undefined;
    },
    put: (connIds: readonly string[], found: ReadonlyMap<string, ResolvedConnection>): void => {
      if (byId.size + connIds.length > CONNECTIONS_MAX) byId.clear();
      const untilMs = clock.monotonicMs() + CONNECTION_CACHE_MS;
      for (const connId of connIds) byId.set(connId, { connection: found.get(connId), untilMs });
    },
  };
}

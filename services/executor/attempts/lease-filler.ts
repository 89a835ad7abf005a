// Fills what a scheduler leaves empty in a lease: arguments that tasks before it pushed, and
// declared connections.
import { create } from '@bufbuild/protobuf';
import type { AttemptLease } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Lease, ResolvedConnection } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { retrying } from '#kernel/rpc/retry.ts';
import { composeInputs, type InputProblem, placesOf } from '../core/inputs.ts';
import { START_WITHIN_MS } from '../core/limits.ts';
import type { XComValues } from '../core/xcom-values.ts';
import type { XComReader } from '../xcoms/xcom-reader.ts';

/** A grant of a scheduler whose lease names a task. */
export type Grant = AttemptLease & { readonly lease: Lease };

/** A lease that is complete but for its token, or why its task cannot have what it needs. */
export type Filling = { readonly kind: 'filled'; readonly lease: Lease } | InputProblem;

/** Fills leases. */
export type LeaseFiller = {
  /**
   * The leases with arguments and connections, in order. All values are read in few calls. What
   * nobody has pushed is null, a connection that does not exist is left out. Rejects when the
   * metadata service stays away.
   */
  fill(grants: readonly Grant[], signal: AbortSignal): Promise<Filling[]>;
  /** A connection by its id; undefined when there is none. */
  connection(connId: string, signal: AbortSignal): Promise<ResolvedConnection | undefined>;
};

/**
 * How long a connection is remembered: a burst of leases asks once, and a changed secret is used
 * within a second.
 */
const CONNECTION_CACHE_MS = 1_000;

/** The connection of mails that name none. */
const DEFAULT_SMTP = 'smtp_default';

/** Most connections remembered. */
const CONNECTIONS_MAX = 1_000;

/** True when the lease can be sent as it came. */
export function isFilled(grant: Grant): boolean {
  return grant.inputs.length === 0 && connectionsOf(grant).length === 0;
}

/** Connections that the task declared, and the one a mail is sent through. */
export function connectionsOf({ lease, connections }: Grant): readonly string[] {
  const action = lease.builtIn?.kind;
  if (action?.case !== 'email') return connections;
  return [...new Set([...connections, action.value.connId || DEFAULT_SMTP])];
}

/** Fills leases from the metadata service. */
export function createLeaseFiller(options: {
  readonly xcoms: XComReader;
  readonly secrets: Client<typeof SecretService>;
  readonly clock: Clock;
}): LeaseFiller {
  const { xcoms, secrets, clock } = options;
  const connections = createConnectionCache(clock);
  const patiently = { clock, deadlineMs: START_WITHIN_MS };

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
      const places = grants.flatMap(({ dagRunId, inputs }) => placesOf(dagRunId, inputs));
      const [values, resolved] = await Promise.all([
        retrying(() => xcoms.read(places, { signal }), { ...patiently, signal }),
        resolve(new Set(grants.flatMap(connectionsOf)), signal),
      ]);
      return grants.map((grant) => filled(grant, values, resolved));
    },
    connection: async (connId, signal) => (await resolve(new Set([connId]), signal)).get(connId),
  };
}

function filled(
  grant: Grant,
  values: XComValues,
  resolved: ReadonlyMap<string, ResolvedConnection>,
): Filling {
  const { lease } = grant;
  const isElementChanged = lease.inputTransforms.some(({ name }) => name === '');
  const composed = composeInputs(lease.inputsJson, { ...grant, values, isElementChanged });
  if (composed.kind === 'problem') return composed;
  const { inputsJson } = composed;
  const connections = connectionsOf(grant).flatMap((connId) => resolved.get(connId) ?? []);
  return { kind: 'filled', lease: create(LeaseSchema, { ...lease, inputsJson, connections }) };
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

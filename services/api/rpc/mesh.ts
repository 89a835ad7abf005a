// What the RPCs reach behind the door, and how they call it: repeatedly, once, or at a DAG's owner.
import type { DescMethod } from '@bufbuild/protobuf';
import type { DagProcessorService } from '#gen/dagmesh/dagprocessor/v1/dag_processor_service_pb.ts';
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import type { CallOptions, Client } from '#kernel/rpc/client.ts';
import { retrying } from '#kernel/rpc/retry.ts';
import type { CallContext, Handler } from '#kernel/rpc/service.ts';
import type { Topology } from '#kernel/rpc/topology.ts';
import type { ApiEvents } from '../events.ts';
import { explained } from '../explained.ts';
import type { Principal } from '../sign-in/principal.ts';
import type { TokenCheck } from '../sign-in/token-check.ts';
import type { Waits } from '../waits.ts';

/** Handed to every RPC. */
export type Mesh = {
  readonly query: Client<typeof QueryService>;
  readonly catalog: Client<typeof CatalogService>;
  readonly ledger: Client<typeof LedgerService>;
  readonly secrets: Client<typeof SecretService>;
  readonly dagProcessor: Client<typeof DagProcessorService>;
  readonly topology: Topology;
  readonly tokens: TokenCheck;
  readonly waits: Waits;
  readonly clock: Clock;
  readonly events: ApiEvents;
};

/** An RPC of the public door: its caller has signed in. */
export type ApiHandler<M extends DescMethod> = Handler<M, Principal>;

/** The context of such a call. */
export type ApiContext = CallContext<Principal>;

/** How long the mesh gets for one answer, retries included. */
const DEADLINE_MS = 10_000;
/** How long the parse of a DAG file gets: somebody waits for it, and it may have to queue. */
const PATIENT_DEADLINE_MS = 60_000;

type Call<T> = (options: CallOptions) => Promise<T>;

/** Calls metadata, again while it is unavailable: for reads and repeatable writes. */
export function repeated<T>(mesh: Mesh, { signal }: ApiContext, call: Call<T>): Promise<T> {
  const tried = retrying(({ timeoutMs }) => call({ signal, timeoutMs }), {
    clock: mesh.clock,
    signal,
    deadlineMs: DEADLINE_MS,
  });
  return tried.catch(explained);
}

/** Calls what may take its time, again while it is unavailable. */
export function patiently<T>(mesh: Mesh, { signal }: ApiContext, call: Call<T>): Promise<T> {
  const tried = retrying(({ timeoutMs }) => call({ signal, timeoutMs }), {
    clock: mesh.clock,
    signal,
    deadlineMs: PATIENT_DEADLINE_MS,
  });
  return tried.catch(explained);
}

/** Calls metadata once: for writes that would not be the same when repeated. */
export function once<T>({ signal }: ApiContext, call: Call<T>): Promise<T> {
  return call({ signal, timeoutMs: DEADLINE_MS }).catch(explained);
}

/** Calls the scheduler that owns a DAG, following the partition map while it changes. */
export function atOwner<T>(
  mesh: Mesh,
  { signal }: ApiContext,
  owner: {
    readonly dagId: string;
    readonly call: (client: Client<typeof SchedulerService>, options: CallOptions) => Promise<T>;
  },
): Promise<T> {
  const options = { signal, deadlineMs: DEADLINE_MS };
  return mesh.topology.callOwner(owner.dagId, owner.call, options).catch(explained);
}

/**
 * What makes a command idempotent: the caller's own id, or one made here, once, so that the retries
 * towards the owner are still one request.
 */
export function requestIdOf(
  { clock }: Mesh,
  { requestId }: { readonly requestId: string },
): string {
  return requestId || uuidV7(clock.nowMs());
}

/** A part that every answer of the mesh has. */
export function present<T>(part: T | undefined): T {
  if (part === undefined) throw new TypeError('the mesh left out the one part of its answer');
  return part;
}

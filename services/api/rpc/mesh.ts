// What the RPCs reach behind the door: the reads, catalog and secrets of metadata, and the owners and executors.
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { CallOptions, Client } from '#kernel/rpc/client.ts';
import { retrying } from '#kernel/rpc/retry.ts';
import type { CallContext, Handler } from '#kernel/rpc/service.ts';
import type { Topology } from '#kernel/rpc/topology.ts';
import type { DescMethod } from '@bufbuild/protobuf';
import type { ApiEvents } from '../events.ts';
import type { Principal } from '../sign-in/principal.ts';

/** Handed to every RPC. */
export type Mesh = {
  readonly query: Client<typeof QueryService>;
  readonly catalog: Client<typeof CatalogService>;
  readonly secrets: Client<typeof SecretService>;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly events: ApiEvents;
};

/** An RPC of the public door: its caller has signed in. */
export type ApiHandler<M extends DescMethod> = Handler<M, Principal>;

/** The context of such a call. */
export type ApiContext = CallContext<Principal>;

// What the handlers of WorkerService are made with.
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { WorkerService } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { Topology } from '#kernel/rpc/topology.ts';
import type { LeaseFiller } from '../../attempts/lease-filler.ts';
import type { LiveAttempt, LiveAttempts } from '../../attempts/live-attempts.ts';
import type { WorkerDesk } from '../../backends/worker/desk.ts';
import type { SingleCalls } from '../../backends/worker/single-calls.ts';
import type { LogIntake } from '../../logs/log-intake.ts';
import type { XComPull } from '../../xcoms/xcom-pull.ts';

/** The parts that workers' calls reach. */
export type WorkerDoor = {
  readonly desk: WorkerDesk;
  readonly singleCalls: SingleCalls;
  readonly live: LiveAttempts;
  readonly logs: LogIntake;
  readonly filler: Pick<LeaseFiller, 'connection'>;
  readonly ledger: Client<typeof LedgerService>;
  readonly secrets: Client<typeof SecretService>;
  readonly catalog: Client<typeof CatalogService>;
  readonly topology: Pick<Topology, 'callOwner'>;
  readonly xcomPull: XComPull;
};

/** The handler of one RPC of WorkerService. */
export type WorkerHandler<Name extends keyof Handlers<typeof WorkerService>> = (
  door: WorkerDoor,
) => Handlers<typeof WorkerService>[Name];

/** How a task signs what it changes. */
export function actorOf({ place }: LiveAttempt): string {
  return `task:${place.dagId}/${place.taskId}`;
}

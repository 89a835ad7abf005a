// What the handlers of this service work with.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { Ringer } from '../bus/lease-ticket.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from '../loops/commit/engine.ts';
import type { Ownership } from '../loops/commit/ownership.ts';
import type { TriggerDesk } from '../loops/trigger/trigger-desk.ts';

export type RpcContext = {
  readonly engine: Engine;
  readonly ownership: Ownership;
  readonly ringer: Ringer;
  readonly ledger: Client<typeof LedgerService>;
  readonly events: SchedulerEvents;
  /** Takes a DAG over that was stored a moment ago, before the news of it came through. */
  readonly learn: (dagId: string) => Promise<void>;
  readonly desk: TriggerDesk;
  /** What run ids that users choose must match; undefined: only what is like Airflow's own. */
  readonly runIdPattern: RegExp | undefined;
  /** How long a worker may take to begin, in milliseconds. */
  readonly startWithinMs: number;
};

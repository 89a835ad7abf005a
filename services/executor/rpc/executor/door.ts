// What the handlers of ExecutorService are made with.
import type { ExecutorService } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { Endings } from '../../attempts/endings.ts';
import type { Links } from '../../backends/link.ts';
import type { Roster } from '../../core/roster.ts';
import type { ExecutorEvents } from '../../events.ts';
import type { LogEnd } from '../../logs/log-end.ts';
import type { LogName } from '../../logs/log-path.ts';
import type { LogStore } from '../../logs/log-store.ts';

/** The parts that other services' calls reach. */
export type ExecutorDoor = {
  readonly executorId: string;
  readonly roster: Roster;
  readonly links: Links;
  readonly endings: Pick<Endings, 'cancel'>;
  readonly events: ExecutorEvents;
  readonly store: LogStore;
  readonly watchLogEnd: (name: LogName) => LogEnd;
  /** Time between TERM and KILL when the caller names none. */
  readonly killGraceMs: number;
};

/** The handler of one RPC of ExecutorService. */
export type ExecutorHandler<Name extends keyof Handlers<typeof ExecutorService>> = (
  door: ExecutorDoor,
) => Handlers<typeof ExecutorService>[Name];

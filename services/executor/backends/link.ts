// The seam between the executor and the places where attempts run: what can be told to one worker.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Lease } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { AttemptResultSchema } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { CancelOrder } from '../core/roster.ts';

/** What the mesh says of an attempt or its outcome. */
export type ResultInit = MessageInitShape<typeof AttemptResultSchema>;

/**
 * The way to one worker. A backend brings workers by putting each on the roster together with its
 * link; everything else (leases, reports, renewals, cancels) is the same for all backends. Nothing
 * here waits: a link keeps what it is told until the worker takes it, or ends when the worker does
 * not.
 */
export type Link = {
  /** Hands over work, for which the worker has given credit. */
  lease(lease: Lease): void;
  /** Says what became of an outcome. */
  recorded(result: ResultInit): void;
  /** Says that attempts are no longer this worker's. */
  lose(attemptIds: readonly string[]): void;
  /** Asks for the end of attempts. */
  cancel(attemptIds: readonly string[], order: CancelOrder): void;
  /** Asks the worker to finish what it has and leave. */
  drain(reason: string): void;
  /** Asks the worker to connect again, here or at another executor. */
  goAway(): void;
  /**
   * Ends the link after what was said before: the worker has a newer one, or this executor stops.
   */
  end(): void;
};

/** The links of all workers that can be reached now, by worker id. */
export type Links = Map<string, Link>;

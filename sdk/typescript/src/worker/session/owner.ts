// The contract between a session and the worker that owns it.
import type { Lease } from '../../gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Cancel } from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Limits } from './limits.ts';
import type { Wire } from './wire.ts';

/** Who this worker is. */
export type Identity = {
  readonly address: string;
  readonly token: string;
  readonly workerId: string;
  readonly queues: readonly string[];
  readonly slotsMax: number;
};

/** What the mesh makes the worker do. */
export type SessionOwner = {
  /** Tokens of the attempts that are being worked on. */
  heldTokens(): string[];
  /** Their ids. */
  heldIds(): string[];
  /** Slots without an attempt, whether held or given up but not ended yet. */
  freeSlots(): number;
  welcomed(limits: Limits, wire: Wire): void;
  disconnected(): void;
  leased(leases: readonly Lease[]): void;
  cancelled(cancel: Cancel): void;
  /** An attempt is not this worker's any more: end it, report nothing. */
  lost(attemptId: string): void;
  refreshed(attemptId: string, token: string): void;
  /** The mesh was silent for too long: give up all attempts. */
  fenced(): void;
  drainRequested(reason: string): void;
};

// The few spans of which every bound is a formula: divide them, and slow bounds are proven fast.
import { type ConfigOf, whole } from './config.ts';

/** The spans, read from the environment. All in milliseconds. */
export const timingConfig = {
  /** H: how often a worker says that it lives. */
  heartbeatMs: whole('DAGMESH_HEARTBEAT_MS', {
    default: 5_000,
    min: 50,
    max: 600_000,
    why: 'How often a worker says that it and its attempts live.',
  }),
  /** TTL: silence after which a worker's attempts are lost; three heartbeats. */
  leaseTtlMs: whole('DAGMESH_LEASE_TTL_MS', {
    default: 15_000,
    min: 150,
    max: 3_600_000,
    why: 'How long a worker may be silent before its attempts are lost; three heartbeats.',
  }),
  /** S: how often expired leases are looked for. */
  sweepMs: whole('DAGMESH_SWEEP_MS', {
    default: 1_000,
    min: 10,
    max: 60_000,
    why: 'How often expired leases, timeouts and due timetables are looked for.',
  }),
  /** K: time between TERM and KILL. */
  killGraceMs: whole('DAGMESH_KILL_GRACE_MS', {
    default: 10_000,
    min: 10,
    max: 3_600_000,
    why: 'How long a task may take to end after TERM before it is killed.',
  }),
  /** R: age at which an unanswered ticket is rung again. */
  reringMs: whole('DAGMESH_RERING_MS', {
    default: 5_000,
    min: 50,
    max: 600_000,
    why: 'How old an unanswered ticket gets before the scheduler rings again.',
  }),
  /** C: how often memory is compared with the database. */
  reconcileMs: whole('DAGMESH_RECONCILE_MS', {
    default: 10_000,
    min: 100,
    max: 600_000,
    why: 'How often what is in memory is compared with what is committed.',
  }),
  /** How long a scheduler keeps its partitions without renewing them. */
  schedulerTtlMs: whole('DAGMESH_SCHEDULER_TTL_MS', {
    default: 1_500,
    min: 150,
    max: 60_000,
    why: 'How long a silent scheduler keeps its partitions.',
  }),
} as const;

/** The spans as values, all in milliseconds. */
export type Timing = ConfigOf<typeof timingConfig>;

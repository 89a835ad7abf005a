// Brings leases to workers: holds the slot, fills in what is missing, adds the token, and hands the
// lease to the link.
import { create } from '@bufbuild/protobuf';
import type { AttemptLease } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { type Lease, LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { isRetryable, messageOf } from '#kernel/errors/errors.ts';
import type { Links } from '../backends/link.ts';
import { assetNames } from '../core/assets.ts';
import { canHold } from '../core/credit.ts';
import { leaseSize } from '../core/frames.ts';
import { LEASE_SIZE_MAX, START_WITHIN_MS } from '../core/limits.ts';
import { type AttemptEntry, hold, type Roster } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';
import type { Endings } from './endings.ts';
import { connectionsOf, type Grant, isFilled, type LeaseFiller } from './lease-filler.ts';
import type { Tokens } from './tokens.ts';

/** Brings leases to workers. */
export type Dispatcher = {
  /**
   * Takes the leases of one answer. Those that need nothing are with their link when this returns;
   * the others follow. A lease whose worker is gone, or that has no credit for it, is given back at
   * once.
   */
  take(grants: readonly AttemptLease[]): void;
};

/** What the dispatcher works with. */
export type DispatcherOptions = {
  readonly roster: Roster;
  readonly links: Links;
  readonly tokens: Tokens;
  readonly filler: LeaseFiller;
  readonly endings: Pick<Endings, 'giveUp' | 'failUnbegun'>;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  /** Aborts when the executor stops. */
  readonly signal: AbortSignal;
};

type Held = { readonly grant: Grant; readonly attempt: AttemptEntry };

/** The one place where leases leave for workers. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return {
    take: (grants) => {
      if (grants.length === 0) return;
      options.events.leased(grants.length);
      const held = grants.filter(isGrant).flatMap((grant) => holdOrReturn(options, grant) ?? []);
      const unfilled = held.filter(({ grant }) => !isFilled(grant));
      for (const { grant, attempt } of held) {
        if (isFilled(grant)) send(options, attempt, grant.lease);
      }
      if (unfilled.length > 0) void fillAndSend(options, unfilled);
    },
  };
}

function holdOrReturn(options: DispatcherOptions, grant: Grant): Held | undefined {
  const { roster, endings, clock } = options;
  if (roster.attempts.has(grant.lease.attemptId)) return undefined;
  const attempt = attemptOf(grant, clock.monotonicMs());
  const worker = roster.workers.get(grant.workerId);
  if (worker === undefined || !canHold(worker)) {
    // Off the roster already, so that ending it frees no slot; its end is reported all the same.
    const reason = `worker ${grant.workerId} had left when the lease arrived`;
    endings.giveUp(attempt, { kind: 'rejected', reason });
    return undefined;
  }
  hold(roster, worker, attempt);
  return { grant, attempt };
}

function send(options: DispatcherOptions, attempt: AttemptEntry, lease: Lease): void {
  const { links, tokens, endings, clock } = options;
  const size = leaseSize(lease);
  const link = links.get(attempt.workerId);
  if (size > LEASE_SIZE_MAX) {
    const all = `arguments, params and events have ${size} bytes, more than ${LEASE_SIZE_MAX}`;
    return endings.failUnbegun(attempt, { sentence: `${all}; pass references instead` });
  }
  if (link === undefined) {
    const reason = `worker ${attempt.workerId} broke off before the lease was sent`;
    return endings.giveUp(attempt, { kind: 'rejected', reason });
  }
  const startWithinMs = fromDuration(lease.startWithin) ?? START_WITHIN_MS;
  attempt.startByMs = clock.monotonicMs() + startWithinMs;
  link.lease(create(LeaseSchema, { ...lease, attemptToken: tokens.mint(attempt) }));
}

async function fillAndSend(options: DispatcherOptions, held: readonly Held[]): Promise<void> {
  const { roster, filler, endings, signal } = options;
  const grants = held.map(({ grant }) => grant);
  try {
    const fillings = await filler.fill(grants, signal);
    for (const [index, { attempt }] of held.entries()) {
      const filling = fillings[index];
      if (filling === undefined || !isWaiting(roster, attempt)) continue;
      if (filling.kind === 'problem') endings.failUnbegun(attempt, filling);
      else send(options, attempt, filling.lease);
    }
  } catch (error) {
    await onUnfilled(options, held, error);
  }
}

/**
 * What may be read later goes back and costs no try. What never can be read (a secret that was
 * altered, say) fails its task, but no other that was leased with it: they are tried in halves.
 */
async function onUnfilled(
  options: DispatcherOptions,
  held: readonly Held[],
  error: unknown,
): Promise<void> {
  const { roster, endings, signal } = options;
  const isForGood = !isRetryable(error) && !signal.aborted;
  if (isForGood && held.length > 1) {
    const middle = Math.ceil(held.length / 2);
    await fillAndSend(options, held.slice(0, middle));
    return fillAndSend(options, held.slice(middle));
  }
  const sentence = `arguments or connections could not be read: ${messageOf(error)}`;
  for (const { attempt } of held) {
    if (!isWaiting(roster, attempt)) continue;
    if (isForGood) endings.failUnbegun(attempt, { sentence, errorClass: 'UnreadableInputs' });
    else endings.giveUp(attempt, { kind: 'rejected', reason: sentence });
  }
}

function isGrant(grant: AttemptLease): grant is Grant {
  return grant.lease !== undefined;
}

/** False when it was cancelled, lost or given up while its arguments were read. */
function isWaiting(roster: Roster, attempt: AttemptEntry): boolean {
  return roster.attempts.get(attempt.attemptId) === attempt && attempt.phase === 'leased';
}

function attemptOf(grant: Grant, monotonicMs: number): AttemptEntry {
  const { lease } = grant;
  return {
    attemptId: lease.attemptId,
    epoch: lease.epoch,
    partition: grant.partition,
    dagRunId: grant.dagRunId,
    workerId: grant.workerId,
    place: {
      dagId: lease.dagId,
      runId: lease.runId,
      taskId: lease.taskId,
      mapIndex: lease.mapIndex,
    },
    connections: connectionsOf(grant),
    assets: assetNames([...lease.inlets, ...lease.outlets]),
    isMappedOver: grant.isMappedOver,
    phase: 'leased',
    startByMs: Number.POSITIVE_INFINITY,
    listedMonotonicMs: monotonicMs,
    tokenExpiresAtMs: 0,
    cancel: undefined,
  };
}

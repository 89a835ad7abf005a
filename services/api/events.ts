// What the api says of itself: its log lines and its counters.
import { messageOf, reasonOf } from '#kernel/errors/errors.ts';
import type { Log } from '#kernel/log/log.ts';
import type { Metrics } from '#kernel/telemetry/metrics.ts';

/** The events of the public door. */
export type ApiEvents = ReturnType<typeof createEvents>;

/** Declares the counters; call it once for each process' metrics. */
export function createEvents(log: Log, metrics: Metrics) {
  const refusals = metrics.counter(
    'dagmesh_api_refusals_total',
    'Calls refused at the door, by reason.',
    ['reason'],
  );
  const silences = metrics.counter(
    'dagmesh_api_executor_silences_total',
    'Questions that an executor did not answer.',
  );
  return {
    doorOpened(address: string): void {
      log.info({ address }, 'public door open');
    },
    /** No token, a bad one, or too small a role. Only counted: anybody can cause it. */
    refused(error: unknown): void {
      refusals.inc({ reason: reasonOf(error) ?? 'unknown' });
    },
    executorSilent(facts: { readonly executorId: string; readonly error: unknown }): void {
      silences.inc();
      const { executorId: executor_id, error } = facts;
      log.warn({ executor_id, reason: messageOf(error) }, 'executor did not answer');
    },
    tokenCreated(facts: {
      readonly actor: string;
      readonly userName: string;
      readonly role: string;
    }): void {
      const { actor, userName: user_name, role } = facts;
      log.info({ actor, user_name, role }, 'api token created');
    },
    tokenRevoked(facts: { readonly actor: string }): void {
      log.info(facts, 'api token revoked');
    },
    workerDrained(facts: { readonly actor: string; readonly workerId: string }): void {
      log.info({ actor: facts.actor, worker_id: facts.workerId }, 'worker is to leave');
    },
  };
}

// What the triggerer tells operators: each event once, its log line and its metrics together.
import type { TriggerLease } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import type { Log } from '#kernel/log/log.ts';
import type { Metrics } from '#kernel/telemetry/metrics.ts';
import type { EventInit, Outcome } from './core/outcome.ts';
import type { TriggerKind } from './triggers/trigger.ts';

/** The events of one triggerer. */
export type TriggererEvents = ReturnType<typeof createEvents>;

/** A scheduler whose triggers are run here. */
type Attended = { readonly id: string; readonly address: string };

/** From this lag of the event loop on, in milliseconds, triggers visibly come late. */
const LAG_WARN_MS = 1_000;

/** Declares the metrics and ties them to the log. */
export function createEvents(log: Log, metrics: Metrics) {
  return {
    ...triggerEvents(log, metrics),
    ...pollEvents(log, metrics),
    ...schedulerEvents(log, metrics),
  };
}

/** Triggers that begin and end. */
function triggerEvents(log: Log, metrics: Metrics) {
  const running = metrics.gauge('dagmesh_triggerer_triggers', 'Triggers that run.', ['kind']);
  const ends = metrics.counter('dagmesh_triggerer_events_total', 'Triggers that came to an end.', [
    'kind',
    'end',
  ]);
  const late = metrics.histogram(
    'dagmesh_triggerer_timer_late_seconds',
    'How much later than its moment a timer fired.',
  );
  return {
    begun: (kind: TriggerKind) => running.inc({ kind }),
    /** It does not run any more, whatever the reason. */
    stopped: (kind: TriggerKind) => running.dec({ kind }),
    ended: (kind: TriggerKind, lease: TriggerLease, outcome: Outcome) => {
      ends.inc({ kind, end: outcome.kind });
      if (outcome.kind !== 'failed') return;
      log.info({ ...named(lease), kind, reason: outcome.error }, 'trigger failed');
    },
    timerFired: (lateMs: number) => late.observe(Math.max(lateMs, 0) / 1_000),
    alarmFailed: (err: unknown) => log.error({ err }, 'an alarm failed'),
  };
}

/** Questions to the world. */
function pollEvents(log: Log, metrics: Metrics) {
  const seconds = metrics.histogram(
    'dagmesh_triggerer_poll_seconds',
    'Time from a question of a trigger to its answer.',
    undefined,
    ['kind'],
  );
  const failures = metrics.counter(
    'dagmesh_triggerer_poll_failures_total',
    'Questions of triggers that got no answer; they are put again.',
    ['kind'],
  );
  return {
    polled: (kind: TriggerKind, tookMs: number) => seconds.observe({ kind }, tookMs / 1_000),
    pollFailed: (kind: TriggerKind, error: unknown) => {
      failures.inc({ kind });
      log.debug({ kind, reason: messageOf(error) }, 'trigger got no answer');
    },
  };
}

/** Schedulers, and how this process keeps up with them. */
function schedulerEvents(log: Log, metrics: Metrics) {
  const attended = metrics.gauge(
    'dagmesh_triggerer_schedulers',
    'Schedulers whose triggers are run here.',
  );
  const reportSeconds = metrics.histogram(
    'dagmesh_triggerer_report_seconds',
    "Time from a report of events to the scheduler's answer.",
  );
  const retries = metrics.counter(
    'dagmesh_triggerer_report_failures_total',
    'Reports that were not taken; they are made again.',
  );
  const lag = metrics.gauge(
    'dagmesh_triggerer_loop_lag_seconds',
    'How much later than wished the event loop last came to do something.',
  );
  return {
    attending: ({ id, address }: Attended, capacity: number) => {
      attended.inc();
      log.info({ scheduler_id: id, address, capacity }, 'attending a scheduler');
    },
    left: ({ id }: Attended, left: { readonly count: number; readonly error: unknown }) => {
      attended.dec();
      const reason = left.error === undefined ? 'the stream ended' : messageOf(left.error);
      log.info({ scheduler_id: id, triggers_count: left.count, reason }, 'left a scheduler');
    },
    notAttended: ({ id }: Attended, error: unknown) =>
      log.debug({ scheduler_id: id, reason: messageOf(error) }, 'scheduler not reached'),
    reported: (tookMs: number) => reportSeconds.observe(tookMs / 1_000),
    reportFailed: ({ id }: Attended, error: unknown) => {
      retries.inc();
      log.debug({ scheduler_id: id, reason: messageOf(error) }, 'report not taken');
    },
    eventRefused: ({ id }: Attended, { waitId }: EventInit, error: unknown) =>
      log.error(
        { scheduler_id: id, wait_id: waitId, reason: messageOf(error) },
        'event refused by scheduler',
      ),
    lagged: (lagMs: number) => {
      lag.set(lagMs / 1_000);
      if (lagMs >= LAG_WARN_MS) log.warn({ lag_ms: Math.round(lagMs) }, 'event loop stood still');
    },
  };
}

function named({ waitId, dagId, runId, taskId, mapIndex }: TriggerLease) {
  const place = { dag_id: dagId, run_id: runId, task_id: taskId };
  return { wait_id: waitId, ...place, ...(mapIndex < 0 ? {} : { map_index: mapIndex }) };
}

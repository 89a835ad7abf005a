// What an operator learns of a scheduler: its log lines and metrics, one function per event.
import type { Log } from '#kernel/log/log.ts';
import type { Metrics } from '#kernel/telemetry/metrics.ts';
import type { StuckQueue } from './core/limit/stuck-queues.ts';
import type { DroppedEvent } from './core/picture.ts';

export type SchedulerEvents = ReturnType<typeof createEvents>;

/** The events of one scheduler. */
export function createEvents(log: Log, metrics: Metrics) {
  const commitSeconds = metrics.histogram('dagmesh_scheduler_commit_seconds', 'Time of a commit.');
  const commitRows = metrics.counter('dagmesh_scheduler_commit_rows_total', 'Rows committed.');
  const leases = metrics.counter('dagmesh_scheduler_leases_total', 'Attempts leased.');
  const outcomes = metrics.counter('dagmesh_scheduler_outcomes_total', 'Outcomes recorded.');
  const watchers = metrics.gauge(
    'dagmesh_scheduler_asset_watchers',
    'Watchers of assets that run.',
  );
  const watcherEvents = metrics.counter(
    'dagmesh_scheduler_watcher_events_total',
    'Updates of assets that watchers saw.',
  );
  return {
    committed: (rows: number, tookMs: number) => {
      commitRows.inc(rows);
      commitSeconds.observe(tookMs / 1000);
    },
    leased: (count: number) => leases.inc(count),
    recorded: (count: number) => outcomes.inc(count),
    commitDelayed: (err: unknown) => log.warn({ err }, 'commit not answered, repeating it'),
    pictureDropped: (err: unknown, reason: string | undefined) =>
      log.warn({ err, reason }, 'commit refused, building the picture anew'),
    decisionFailed: (duty: string, err: unknown) =>
      log.warn({ duty, err }, 'nothing decided, trying again'),
    partitionsMoved: (gained: number, lost: number) =>
      log.info({ gained, lost }, 'partitions moved'),
    renewalFailed: (err: unknown) => log.warn({ err }, 'partitions not renewed'),
    loadFailed: (err: unknown) => log.warn({ err }, 'partitions not loaded, trying again'),
    watchBroken: (err: unknown) => log.warn({ err }, 'catalog not followed'),
    dagNotRead: (dag_id: string, err: unknown) =>
      log.warn({ dag_id, err }, 'dag not read, trying again'),
    brokenDag: (reason: string) => log.error({ reason }, 'dag version cannot be used'),
    stoodStill: (late_ms: number) =>
      log.warn({ late_ms }, 'stood still, giving every lease its full length again'),
    clockJumped: (jump_ms: number) =>
      log.error({ jump_ms }, 'wall clock jumped ahead, schedules wait until it is confirmed'),
    triggererSilent: (triggerer_id: string, waits: number) =>
      log.warn({ triggerer_id, waits }, 'triggerer fell silent, its waits go to others'),
    notRead: (what: string, err: unknown) => log.warn({ what, err }, 'not read, trying again'),
    beginsNotKnown: () =>
      log.warn({}, 'metadata is too old to tell what began before, rates stay shut for one period'),
    watching: (count: number) => watchers.set(count),
    watcherFired: () => watcherEvents.inc(),
    watcherFailed: (asset: string, watcher: string, reason: string) =>
      log.warn({ asset, watcher, reason }, 'watcher of an asset failed, beginning it again later'),
    watchersNotRead: (err: unknown) => log.warn({ err }, 'watchers not read, trying again'),
    watchersCrowded: (max: number) =>
      log.error({ max }, 'too many watchers of assets, those beyond the limit do not run'),
    deliveriesNotRead: (err: unknown) => log.warn({ err }, 'asset events not read, trying again'),
    assetEventsDropped: assetEventsDropped(log, metrics),
    queuesLooked: queuesLooked(log, metrics),
    cancelFailed: (err: unknown) => log.warn({ err }, 'executor not told of a cancel'),
  };
}

/** One line for each DAG: of a flood the latest stands for all. */
function assetEventsDropped(log: Log, metrics: Metrics) {
  const total = metrics.counter(
    'dagmesh_scheduler_asset_events_dropped_total',
    'Updates of assets that no run of an awaiting DAG got.',
  );
  return (dropped: Iterable<DroppedEvent>) => {
    for (const [dag, events] of Map.groupBy(dropped, (each) => each.dag)) {
      total.inc(events.length);
      const { event, why } = events.at(-1) ?? {};
      const asset = event?.assetName;
      const partition_key = event?.partitionKey;
      log.warn(
        { dag_id: dag.dagId, count: events.length, asset, partition_key, why },
        'updates of assets dropped, no run of the dag that awaits them gets them',
      );
    }
  };
}

function queuesLooked(log: Log, metrics: Metrics) {
  const stuck = metrics.gauge('dagmesh_scheduler_stuck_tasks', 'Tasks queued without a worker.');
  return (queues: readonly StuckQueue[]) => {
    stuck.set(queues.reduce((sum, { count }) => sum + count, 0));
    for (const { queue, count, longestMs } of queues) {
      const waited_s = Math.round(longestMs / 1000);
      log.error({ queue, count, waited_s }, 'tasks are queued for long and no worker serves them');
    }
  };
}

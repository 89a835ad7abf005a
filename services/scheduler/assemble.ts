// Builds a scheduler from its parts: engine, partitions, catalog, agenda, sweeper, ringer,
// canceller, and its RPCs.
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { composeParts } from '#kernel/lifecycle/lifecycle.ts';
import { rpcService } from '#kernel/rpc/service.ts';
import { watchTopology } from '#kernel/rpc/topology.ts';
import type { Service, Wiring } from '#kernel/service/service.ts';
import { advertisedAddress } from '#kernel/service/service-config.ts';
import { createRinger } from './bus/lease-ticket.ts';
import type { SchedulerConfig } from './config.ts';
import type { Reprocess } from './core/operation/backfills.ts';
import { createEvents } from './events.ts';
import { createAgendaKeeper } from './loops/agenda-keeper.ts';
import { createAskers } from './loops/asking/askers.ts';
import { createCanceller } from './loops/canceller.ts';
import { type CatalogWatcherOptions, createCatalogWatcher } from './loops/catalog-watcher.ts';
import { createDeliveryKeeper } from './loops/delivery-keeper.ts';
import { createEngine, type Engine } from './loops/commit/engine.ts';
import { createOwnership } from './loops/commit/ownership.ts';
import { createPartitionKeeper, type PartitionKeeperOptions } from './loops/partition-keeper.ts';
import { createQueueWatch } from './loops/queue-watch.ts';
import { createSweeper } from './loops/sweeper.ts';
import { createTriggerDesk, type TriggerDesk } from './loops/trigger/trigger-desk.ts';
import { createWatcherKeeper } from './loops/trigger/watcher-keeper.ts';
import { attendTriggers } from './rpc/triggers/attend-triggers.ts';
import { changeBackfill } from './rpc/backfills/change-backfill.ts';
import { createBackfill } from './rpc/backfills/create-backfill.ts';
import { findBackfillRun } from './rpc/backfills/find-backfill-run.ts';
import { findRun } from './rpc/find.ts';
import { cancelDagRun } from './rpc/runs/cancel-dag-run.ts';
import { clearTaskInstances } from './rpc/operations/clear-task-instances.ts';
import type { RpcContext } from './rpc/context.ts';
import { explainDag } from './rpc/explain/explain-dag.ts';
import { explain } from './rpc/explain/explain.ts';
import { leaseAttempts } from './rpc/attempts/lease-attempts.ts';
import { markDagRun } from './rpc/runs/mark-dag-run.ts';
import { markTaskInstances } from './rpc/operations/mark-task-instances.ts';
import { setNote } from './rpc/operations/set-note.ts';
import { pauseKey } from './rpc/operations/pause-key.ts';
import { renewLeases } from './rpc/attempts/renew-leases.ts';
import { reportAttempts } from './rpc/attempts/report-attempts.ts';
import { reportTriggers } from './rpc/triggers/report-triggers.ts';
import { respondHumanInput } from './rpc/operations/respond-human-input.ts';
import { setDagPaused } from './rpc/operations/set-dag-paused.ts';
import { triggerDagRun } from './rpc/runs/trigger-dag-run.ts';

/** Executors lease and report, the api commands. */
const CALLERS = ['executor', 'triggerer', 'api', 'standalone'];
/** A worker that has not begun within this time does not get to keep the lease. */
const START_WITHIN_MS = 5_000;
/** Reports of a full batch with their XComs. */
const MESSAGE_MAX_BYTES = 64 * 1024 * 1024;

/** The service; nothing happens before `start`. */
export function assembleScheduler(config: SchedulerConfig, wiring: Wiring): Service {
  const { bus, clock, dial, log, timing } = wiring;
  const stopping = new AbortController();
  const events = createEvents(log, wiring.metrics);
  const ledger = dial(LedgerService, config.metadataAddress);
  const partitions = dial(PartitionService, config.metadataAddress);
  const catalog = dial(CatalogService, config.metadataAddress);
  const topology = watchTopology({ partitions, dial, clock, log, signal: stopping.signal });

  // The engine tells these after each step, and they ask it in turn.
  const theEngine = (): Engine => engine;
  const ownership = createOwnership();
  const agenda = createAgendaKeeper({ engine: theEngine, clock, events });
  const { reringMs } = timing;
  const ringer = createRinger({ engine: theEngine, ownership, bus, clock, reringMs });
  const desk = createTriggerDesk({ engine: theEngine, clock, events });
  const finders = findersIn(() => context);
  const askers = createAskers({ engine: theEngine, ledger, clock, events, ...finders });
  const cancel = createCanceller({ topology, events });
  const owned = { ledger, ownership, events, clock };
  const engine = createEngine({
    ...owned,
    timing: spansOf(config, timing),
    onDecided: () => {
      agenda.look();
      askers.look();
      loops.deliveries.look();
    },
    onCommitted: (changes) => {
      desk.committed(changes);
      askers.look();
      loops.deliveries.committed(changes);
      if (changes.pauses.size > 0) loops.assetWatchers.look();
      cancel(changes);
      ringer.ring();
    },
  });
  const shared = { ...owned, engine };
  const loops = createLoops(config, timing, { ...shared, partitions, catalog, desk });
  const parts = composeParts('scheduler', [ringer, agenda, askers, desk, ...loops.parts]);

  const context: RpcContext = {
    ...shared,
    ringer,
    learn: loops.learn,
    desk,
    runIdPattern: config.runIdPattern,
    startWithinMs: START_WITHIN_MS,
  };
  return {
    ...parts,
    stop: async () => {
      await parts.stop();
      await engine.stop();
      stopping.abort();
    },
    services: [rpcService(SchedulerService, handlersOf(context), { callers: CALLERS })],
    limits: { receiveMaxBytes: MESSAGE_MAX_BYTES },
  };
}

/** The spans that decisions depend on. */
function spansOf(config: SchedulerConfig, timing: Wiring['timing']) {
  const { mappingMax, priorityAgeMs, taskQueuedTimeoutMs } = config;
  return { ...timing, mappingMax, priorityAgeMs, taskQueuedTimeoutMs };
}

/** What goes on beside the engine, each by its own clock or on news from the ledger. */
function createLoops(
  config: SchedulerConfig,
  timing: Wiring['timing'],
  shared: Omit<
    PartitionKeeperOptions & CatalogWatcherOptions & { readonly desk: TriggerDesk },
    'address' | 'ttlMs' | 'reconcileMs' | 'onDagsChanged' | 'onLoaded'
  >,
) {
  const { reconcileMs, schedulerTtlMs, sweepMs } = timing;
  const address = advertisedAddress(config);
  const assetWatchers = createWatcherKeeper({ ...shared, reconcileMs });
  const onDagsChanged = () => assetWatchers.look();
  const watcher = createCatalogWatcher({ ...shared, reconcileMs, onDagsChanged });
  const { learn } = watcher;
  const deliveries = createDeliveryKeeper({ ...shared, learn });
  const onLoaded = (loaded: readonly number[]) => deliveries.loaded(loaded);
  const ttlMs = schedulerTtlMs;
  const keeper = createPartitionKeeper({ ...shared, address, ttlMs, onLoaded });
  const sweeper = createSweeper({ ...shared, sweepMs });
  const queues = createQueueWatch({ ...shared, timeoutMs: config.taskQueuedTimeoutMs });
  const parts = [watcher, deliveries, assetWatchers, sweeper, queues, keeper];
  return { parts, deliveries, assetWatchers, learn };
}

function handlersOf(context: RpcContext) {
  return {
    leaseAttempts: leaseAttempts(context),
    reportAttempts: reportAttempts(context),
    renewLeases: renewLeases(context),
    triggerDagRun: triggerDagRun(context),
    cancelDagRun: cancelDagRun(context),
    clearTaskInstances: clearTaskInstances(context),
    setDagPaused: setDagPaused(context),
    pauseKey: pauseKey(context),
    explain: explain(context),
    explainDag: explainDag(context),
    markTaskInstances: markTaskInstances(context),
    markDagRun: markDagRun(context),
    setNote: setNote(context),
    createBackfill: createBackfill(context),
    changeBackfill: changeBackfill(context),
    respondHumanInput: respondHumanInput(context),
    attendTriggers: attendTriggers(context),
    reportTriggers: reportTriggers(context),
  };
}

/** How runs that are over are got at, once the scheduler stands. */
function findersIn(context: () => RpcContext) {
  return {
    find: (wanted: Reprocess) => findBackfillRun(context(), wanted),
    findRun: (of: Parameters<typeof findRun>[1]) => findRun(context(), of),
  };
}

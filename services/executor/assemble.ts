// Builds the executor from its parts: roster, roads to schedulers and workers, duties, doors, logs.
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { composeParts, type Part } from '#kernel/lifecycle/lifecycle.ts';
import { type EdgeServer, startEdgeServer } from '#kernel/rpc/edge.ts';
import type { RpcService } from '#kernel/rpc/service.ts';
import type { Service, Wiring } from '#kernel/service/service.ts';
import { advertisedAddress } from '#kernel/service/service-config.ts';
import { createAdopter } from './attempts/adopter.ts';
import { createDispatcher, type Dispatcher } from './attempts/dispatcher.ts';
import { createEndings, type Endings } from './attempts/endings.ts';
import { createIntake } from './attempts/intake.ts';
import { createLeaseFiller } from './attempts/lease-filler.ts';
import { createLiveAttempts } from './attempts/live-attempts.ts';
import { createReporter } from './attempts/reporter.ts';
import { createTokens } from './attempts/tokens.ts';
import type { Links } from './backends/link.ts';
import type { WorkerDesk } from './backends/worker/desk.ts';
import { createSingleCalls } from './backends/worker/single-calls.ts';
import { createTicketPuller, type TicketPuller } from './bus/ticket-puller.ts';
import type { ExecutorConfig } from './config.ts';
import { type AttemptEntry, createRoster, type Roster, wasSent } from './core/roster.ts';
import { createEvents } from './events.ts';
import { watchLogEnd } from './logs/log-end.ts';
import { createLogIntake } from './logs/log-intake.ts';
import { LogStore } from './logs/log-store.ts';
import { createLogTails } from './logs/log-tails.ts';
import { runAnnouncer, withdraw } from './loops/announcer.ts';
import { createDirectPuller, type DirectPuller } from './loops/direct-puller.ts';
import { createMeshMap } from './loops/mesh-map.ts';
import { runRenewer } from './loops/renewer.ts';
import { runSafetyPoller } from './loops/safety-poller.ts';
import { runSweeper } from './loops/sweeper.ts';
import { executorService } from './rpc/executor/service.ts';
import { workerService } from './rpc/worker/service.ts';

/** How long a stopping executor waits for schedulers to answer what workers have reported. */
const LAST_REPORTS_MS = 3_000;

/** The executor, with the port of its HTTP door. */
export type ExecutorAssembly = Service & {
  /** The port for workers that cannot stream; 0 before it has started. */
  readonly httpPort: () => number;
};

/** The service; `start` waits for no other service, all of them may come later. */
export function assembleExecutor(config: ExecutorConfig, wiring: Wiring): ExecutorAssembly {
  const parts = createParts(config, wiring);
  const { desk, mesh, store, stopping, reporter, tickets, direct, roster, links } = parts;
  const address = advertisedAddress(config);
  const announcement = { ...parts, address, ttlMs: wiring.timing.leaseTtlMs, signal: stopping.signal };
  const worker = workerService({ ...parts, topology: mesh.map });
  const executor = executorService({
    ...parts,
    logStore: store,
    watchLogEnd: (name) =>
      watchLogEnd(name, { ...parts, pathOf: (each) => store.pathOf(each) }),
    killGraceMs: wiring.timing.killGraceMs,
  });
  const edge = createEdge(config, wiring, worker);

  const poke = () => desk.onCredit();
  const intake: Part = {
    name: 'intake',
    start: async () => {
      mesh.map.onChange(poke);
      wiring.bus.onConnection(poke);
      poke();
    },
    stop: async () => {
      tickets.stop();
      direct.stop();
    },
  };
  const duties: Part = createDuties(stopping, [
    () => runAnnouncer(announcement),
    () => runSweeper({ ...parts, ...wiring.timing, signal: stopping.signal }),
    () => runRenewer({ ...parts, topology: mesh.map, ...wiring.timing, signal: stopping.signal }),
    () => runSafetyPoller({ ...parts, topology: mesh.map, ...wiring.timing, signal: stopping.signal }),
  ]);
  const logs: Part = { name: 'logs', start: () => store.open(), stop: () => store.close() };
  const sessions: Part = {
    name: 'sessions',
    start: async () => undefined,
    stop: async () => {
      await withdraw(announcement);
      for (const each of roster.workers.values()) each.slots = 0;
      returnUnstarted(roster, parts.endings);
      for (const link of links.values()) link.goAway();
      const enough = new AbortController();
      const timer = wiring.clock.timer(LAST_REPORTS_MS, () => enough.abort());
      await reporter.idle(enough.signal);
      timer.cancel();
      reporter.stop();
      for (const link of links.values()) link.end();
    },
  };
  return {
    ...composeParts('executor', [logs, mesh.part, duties, edge.part, sessions, intake]),
    services: [worker, executor],
    httpPort: edge.port,
  };
}

/** Everything the executor is made of; nothing runs yet. */
function createParts(config: ExecutorConfig, wiring: Wiring) {
  const { dial, clock, log, metrics, bus, clusterKey, timing } = wiring;
  const executorId = `executor-${uuidV7(clock.nowMs())}`;
  const stopping = new AbortController();
  const events = createEvents(log, metrics);
  const roster = createRoster();
  const links: Links = new Map();
  const at = config.metadataAddress;
  const partitions = dial(PartitionService, at);
  const ledger = dial(LedgerService, at);
  const secrets = dial(SecretService, at);
  const catalog = dial(CatalogService, at);
  const mesh = createMeshMap({ partitions, dial, clock, log });
  const topology = mesh.map;
  const tokens = createTokens(clusterKey, clock);
  const filler = createLeaseFiller({ ledger, secrets, clock });
  const shared = { executorId, roster, links, tokens, topology, bus, clock, events };

  const store = new LogStore({ folder: config.logFolder, sizeMax: config.logSizeMax, clock });
  const pathOf = (name: Parameters<typeof store.pathOf>[0]) => store.pathOf(name);
  const tails = createLogTails({ clock, graceMs: timing.leaseTtlMs, pathOf });
  const onEnded = (attempt: AttemptEntry, logSize: number) => {
    if (attempt.place === undefined) return;
    const name = { ...attempt.place, epoch: attempt.epoch };
    if (logSize > (store.knownSize(name) ?? 0)) tails.expect(attempt.attemptId, { name, size: logSize });
    store.announceEnd(name);
  };

  // A circle by nature: answers to reports bring leases, and a lease that cannot be sent is reported.
  const onCredit = () => {
    tickets.poke();
    direct.poke();
  };
  const onLeases: Dispatcher['take'] = (leases) => dispatcher.take(leases);
  const reporter = createReporter({
    ...shared,
    onLeases,
    onCredit,
    mayHop: (worker, schedulerId) => tickets.mayHop(worker) && direct.mayHop(schedulerId),
  });
  const endings: Endings = createEndings({ ...shared, reporter, onEnded });
  const dispatcher = createDispatcher({ ...shared, filler, endings, signal: stopping.signal });
  const intake = createIntake({ ...shared, onLeases, onCredit });
  const tickets: TicketPuller = createTicketPuller({ ...shared, intake });
  const direct: DirectPuller = createDirectPuller({ ...shared, intake });

  const adopter = createAdopter(shared);
  const { logSizeMax } = config;
  const desk: WorkerDesk = { ...shared, adopter, endings, timing, logSizeMax, onCredit };
  const live = createLiveAttempts({ ...shared, ledger });
  const logs = createLogIntake({ ...shared, live, store, tails });
  const singleCalls = createSingleCalls(desk);
  return {
    ...{ ...shared, partitions, ledger, secrets, catalog, mesh, filler, store, tails, logs },
    ...{ reporter, endings, intake, tickets, direct, desk, live, singleCalls, stopping },
  };
}

/** Duties that go on until the executor stops. */
function createDuties(stopping: AbortController, duties: readonly (() => Promise<void>)[]): Part {
  let running: Promise<void>[] = [];
  return {
    name: 'duties',
    start: async () => {
      running = duties.map((run) => run());
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** The door for workers that cannot stream: the same handlers over plain HTTP with JSON. */
function createEdge(config: ExecutorConfig, wiring: Wiring, worker: RpcService) {
  const { clusterKey, log } = wiring;
  let server: EdgeServer | undefined;
  const part: Part = {
    name: 'edge',
    start: async () => {
      server = await startEdgeServer({
        host: config.host,
        port: config.httpPort,
        services: [worker],
        authenticate: () => undefined,
        clusterKey,
        log,
      });
    },
    stop: async () => {
      await server?.stop();
      server = undefined;
    },
  };
  return { part, port: () => server?.port ?? 0 };
}

/** Leases that have not reached a worker go back at once; what workers have goes on with them. */
function returnUnstarted(roster: Roster, endings: Pick<Endings, 'giveUp'>): void {
  for (const attempt of [...roster.attempts.values()]) {
    const isFetched = roster.workers.get(attempt.workerId)?.kind === 'unary';
    if (attempt.phase !== 'leased' || (wasSent(attempt) && !isFetched)) continue;
    endings.giveUp(attempt, { kind: 'rejected', reason: 'the executor stops' });
  }
}

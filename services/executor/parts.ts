// Everything the executor is made of, tied together; nothing runs yet.
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import type { Wiring } from '#kernel/service/service.ts';
import { createAdopter } from './attempts/adopter.ts';
import { createDispatcher, type Dispatcher } from './attempts/dispatcher.ts';
import { createEndings, type Endings } from './attempts/endings.ts';
import { createErrands } from './attempts/errands.ts';
import { createIntake } from './attempts/intake.ts';
import { createLeaseFiller } from './attempts/lease-filler.ts';
import { createLiveAttempts } from './attempts/live-attempts.ts';
import { Reporter, type ReporterOptions } from './attempts/reporter.ts';
import { createTokens } from './attempts/tokens.ts';
import type { Links } from './backends/link.ts';
import { createSingleCalls } from './backends/worker/single-calls.ts';
import { TicketPuller } from './bus/ticket-puller.ts';
import type { ExecutorConfig } from './config.ts';
import { type AttemptEntry, createRoster } from './core/roster.ts';
import { createEvents } from './events.ts';
import { createLogIntake } from './logs/log-intake.ts';
import type { LogName } from './logs/log-path.ts';
import { LogStore } from './logs/log-store.ts';
import { createLogTails } from './logs/log-tails.ts';
import { DirectPuller } from './loops/direct-puller.ts';
import { createMeshMap } from './loops/mesh-map.ts';
import { createXComPull } from './xcoms/xcom-pull.ts';
import { createXComReader } from './xcoms/xcom-reader.ts';

/** The parts of one executor. */
export type ExecutorParts = ReturnType<typeof createParts>;

/** Makes all parts. */
export function createParts(config: ExecutorConfig, wiring: Wiring) {
  const { dial, clock, log, metrics, bus, clusterKey, timing } = wiring;
  const { metadataAddress, logSizeMax } = config;
  const partitions = dial(PartitionService, metadataAddress);
  const mesh = createMeshMap({ partitions, dial, clock, log });
  const links: Links = new Map();
  const ledger = dial(LedgerService, metadataAddress);
  const shared = {
    executorId: `executor-${uuidV7(clock.nowMs())}`,
    roster: createRoster(),
    tokens: createTokens(clusterKey, clock),
    events: createEvents(log, metrics),
    ledger,
    xcoms: createXComReader(ledger),
    secrets: dial(SecretService, metadataAddress),
    catalog: dial(CatalogService, metadataAddress),
    // Aborts when the executor stops.
    stopping: new AbortController(),
    links,
    partitions,
    topology: mesh.map,
    bus,
    clock,
    timing,
    logSizeMax,
  };
  const logs = createLogParts(config, shared);
  const work = createWorkParts({ ...shared, onEnded: logs.onEnded });
  const live = createLiveAttempts(shared);
  return {
    ...shared,
    ...logs,
    ...work,
    meshMap: mesh.part,
    live,
    xcomPull: createXComPull(shared),
    logs: createLogIntake({
      ...shared,
      ...logs,
      live,
    }),
    singleCalls: createSingleCalls({
      ...shared,
      ...work,
    }),
  };
}

type Shared = Pick<ReporterOptions, 'executorId' | 'roster' | 'clock' | 'events'> &
  Pick<Parameters<typeof createDispatcher>[0], 'links' | 'tokens'> &
  Pick<Parameters<typeof createLeaseFiller>[0], 'xcoms' | 'secrets'> &
  Pick<Parameters<typeof createErrands>[0], 'ledger'> &
  Pick<Wiring, 'bus' | 'timing'> & {
    readonly topology: ReturnType<typeof createMeshMap>['map'];
    readonly stopping: AbortController;
    readonly onEnded: (attempt: AttemptEntry, logSize: number) => void;
  };

/** The way of work: from schedulers to workers and back. */
function createWorkParts(shared: Shared) {
  // A circle by nature: answers to reports bring leases, and a lease that cannot be sent is
  // reported.
  const onCredit = () => {
    tickets.poke();
    direct.poke();
  };
  const onLeases: Dispatcher['take'] = (leases) => dispatcher.take(leases);
  const reporter = new Reporter({
    ...shared,
    onLeases,
    onCredit,
    mayHop: (worker, schedulerId) => tickets.mayHop(worker) && direct.mayHop(schedulerId),
  });
  const { signal } = shared.stopping;
  const errands = createErrands(shared);
  const endings: Endings = createEndings({ ...shared, reporter, errands });
  const filler = createLeaseFiller(shared);
  const dispatcher = createDispatcher({ ...shared, filler, endings, signal });
  const intake = createIntake({ ...shared, onLeases, onCredit });
  const tickets = new TicketPuller({ ...shared, intake });
  const direct = new DirectPuller({ ...shared, intake });
  const adopter = createAdopter(shared);
  return { reporter, endings, filler, intake, tickets, direct, adopter, onCredit };
}

/** The logs, and what the end of an attempt means for its log. */
function createLogParts(config: ExecutorConfig, shared: Pick<Shared, 'clock' | 'timing'>) {
  const { clock, timing } = shared;
  const store = new LogStore({ folder: config.logFolder, sizeMax: config.logSizeMax, clock });
  const pathOf = (name: LogName) => store.pathOf(name);
  const tails = createLogTails({ clock, graceMs: timing.leaseTtlMs, pathOf });
  const onEnded = (attempt: AttemptEntry, logSize: number) => {
    const { attemptId, place, epoch } = attempt;
    if (place === undefined) return;
    const name = { ...place, epoch };
    if (logSize > (store.knownSize(name) ?? 0)) tails.expect(attemptId, { name, size: logSize });
    store.announceEnd(name);
  };
  return { store, tails, pathOf, onEnded };
}

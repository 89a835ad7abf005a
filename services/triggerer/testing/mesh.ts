// For tests: triggerers between schedulers and a metadata service in memory, over real gRPC.
import type { DescService } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import {
  LedgerService,
  type ListAssetEventsRequest,
  type ListStatesRequest,
  type ListStatesResponse,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { connectBus } from '#kernel/bus/bus.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { readConfig } from '#kernel/config/config.ts';
import { timingConfig } from '#kernel/config/timing.ts';
import { type ErrorName, fail } from '#kernel/errors/errors.ts';
import { createLog } from '#kernel/log/log.ts';
import { createDial } from '#kernel/rpc/client.ts';
import { type GrpcServer, startGrpcServer } from '#kernel/rpc/server.ts';
import { type Handlers, type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { createMetrics, type Metrics } from '#kernel/telemetry/metrics.ts';
import { assembleTriggerer } from '../assemble.ts';
import { triggererConfig } from '../config.ts';
import { TestScheduler } from './scheduler.ts';

/** Signs every token of these tests. */
export const clusterKey = 'a cluster key for tests';

/** What the ledger answers, and what it was asked. */
export type TestLedger = {
  states: Pick<ListStatesResponse, 'runs' | 'taskInstances'>;
  /** In the order of their commits. */
  assetEvents: AssetEvent[];
  /** True: it is older than cursors, and answers by time. */
  isOld: boolean;
  readonly stateCalls: ListStatesRequest[];
  readonly assetCalls: ListAssetEventsRequest[];
  /** While set, every call fails with this reason. */
  failure: ErrorName | undefined;
};

/** A triggerer under test. */
export type TestTriggerer = { readonly metrics: Metrics; stop(): Promise<void> };

/** Everything around triggerers. */
export type TestMesh = {
  readonly metadataAddress: string;
  readonly ledger: TestLedger;
  /** Starts a scheduler and shows it on the map. */
  addScheduler(silenceMs?: number): Promise<TestScheduler>;
  /** Takes a scheduler off the map and ends it. */
  removeScheduler(scheduler: TestScheduler): Promise<void>;
  /** Starts a triggerer of this process. */
  startTriggerer(env?: Readonly<Record<string, string>>): Promise<TestTriggerer>;
  stop(): Promise<void>;
};

/** Starts a mesh without schedulers and triggerers. */
export async function startTestMesh(): Promise<TestMesh> {
  const log = createLog('test', 'silent');
  const servers = new Map<string, GrpcServer>();
  const triggerers = new Set<TestTriggerer>();
  const map = createMap();
  const ledger: TestLedger = {
    states: { runs: [], taskInstances: [] },
    assetEvents: [],
    isOld: false,
    stateCalls: [],
    assetCalls: [],
    failure: undefined,
  };
  const serve = async (name: string, services: readonly RpcService[]) => {
    const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services, clusterKey, log });
    servers.set(name, server);
    return `127.0.0.1:${server.port}`;
  };
  const metadataAddress = await serve('metadata', [
    serving(PartitionService, { watchPartitions: (_request, { signal }) => map.watch(signal) }),
    serving(LedgerService, ledgerHandlers(ledger)),
  ]);
  let schedulersCount = 0;
  return {
    metadataAddress,
    ledger,
    addScheduler: async (silenceMs) => {
      schedulersCount += 1;
      const scheduler = new TestScheduler(`scheduler-${schedulersCount}`, silenceMs);
      const services = [serving(SchedulerService, scheduler.handlers())];
      const address = await serve(scheduler.id, services);
      map.change((entries) => entries.set(scheduler.id, address));
      return scheduler;
    },
    removeScheduler: async ({ id }) => {
      map.change((entries) => entries.delete(id));
      await servers.get(id)?.stop(0);
    },
    startTriggerer: async (env = {}) => {
      const triggerer = await openTriggerer({ DAGMESH_METADATA_ADDRESS: metadataAddress, ...env });
      triggerers.add(triggerer);
      return triggerer;
    },
    stop: async () => {
      for (const triggerer of triggerers) await triggerer.stop();
      for (const server of servers.values()) await server.stop(0);
    },
  };
}

async function openTriggerer(env: Readonly<Record<string, string>>): Promise<TestTriggerer> {
  const log = createLog('triggerer', 'silent');
  const dial = createDial({ caller: 'triggerer', clusterKey });
  const bus = await connectBus({ url: undefined, log, clock: systemClock });
  const metrics = createMetrics('triggerer');
  const timing = readConfig(timingConfig, {});
  const wiring = { dial, clock: systemClock, log, metrics, bus, clusterKey, timing };
  const service = assembleTriggerer(readConfig(triggererConfig, env), wiring);
  await service.start();
  return {
    metrics,
    stop: async () => {
      await service.stop();
      await dial.close();
    },
  };
}

/** The map of the mesh: addresses of schedulers by id. */
function createMap() {
  const entries = new Map<string, string>();
  let changed = new AbortController();
  return {
    change: (change: (entries: Map<string, string>) => void) => {
      change(entries);
      changed.abort();
      changed = new AbortController();
    },
    watch: async function* (signal: AbortSignal) {
      while (!signal.aborted) {
        const news = changed.signal;
        const schedulers = [...entries].map(([schedulerId, address]) => ({ schedulerId, address }));
        yield { schedulers };
        await systemClock.sleep(60_000, AbortSignal.any([news, signal]));
      }
    },
  };
}

const toMs = (time: Timestamp | undefined) => fromTimestamp(time) ?? 0;

function ledgerHandlers(ledger: TestLedger): Partial<Handlers<typeof LedgerService>> {
  const check = () => {
    if (ledger.failure !== undefined) throw fail(ledger.failure, 'as the test wants it');
  };
  return {
    listStates: async (request) => {
      ledger.stateCalls.push(request);
      check();
      return ledger.states;
    },
    listAssetEvents: async (request) => {
      ledger.assetCalls.push(request);
      check();
      const events = ledger.assetEvents.toReversed();
      if (ledger.isOld) return { events };
      const news = events.map((event, at) => ({
        places: request.places.flatMap((place, index) => {
          const seenCount = Number.parseInt(place.cursor, 10) || 0;
          const isLater = toMs(event.timestamp) > toMs(place.since);
          const isSeen = place.cursor === '' ? !isLater : events.length - at <= seenCount;
          return isSeen ? [] : [index];
        }),
      }));
      return { events, news, cursor: `${events.length}:${events.length}:` };
    },
  };
}

/** Serves some RPCs to triggerers; the others refuse. */
function serving<S extends DescService>(service: S, some: Partial<Handlers<S>>): RpcService {
  const refuse = () => {
    throw fail('method_not_found', 'triggerers do not call this');
  };
  const others = service.methods.map(({ localName }) => [localName, refuse]);
  const handlers = { ...Object.fromEntries(others), ...some } as Handlers<S>;
  return rpcService(service, handlers, { callers: ['triggerer'] });
}

// For tests: an executor behind its real doors, beside schedulers and a metadata service in memory.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { ExecutorService } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { WorkerService } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { mintServiceToken } from '#kernel/auth/service-token.ts';
import { type Bus, connectBus } from '#kernel/bus/bus.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { readConfig } from '#kernel/config/config.ts';
import { type Timing, timingConfig } from '#kernel/config/timing.ts';
import { createLog } from '#kernel/log/log.ts';
import { type Client, createDial } from '#kernel/rpc/client.ts';
import { createLocalMesh } from '#kernel/rpc/local.ts';
import { startGrpcServer } from '#kernel/rpc/server.ts';
import { rpcService } from '#kernel/rpc/service.ts';
import { freePort } from '#kernel/service/free-port.ts';
import { createMetrics, type Metrics } from '#kernel/telemetry/metrics.ts';
import { eventually } from '../../../tests/kit/wait.ts';
import { assembleExecutor } from '../assemble.ts';
import { executorConfig } from '../config.ts';
import { createTestMetadata, type TestMetadata } from './metadata.ts';
import { createTestScheduler, type TestScheduler } from './scheduler.ts';

/** Signs every token of these tests. */
export const clusterKey = 'a cluster key for tests';

/**
 * The spans of these tests: those of production, divided by ten and more. Leases hold long, so that
 * a busy machine loses none.
 */
export const timing: Timing = readConfig(timingConfig, {
  DAGMESH_HEARTBEAT_MS: '500',
  DAGMESH_LEASE_TTL_MS: '30000',
  DAGMESH_SWEEP_MS: '50',
  DAGMESH_KILL_GRACE_MS: '1000',
  DAGMESH_RERING_MS: '300',
});

/** For tests of what happens when a lease runs out. */
export const shortLeases = { leaseTtlMs: 1_500 } as const;

/** An executor under test. */
export type TestMesh = {
  /** One scheduler that owns everything, unless more were asked for. */
  readonly schedulers: readonly TestScheduler[];
  /** The first of them. */
  readonly scheduler: TestScheduler;
  readonly metadata: TestMetadata;
  readonly metrics: Metrics;
  readonly logFolder: string;
  /** WorkerService over grpc-js, as a worker. */
  readonly worker: Client<typeof WorkerService>;
  /** ExecutorService, as the api. */
  readonly api: Client<typeof ExecutorService>;
  /** A client of WorkerService as any caller. */
  workerAs(caller: string): Client<typeof WorkerService>;
  /** One call over plain HTTP with JSON, as curl does it. */
  post(method: string, body: object): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Stops the executor and starts another with an empty memory, at the same doors, kept for it. */
  restart(): Promise<void>;
  /** Stops the executor only. */
  stopExecutor(): Promise<void>;
  stop(): Promise<void>;
};

/** What a test may choose. */
export type TestMeshOptions = {
  readonly schedulersCount?: number;
  /** Without it the executor has no bus. */
  readonly natsUrl?: string;
  readonly timing?: Partial<Timing>;
  readonly logSizeMax?: number;
};

/** Starts everything. */
export async function startTestMesh(options: TestMeshOptions = {}): Promise<TestMesh> {
  const log = createLog('test', 'silent');
  const local = createLocalMesh({ log });
  const count = options.schedulersCount ?? 1;
  const schedulers = Array.from({ length: count }, (_, index) => createTestScheduler(index, count));
  const metadata = createTestMetadata(schedulers);
  const everybody = { callers: 'anyone' as const };
  for (const { id, handlers } of schedulers) {
    local.mount(id, [rpcService(SchedulerService, handlers, everybody)]);
  }
  local.mount('metadata', [
    rpcService(PartitionService, metadata.partitions, everybody),
    rpcService(LedgerService, metadata.ledger, everybody),
    rpcService(SecretService, metadata.secrets, everybody),
    rpcService(CatalogService, metadata.catalog, everybody),
  ]);
  const logFolder = await mkdtemp(join(tmpdir(), 'dagmesh-test-logs-'));
  const bus = await connectBus({ url: options.natsUrl, log, clock: systemClock });
  const metrics = createMetrics('test');
  if (options.natsUrl !== undefined) {
    await eventually(() => bus.connected(), { deadlineMs: 60_000, what: 'the bus is connected' });
  }

  const open = (ports: { readonly grpc: number; readonly http: number }) =>
    openExecutor({ ...options, local, bus, logFolder, metrics, ports });
  let running = await open({ grpc: await freePort(), http: await freePort() });
  const { grpcPort, httpPort } = running;
  const dials: { close(): Promise<void> }[] = [];
  const dialAs = (caller: string) => {
    const dial = createDial({ caller, clusterKey });
    dials.push(dial);
    return dial;
  };
  const address = `127.0.0.1:${grpcPort}`;
  const workerAs = (caller: string) => dialAs(caller)(WorkerService, address);
  return {
    schedulers,
    scheduler: schedulers[0] as TestScheduler,
    metadata,
    metrics,
    logFolder,
    worker: workerAs('worker'),
    api: dialAs('api')(ExecutorService, address),
    workerAs,
    post: (method, body) => post(httpPort, method, body),
    restart: async () => {
      await running.stop();
      running = await open({ grpc: grpcPort, http: httpPort });
    },
    stopExecutor: () => running.stop(),
    stop: async () => {
      for (const dial of dials) await dial.close();
      await running.stop();
      await bus.close();
      await rm(logFolder, { recursive: true, force: true });
    },
  };
}

async function openExecutor(
  options: TestMeshOptions & {
    readonly local: ReturnType<typeof createLocalMesh>;
    readonly bus: Bus;
    readonly logFolder: string;
    readonly metrics: Metrics;
    readonly ports: { readonly grpc: number; readonly http: number };
  },
) {
  const log = createLog('executor', 'silent');
  const config = readConfig(executorConfig, {
    DAGMESH_METADATA_ADDRESS: 'local:metadata',
    DAGMESH_LOG_DIR: options.logFolder,
    DAGMESH_LOG_SIZE_MAX: String(options.logSizeMax ?? 1024 * 1024),
    DAGMESH_EXECUTOR_HTTP_PORT: String(options.ports.http),
  });
  const executor = assembleExecutor(config, {
    dial: createDial({ caller: 'executor', clusterKey, local: options.local }),
    clock: systemClock,
    log,
    metrics: createMetrics('executor'),
    bus: options.bus,
    clusterKey,
    timing: { ...timing, ...options.timing },
  });
  await executor.start();
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: options.ports.grpc,
    services: executor.services,
    clusterKey,
    log,
  });
  return {
    grpcPort: server.port,
    httpPort: executor.httpPort(),
    stop: async () => {
      await executor.stop();
      await server.stop(100);
    },
  };
}

async function post(port: number, method: string, body: object) {
  const response = await fetch(
    `http://127.0.0.1:${port}/dagmesh.worker.v1.WorkerService/${method}`,
    {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${mintServiceToken(clusterKey, 'worker')}`,
      },
      body: JSON.stringify(body),
    },
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

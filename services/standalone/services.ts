// All services in one process: the same assemblies as in the mesh, reached by direct calls of the
// same handlers.
import type { Bus } from '#kernel/bus/bus.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { type Env, readConfig } from '#kernel/config/config.ts';
import { timingConfig } from '#kernel/config/timing.ts';
import { composeParts, type Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Log } from '#kernel/log/log.ts';
import { type ClosableDial, createDial } from '#kernel/rpc/client.ts';
import { createLocalMesh } from '#kernel/rpc/local.ts';
import { startGrpcServer } from '#kernel/rpc/server.ts';
import { createHousekeeping } from '#kernel/service/housekeeping.ts';
import type { Service, Wiring } from '#kernel/service/service.ts';
import { createMetrics, type Metrics } from '#kernel/telemetry/metrics.ts';
import { type MetricsServer, startMetricsServer } from '#kernel/telemetry/metrics-server.ts';
import { assembleApi } from '../api/assemble.ts';
import { apiConfig } from '../api/config.ts';
import { assembleDagProcessor } from '../dag-processor/assemble.ts';
import { dagProcessorConfig } from '../dag-processor/config.ts';
import { assembleExecutor } from '../executor/assemble.ts';
import { executorConfig } from '../executor/config.ts';
import { assembleMetadata } from '../metadata/assemble.ts';
import { metadataConfig } from '../metadata/config.ts';
import { assembleScheduler } from '../scheduler/assemble.ts';
import { schedulerConfig } from '../scheduler/config.ts';
import { assembleTriggerer } from '../triggerer/assemble.ts';
import { triggererConfig } from '../triggerer/config.ts';

const STOP_GRACE_MS = 2_000;

export type ServicesInput = {
  /** What each service's configuration is read from. */
  readonly env: Env;
  readonly clusterKey: string;
  /**
   * Port of the gRPC door for workers: the only one of the inner doors that is open to other
   * processes.
   */
  readonly workerPort: number;
  /** Port of /metrics and /healthz, for all services together. */
  readonly metricsPort: number;
  readonly bus: Bus;
  readonly log: Log;
};

export type StandaloneServices = Part & {
  /** A client of any service of this process, as caller `standalone`. */
  readonly dial: ClosableDial;
};

/** Builds the services; nothing starts yet. */
export function assembleServices(input: ServicesInput): StandaloneServices {
  const { clusterKey, log } = input;
  const local = createLocalMesh({ log });
  const dials: ClosableDial[] = [];
  const dialAs = (caller: string) => {
    const dial = createDial({ caller, clusterKey, local });
    dials.push(dial);
    return dial;
  };
  const timing = readConfig(timingConfig, input.env);
  const metrics = createMetrics('standalone');
  const wire = (name: string): Wiring => ({
    dial: dialAs(name),
    clock: systemClock,
    log: log.child({ service: name }),
    metrics,
    bus: input.bus,
    clusterKey,
    timing,
  });
  const envOf = (name: string): Env => ({
    ...input.env,
    DAGMESH_ADVERTISE_ADDRESS: `local:${name}`,
  });
  const executor = assembleExecutor(
    readConfig(executorConfig, envOf('executor')),
    wire('executor'),
  );
  const services: readonly Service[] = [
    assembleMetadata(readConfig(metadataConfig, envOf('metadata')), wire('metadata')),
    assembleScheduler(readConfig(schedulerConfig, envOf('scheduler')), wire('scheduler')),
    executor,
    assembleTriggerer(readConfig(triggererConfig, envOf('triggerer')), wire('triggerer')),
    assembleDagProcessor(
      readConfig(dagProcessorConfig, envOf('dag-processor')),
      wire('dag-processor'),
    ),
    assembleApi(readConfig(apiConfig, envOf('api')), wire('api')),
  ];
  for (const service of services) local.mount(service.name, service.services);
  const parts = composeParts('services', [
    ...services,
    workerDoor(executor, input),
    metricsDoor(metrics, input.metricsPort),
    createHousekeeping(systemClock),
  ]);
  return {
    ...parts,
    dial: dialAs('standalone'),
    stop: async () => {
      await parts.stop();
      for (const dial of dials) await dial.close();
    },
  };
}

/** What all services count, in one place. */
function metricsDoor(metrics: Metrics, port: number): Part {
  let server: MetricsServer | undefined;
  return {
    name: 'metrics door',
    start: async () => {
      server = await startMetricsServer({ host: '127.0.0.1', port, metrics, healthy: () => true });
    },
    stop: async () => {
      await server?.stop();
      server = undefined;
    },
  };
}

/** The executor's services over gRPC, for workers that stream. */
function workerDoor(executor: Service, input: ServicesInput): Part {
  let server: Awaited<ReturnType<typeof startGrpcServer>> | undefined;
  return {
    name: 'worker door',
    start: async () => {
      server = await startGrpcServer({
        host: '127.0.0.1',
        port: input.workerPort,
        services: executor.services,
        clusterKey: input.clusterKey,
        log: input.log,
      });
    },
    stop: async () => {
      await server?.stop(STOP_GRACE_MS);
      server = undefined;
    },
  };
}

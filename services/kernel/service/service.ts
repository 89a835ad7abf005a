// What every service is made of, and how its program runs: the wiring that assemble gets, and the main that serves it.
import { type Bus, connectBus } from '../bus/bus.ts';
import { type Clock, systemClock } from '../clock/clock.ts';
import { type ConfigSpec, type Env, readConfig } from '../config/config.ts';
import type { Timing } from '../config/timing.ts';
import { messageOf } from '../errors/errors.ts';
import { type Part, refuseToStart, runUntilSignalled } from '../lifecycle/lifecycle.ts';
import { createLog, type Log } from '../log/log.ts';
import { type ClosableDial, createDial, type Dial } from '../rpc/client.ts';
import { type GrpcServer, type ServerLimits, startGrpcServer } from '../rpc/server.ts';
import type { RpcService } from '../rpc/service.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { type MetricsServer, startMetricsServer } from '../telemetry/metrics-server.ts';
import { type BindConfig, type MeshConfig, meshConfig } from './service-config.ts';

/** What a service gets from outside; everything in it can be replaced in a test. */
export type Wiring = {
  /** Clients of other services. */
  readonly dial: Dial;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly bus: Bus;
  /** Signs the tokens of services and attempts. */
  readonly clusterKey: string;
  readonly timing: Timing;
};

/** A service: parts with a life, and what it serves. Made without I/O; `start` does the I/O. */
export type Service = Part & {
  /** Served on the service's gRPC port; none for a service that opens a door of its own on that port. */
  readonly services: readonly RpcService[];
  /** How much its gRPC port takes; see there for what holds otherwise. */
  readonly limits?: ServerLimits;
};

/** What a `main.ts` says about its service. */
export type MainOptions<C extends BindConfig> = {
  /** The name it calls others by, e.g. `scheduler`. */
  readonly name: string;
  readonly config: ConfigSpec<C>;
  readonly assemble: (config: C, wiring: Wiring) => Service;
  readonly env?: Env;
};

/**
 * Runs one service as a program: reads the configuration (a bad one ends the program with code 2 and a sentence for each
 * variable), wires it to the network, serves it until SIGINT or SIGTERM.
 */
export async function serveMain<C extends BindConfig>(options: MainOptions<C>): Promise<void> {
  const { config, mesh } = readAll(options);
  const log = createLog(options.name, mesh.logLevel);
  const program = createProgram({ ...options, config, mesh, log });
  await runUntilSignalled(program, log);
}

function readAll<C extends BindConfig>(options: MainOptions<C>): { config: C; mesh: MeshConfig } {
  try {
    const { mesh, config } = {
      mesh: readConfig(meshConfig, options.env),
      config: readConfig(options.config, options.env),
    };
    return { mesh, config };
  } catch (error) {
    refuseToStart(`${options.name}: ${messageOf(error)}`);
  }
}

/** What runs inside the program, in start order; it is stopped in reverse. */
type Running = {
  dial: ClosableDial;
  bus: Bus;
  metricsServer?: MetricsServer;
  server?: GrpcServer;
  service?: Service;
};

/**
 * A service with its doors. The gRPC port listens first but lets callers in only once the service has started; when it
 * stops, the service goes first, so that its last words still reach its callers.
 */
function createProgram<C extends BindConfig>(
  options: Omit<MainOptions<C>, 'config'> & { config: C; mesh: MeshConfig; log: Log },
): Part {
  const { name, config, mesh, log } = options;
  const { clusterKey } = mesh;
  let running: Running | undefined;
  let isServing = false;

  return {
    name,
    start: async () => {
      const metrics = createMetrics(name);
      const dial = createDial({ caller: name, clusterKey });
      const bus = await connectBus({ url: mesh.natsUrl, log, clock: systemClock });
      running = { dial, bus };
      const wiring = { dial, clock: systemClock, log, metrics, bus, clusterKey, timing: mesh };
      const service = options.assemble(config, wiring);
      const { services, limits } = service;
      const { host, port } = config;
      running.metricsServer = await startMetricsServer({
        host,
        port: config.metricsPort,
        metrics,
        healthy: () => isServing,
      });
      if (services.length > 0) {
        running.server = await startGrpcServer({
          ...{ host, port, services, clusterKey, log, isClosed: true },
          ...(limits === undefined ? {} : { limits }),
        });
      }
      running.service = service;
      await service.start();
      running.server?.open();
      isServing = true;
      log.info({ address: `${host}:${running.server?.port ?? port}` }, 'serving');
    },
    stop: async () => {
      isServing = false;
      const parts = running;
      running = undefined;
      parts?.server?.leave();
      await parts?.service?.stop();
      await parts?.server?.stop();
      await parts?.metricsServer?.stop();
      await parts?.bus.close();
      await parts?.dial.close();
    },
  };
}

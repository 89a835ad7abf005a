// What every service is made of, and the main that serves it over the network.
import { type Bus, connectBus } from '../bus/bus.ts';
import { type Clock, systemClock } from '../clock/clock.ts';
import { type ConfigSpec, type Env, readConfig } from '../config/config.ts';
import type { Timing } from '../config/timing.ts';
import { messageOf } from '../errors/errors.ts';
import {
  composeParts,
  type Part,
  refuseToStart,
  runUntilSignalled,
} from '../lifecycle/lifecycle.ts';
import { createLog, type Log } from '../log/log.ts';
import { type ClosableDial, createDial, type Dial } from '../rpc/client.ts';
import { type GrpcServer, type ServerLimits, startGrpcServer } from '../rpc/server.ts';
import type { RpcService } from '../rpc/service.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { type MetricsServer, startMetricsServer } from '../telemetry/metrics-server.ts';
import { createHousekeeping } from './housekeeping.ts';
import { type BindConfig, meshConfig } from './service-config.ts';

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
  /** Served on the gRPC port; none for a service that opens a door of its own there. */
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
 * Runs one service as a program: reads the configuration (a bad one ends the program with code 2
 * and a sentence for each variable), wires it to the network, serves it until SIGINT or SIGTERM.
 */
export async function serveMain<C extends BindConfig>(options: MainOptions<C>): Promise<void> {
  const { name, env } = options;
  const [config, mesh] = orRefuse(name, () => [
    readConfig(options.config, env),
    readConfig(meshConfig, env),
  ]);
  const log = createLog(name, mesh.logLevel);
  const metrics = createMetrics(name);
  const dial = createDial({ caller: name, clusterKey: mesh.clusterKey });
  const bus = await connectBus({ url: mesh.natsUrl, log, clock: systemClock });
  const { clusterKey } = mesh;
  const wiring = { dial, clock: systemClock, log, metrics, bus, clusterKey, timing: mesh };
  const service = orRefuse(name, () => options.assemble(config, wiring));
  await runUntilSignalled(createProgram({ name, config, wiring, dial, service }), log);
}

function orRefuse<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    refuseToStart(`${name}: ${messageOf(error)}`);
  }
}

/**
 * A service with its doors. The gRPC port listens first but lets callers in only once the service
 * has started; the service stops first, so that its last words still reach its callers.
 */
function createProgram(options: {
  readonly name: string;
  readonly config: BindConfig;
  readonly wiring: Wiring;
  readonly dial: ClosableDial;
  readonly service: Service;
}): Part {
  const { name, config, wiring, dial, service } = options;
  const door = createDoor(service, config, wiring);
  const connections: Part = {
    name: 'connections',
    start: async () => undefined,
    stop: async () => {
      await wiring.bus.close();
      await dial.close();
    },
  };
  const page = createMetricsPage(config, wiring.metrics, door.isOpen);
  const housekeeping = createHousekeeping(wiring.clock);
  return composeParts(name, [connections, page, door, service, door.opening, housekeeping]);
}

/** The gRPC port, for a service that serves something there; and its opening, which comes last. */
function createDoor(
  service: Service,
  { host, port }: BindConfig,
  { clusterKey, log }: Wiring,
): Part & { readonly opening: Part; readonly isOpen: () => boolean } {
  const { services, limits } = service;
  let server: GrpcServer | undefined;
  let isOpen = false;
  return {
    name: 'door',
    start: async () => {
      if (services.length === 0) return;
      const bound = { host, port, services, clusterKey, log, isClosed: true };
      server = await startGrpcServer(limits === undefined ? bound : { ...bound, limits });
    },
    stop: async () => {
      await server?.stop();
      server = undefined;
    },
    opening: {
      name: 'opening',
      start: async () => {
        server?.open();
        isOpen = true;
        log.info({ address: `${host}:${server?.port ?? port}` }, 'serving');
      },
      stop: async () => {
        server?.leave();
        isOpen = false;
      },
    },
    isOpen: () => isOpen,
  };
}

function createMetricsPage(config: BindConfig, metrics: Metrics, healthy: () => boolean): Part {
  const { host, metricsPort: port } = config;
  let server: MetricsServer | undefined;
  return {
    name: 'metrics page',
    start: async () => {
      server = await startMetricsServer({ host, port, metrics, healthy });
    },
    stop: async () => {
      await server?.stop();
      server = undefined;
    },
  };
}

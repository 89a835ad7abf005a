// Starting and stopping everything on one machine, a line on the terminal for each step.
import { type Bus, connectBus } from '#kernel/bus/bus.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import type { Log } from '#kernel/log/log.ts';
import { findNatsServer } from '../../deploy/launch/find-nats.mjs';
import { step } from '../../deploy/launch/steps.mjs';
import { makeDatabases, meshDatabase } from './embedded/database.ts';
import { type EmbeddedNats, startNatsServer } from './embedded/nats-server.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded/postgres.ts';
import { adminToken } from './admin-token.ts';
import { chooseDoors, serviceEnvironment } from './doors.ts';
import type { Home } from './home.ts';
import type { StandaloneOptions } from './options.ts';
import { announceReady } from './ready.ts';
import { assembleServices } from './services.ts';
import { startWorkers } from './workers.ts';

const POSTGRES_PORT = 7106;

/** Where everything is, once it runs. */
export type Doors = {
  readonly apiUrl: string;
  readonly metricsUrl: string;
  readonly postgresPort: number;
  readonly adminToken: string;
  /** True when the token was made by this start. */
  readonly isNewToken: boolean;
  /** Languages whose workers run beside it. */
  readonly languages: readonly string[];
};

/** Something that was started and how it is stopped, for the person at the terminal. */
type Started = { readonly name: string; readonly stop: () => Promise<void> };

export type StandaloneInput = {
  readonly options: StandaloneOptions;
  readonly home: Home;
  readonly log: Log;
};

/** A standalone under way; `stop` also ends one that has started only half. */
export type Standalone = {
  start(): Promise<Doors>;
  stop(): Promise<void>;
};

/** Prepares a standalone; nothing happens before `start`. */
export function createStandalone(input: StandaloneInput): Standalone {
  const started: Started[] = [];

  const start = async (): Promise<Doors> => {
    const { options, home, log } = input;
    const postgres = await startDatabase(input, started);
    const { bus, nats } = await startBus(input, started);
    const door = await chooseDoors(options, home);
    const services = assembleServices({
      env: serviceEnvironment({ options, home, postgres, door }),
      clusterKey: home.secrets.clusterKey,
      workerPort: door.workerPort,
      metricsPort: door.metricsPort,
      bus,
      log,
    });
    started.push({ name: 'services', stop: () => services.stop() });
    await step('services', async () => {
      await services.start();
      return `answer at ${door.apiUrl}`;
    });
    const token = await adminToken(home, services.dial);
    const workers = startWorkers({ options, home, door: door.worker });
    started.push({ name: 'workers', stop: workers.stop });
    const withdraw = announceReady(home.folder, {
      pid: process.pid,
      apiUrl: door.apiUrl,
      workerDoor: door.worker,
      databaseUrl: postgres.url(meshDatabase),
      postgresPid: postgres.pid,
      natsPid: nats?.pid ?? 0,
      natsUrl: nats?.url ?? '',
    });
    started.push({ name: 'ready', stop: async () => withdraw() });
    return {
      apiUrl: door.apiUrl,
      metricsUrl: `http://127.0.0.1:${door.metricsPort}/metrics`,
      postgresPort: postgres.port,
      languages: workers.languages,
      ...token,
    };
  };

  let starting: Promise<Doors> | undefined;
  return {
    start: () => {
      starting = start();
      return starting;
    },
    stop: async () => {
      await starting?.catch(() => undefined);
      for (const part of started.splice(0).reverse()) {
        await part.stop().catch((error: unknown) => {
          input.log.error({ part: part.name, err: error }, 'could not be stopped cleanly');
        });
      }
    },
  };
}

async function startDatabase(
  { options, home }: StandaloneInput,
  started: Started[],
): Promise<EmbeddedPostgres> {
  let server: EmbeddedPostgres | undefined;
  await step('PostgreSQL', async () => {
    server = await startPostgres({
      dataFolder: home.postgres,
      password: home.secrets.postgresPassword,
      // The same port at each start, where it is free: stored connections name it.
      port: POSTGRES_PORT,
      ...(options.isDurable ? {} : { settings: { fsync: 'off' } }),
    });
    started.push({ name: 'PostgreSQL', stop: server.stop });
    await makeDatabases(server.url('postgres'), home.secrets);
    return `answers on port ${server.port}`;
  });
  if (server === undefined) throw new Error('PostgreSQL was not started');
  return server;
}

async function startBus(
  { home, log }: StandaloneInput,
  started: Started[],
): Promise<{ readonly bus: Bus; readonly nats: EmbeddedNats | undefined }> {
  const binary = findNatsServer();
  let nats: EmbeddedNats | undefined;
  await step('nats-server', async () => {
    if (binary === undefined) return 'not here: executors pull directly';
    nats = await startNatsServer({
      binary,
      dataFolder: home.nats,
      token: home.secrets.natsToken,
    });
    started.push({ name: 'nats-server', stop: nats.stop });
    return `answers on port ${nats.port}`;
  });
  const bus = await connectBus({ url: nats?.url, log, clock: systemClock });
  started.push({ name: 'bus', stop: () => bus.close() });
  return { bus, nats };
}

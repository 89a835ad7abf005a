// Where the doors of a standalone are: the wanted ports, or free ones where another program has
// taken them.
import { mintServiceToken } from '#kernel/auth/service-token.ts';
import { type Env, processEnv } from '#kernel/config/config.ts';
import { meshDatabase } from './embedded/database.ts';
import { freePort } from '#kernel/service/free-port.ts';
import type { EmbeddedPostgres } from './embedded/postgres.ts';
import type { Home } from './home.ts';
import type { StandaloneOptions } from './options.ts';

const METRICS_PORT = 7200;

/** What a worker needs to connect. */
export type WorkerDoor = {
  /** host:port for workers that stream. */
  readonly address: string;
  /** URL for workers that cannot. */
  readonly httpUrl: string;
  readonly token: string;
};

export type ChosenDoors = {
  readonly apiPort: number;
  readonly workerPort: number;
  readonly workerHttpPort: number;
  readonly metricsPort: number;
  readonly apiUrl: string;
  readonly worker: WorkerDoor;
};

/** Chooses the ports; each wanted one that is taken is replaced by a free one. */
export async function chooseDoors(options: StandaloneOptions, home: Home): Promise<ChosenDoors> {
  const apiPort = await freePort(options.port);
  const workerPort = await freePort(options.workerPort);
  const workerHttpPort = await freePort(options.workerHttpPort);
  return {
    apiPort,
    workerPort,
    workerHttpPort,
    metricsPort: await freePort(METRICS_PORT),
    apiUrl: `http://127.0.0.1:${apiPort}`,
    worker: {
      address: `127.0.0.1:${workerPort}`,
      httpUrl: `http://127.0.0.1:${workerHttpPort}`,
      token: mintServiceToken(home.secrets.clusterKey, 'worker'),
    },
  };
}

/** What the services read. Whatever the user set for a mesh (timings, limits) holds here, too. */
export function serviceEnvironment(input: {
  readonly options: StandaloneOptions;
  readonly home: Home;
  readonly postgres: EmbeddedPostgres;
  readonly door: ChosenDoors;
}): Env {
  const { options, home, door } = input;
  return {
    ...processEnv(),
    DAGMESH_CLUSTER_KEY: home.secrets.clusterKey,
    DAGMESH_SECRET_KEY: home.secrets.secretKey,
    DAGMESH_DATABASE_URL: input.postgres.url(meshDatabase),
    DAGMESH_METADATA_ADDRESS: 'local:metadata',
    DAGMESH_DAG_PROCESSOR_ADDRESS: 'local:dag-processor',
    DAGMESH_HOST: '127.0.0.1',
    DAGMESH_API_PORT: String(door.apiPort),
    DAGMESH_EXECUTOR_PORT: String(door.workerPort),
    DAGMESH_EXECUTOR_HTTP_PORT: String(door.workerHttpPort),
    DAGMESH_DAGS_FOLDER: options.dagsFolder,
    DAGMESH_BUNDLES_FOLDER: home.bundles,
    DAGMESH_LOG_DIR: home.taskLogs,
  };
}

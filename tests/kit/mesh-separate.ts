// The system as separate processes: PostgreSQL, nats-server, six services, workers.
import { join } from 'node:path';
import { mintServiceToken } from '#kernel/auth/service-token.ts';
import { createDial } from '#kernel/rpc/client.ts';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { serviceNodeFlags } from '../../deploy/launch/service-flags.mjs';
import { freePort } from '#kernel/service/free-port.ts';
import type { MeshOptions, MeshStart } from './mesh.ts';
import { repository } from './mesh.ts';
import { startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';
import { inheritedEnv, type Program, startProgram, tailOf, tailsOf } from './program.ts';
import { eventuallyGives } from './wait.ts';
import { startWorker } from './workers.ts';

const START_LIMIT_MS = 150_000;
const SERVICES = ['metadata', 'scheduler', 'executor', 'triggerer', 'dag-processor', 'api'];
const clusterKey = 'cluster-key-of-the-tests-0123456789abcdef';

/** Starts everything and waits until the api can sign somebody in. */
export const startSeparate: MeshStart = async (options, ends) => {
  // One after the other: of two that start at once, one may come after the other has failed.
  const nats = await startNats();
  ends.defer(() => nats.stop());
  const postgres = await startPostgres(options.isDurable ? {} : { fsync: 'off' });
  ends.defer(() => postgres.stop());
  const databaseUrl = await postgres.createDatabase();
  const ports = await choosePorts();
  const env = environment({ options, databaseUrl, natsUrl: nats.url, ports });
  const programs = new Map<string, Program>();
  const add = (program: Program) => {
    programs.set(program.name, program);
    ends.defer(() => program.kill());
  };
  for (const service of SERVICES) {
    add(startService(service, service, { env, folder: options.folder }));
  }
  const adminToken = await createAdminToken(ports.metadata, programs);
  const door = {
    address: `127.0.0.1:${ports.executor}`,
    httpUrl: `http://127.0.0.1:${ports.executorHttp}`,
    token: mintServiceToken(clusterKey, 'worker'),
  };
  const workers = options.workers ?? [{ language: 'typescript' as const }];
  workers.forEach((worker, index) => {
    add(startWorker(`worker-${worker.language}-${index}`, worker, { ...options, door }));
  });
  return {
    apiUrl: `http://127.0.0.1:${ports.api}`,
    adminToken,
    databaseUrl,
    workerDoor: door,
    programs,
    postgres,
    nats,
    startAnother: async (service, more = {}) => {
      const port = String(await freePort());
      const own = {
        ...env,
        DAGMESH_SCHEDULER_PORT: port,
        DAGMESH_DAG_PROCESSOR_PORT: port,
        ...more,
      };
      const place = { env: own, folder: options.folder };
      const program = startService(`${service}-${programs.size}`, service, place);
      add(program);
      return program;
    },
  };
};

type Ports = Readonly<
  Record<'metadata' | 'scheduler' | 'executor' | 'executorHttp' | 'processor' | 'api', number>
>;

async function choosePorts(): Promise<Ports> {
  const [metadata, scheduler, executor, executorHttp, processor, api] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  return { metadata, scheduler, executor, executorHttp, processor, api };
}

function environment(input: {
  readonly options: MeshOptions & { readonly folder: string };
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly ports: Ports;
}): Record<string, string> {
  const { options, ports } = input;
  return {
    ...inheritedEnv(),
    DAGMESH_CLUSTER_KEY: clusterKey,
    DAGMESH_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    DAGMESH_DATABASE_URL: input.databaseUrl,
    NATS_URL: input.natsUrl,
    DAGMESH_METADATA_ADDRESS: `127.0.0.1:${ports.metadata}`,
    DAGMESH_METADATA_PORT: String(ports.metadata),
    DAGMESH_SCHEDULER_PORT: String(ports.scheduler),
    DAGMESH_EXECUTOR_PORT: String(ports.executor),
    DAGMESH_EXECUTOR_HTTP_PORT: String(ports.executorHttp),
    DAGMESH_DAG_PROCESSOR_PORT: String(ports.processor),
    DAGMESH_DAG_PROCESSOR_ADDRESS: `127.0.0.1:${ports.processor}`,
    DAGMESH_API_PORT: String(ports.api),
    DAGMESH_METADATA_METRICS_PORT: '0',
    DAGMESH_SCHEDULER_METRICS_PORT: '0',
    DAGMESH_EXECUTOR_METRICS_PORT: '0',
    DAGMESH_TRIGGERER_METRICS_PORT: '0',
    DAGMESH_DAG_PROCESSOR_METRICS_PORT: '0',
    DAGMESH_API_METRICS_PORT: '0',
    DAGMESH_DAGS_FOLDER: options.dagsFolder,
    DAGMESH_LOG_DIR: join(options.folder, 'logs'),
    ...options.env,
  };
}

function startService(
  name: string,
  service: string,
  place: { readonly env: Record<string, string>; readonly folder: string },
): Program {
  return startProgram({
    name,
    command: process.execPath,
    args: [...serviceNodeFlags, join(repository, 'services', service, 'main.ts')],
    env: place.env,
    cwd: repository,
    logFile: join(place.folder, `${name}.log`),
  });
}

/** The first call that the mesh must answer; fails with what the programs said when it does not. */
async function createAdminToken(
  port: number,
  programs: ReadonlyMap<string, Program>,
): Promise<string> {
  const dial = createDial({ caller: 'standalone', clusterKey });
  const secrets = dial(SecretService, `127.0.0.1:${port}`);
  try {
    return await eventuallyGives(
      async () => {
        const dead = [...programs.values()].find((program) => !program.isAlive());
        if (dead !== undefined) throw new Error(`a program ended\n${tailOf(dead)}`);
        const answer = await secrets
          .createApiToken({ userName: 'admin', role: 'admin' })
          .catch(() => undefined);
        return answer?.token;
      },
      {
        deadlineMs: START_LIMIT_MS,
        what: () => `metadata answers\n${tailsOf(programs.values())}`,
      },
    );
  } finally {
    await dial.close();
  }
}

// Worker processes for tests: the three languages, started as a user would start them.
import { join } from 'node:path';
import { cacheFolder } from '../../deploy/launch/cache.mjs';
import { workerNodeFlags } from '../../deploy/launch/service-flags.mjs';
import type { WorkerOptions } from './mesh.ts';
import { repository } from './mesh.ts';
import { inheritedEnv, type Program, startProgram } from './program.ts';

export type WorkerDoor = {
  readonly address: string;
  readonly httpUrl: string;
  readonly token: string;
};

/** Starts one worker; its environment holds what a worker may know, and no more. */
export function startWorker(
  name: string,
  worker: WorkerOptions,
  place: {
    readonly door: WorkerDoor;
    readonly dagsFolder: string;
    readonly folder: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Program {
  const [command, ...args] = commandOf(worker.language);
  return startProgram({
    name,
    command,
    args,
    cwd: repository,
    logFile: join(place.folder, `${name}.log`),
    env: {
      ...inheritedEnv(),
      PYTHONPATH: join(repository, 'sdk', 'python'),
      DAGMESH_EXECUTOR_ADDRESS: place.door.address,
      DAGMESH_EXECUTOR_HTTP_URL: place.door.httpUrl,
      DAGMESH_WORKER_TOKEN: place.door.token,
      DAGMESH_WORKER_ID: name,
      DAGMESH_DAGS_FOLDER: place.dagsFolder,
      ...(worker.queues === undefined ? {} : { DAGMESH_WORKER_QUEUES: worker.queues }),
      ...(worker.slots === undefined ? {} : { DAGMESH_WORKER_SLOTS: String(worker.slots) }),
      ...place.env,
      ...worker.env,
    },
  });
}

/** The Python of the launcher's environment. */
export const python = join(cacheFolder, 'python', 'bin', 'python');

function commandOf(language: WorkerOptions['language']): readonly [string, ...string[]] {
  if (language === 'python') return [python, '-m', 'dagmesh.worker'];
  if (language === 'bash') return ['bash', join(repository, 'sdk', 'bash', 'worker.sh')];
  const main = join(repository, 'sdk', 'typescript', 'src', 'worker', 'main.ts');
  return [process.execPath, ...workerNodeFlags, main];
}

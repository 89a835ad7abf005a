// The system as one standalone process, started the way a newcomer starts it.
import { join } from 'node:path';
import { programNodeFlags } from '../../deploy/launch/service-flags.mjs';
import type { Ready } from '../../services/standalone/ready.ts';
import type { MeshStart } from './mesh.ts';
import { readIfThere, repository } from './mesh.ts';
import { inheritedEnv, type Program, startProgram, tailOf } from './program.ts';
import { eventuallyGives } from './wait.ts';
import { startWorker } from './workers.ts';

const START_LIMIT_MS = 150_000;

/** Starts it on a temporary home and waits for its ready file. */
export const startTogether: MeshStart = async (options, ends) => {
  const home = join(options.folder, 'home');
  const program = startProgram({
    name: 'standalone',
    command: process.execPath,
    args: [
      ...programNodeFlags,
      join(repository, 'services', 'standalone', 'main.ts'),
      ...['--home', home, '--dags', options.dagsFolder, '--no-showcase', '--no-workers'],
      ...['--port', '0', '--worker-port', '0', '--worker-http-port', '0'],
      ...(options.isDurable ? [] : ['--no-fsync']),
    ],
    cwd: repository,
    logFile: join(options.folder, 'standalone.log'),
    env: { ...inheritedEnv(), ...options.env },
    lastSignal: 'SIGTERM',
  });
  const programs = new Map<string, Program>();
  const add = (each: Program) => {
    programs.set(each.name, each);
    ends.defer(() => each.kill('SIGTERM'));
  };
  add(program);
  const ready = await waitForReady(program, home);
  const door = ready.workerDoor;
  (options.workers ?? [{ language: 'typescript' as const }]).forEach((worker, index) => {
    const name = `worker-${worker.language}-${index}`;
    add(startWorker(name, worker, { ...options, door }));
  });
  return {
    apiUrl: ready.apiUrl,
    adminToken: readIfThere(join(home, 'admin.token'))?.trim() ?? '',
    databaseUrl: ready.databaseUrl,
    workerDoor: door,
    programs,
    postgres: notHere('PostgreSQL', ready.postgresPid),
    startAnother: async (service) => {
      throw new Error(`a standalone has one ${service}; add more in mesh mode`);
    },
    nats: { ...notHere('nats-server', ready.natsPid), url: ready.natsUrl },
  };
};

async function waitForReady(program: Program, home: string): Promise<Ready> {
  const text = await eventuallyGives(
    () => {
      if (!program.isAlive()) throw new Error(`standalone ended\n${tailOf(program)}`);
      return readIfThere(join(home, 'ready.json'));
    },
    { deadlineMs: START_LIMIT_MS, what: () => `standalone is ready\n${tailOf(program)}` },
  );
  return JSON.parse(text);
}

/** A standalone owns its servers; faults of theirs are tested on the mesh. */
function notHere(what: string, pid: number) {
  const refuse = async () => {
    throw new Error(`${what} belongs to the standalone; test this fault in mesh mode`);
  };
  return { pid, crash: refuse, restart: refuse, kill: refuse };
}

// The workers beside a standalone: ordinary worker processes in two languages, started again when
// they end.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { processEnv } from '#kernel/config/config.ts';
import { cacheFolder } from '../../deploy/launch/cache.mjs';
import { workerNodeFlags } from '../../deploy/launch/service-flags.mjs';
import type { WorkerDoor } from './doors.ts';
import { stopLeftover } from './embedded/child.ts';
import type { Home } from './home.ts';
import type { StandaloneOptions } from './options.ts';

const RESTART_FIRST_MS = 500;
const RESTART_MAX_MS = 30_000;
/** A worker that lived this long starts again without the delay of earlier failures. */
const HEALTHY_MS = 60_000;
const STOP_GRACE_MS = 20_000;
/** For workers whose standalone was killed: their leases are as good as lost. */
const LEFTOVER_GRACE_MS = 2_000;

const sdk = fileURLToPath(new URL('../../sdk', import.meta.url));
const PYTHON_WORKER = 'dagmesh.worker';
const python = join(cacheFolder, 'python', 'bin', 'python');

type WorkerCommand = {
  readonly language: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Which of the arguments tells such a worker from other programs. */
  readonly mark: string;
};

export type Workers = {
  /** Languages that run. */
  readonly languages: readonly string[];
  /** Lets them finish what they have, then ends them. */
  stop(): Promise<void>;
};

/** Starts a worker for each language that this machine can run. */
export function startWorkers(input: {
  readonly options: StandaloneOptions;
  readonly home: Home;
  readonly door: WorkerDoor;
}): Workers {
  const commands = input.options.hasWorkers ? availableCommands() : [];
  const env = workerEnvironment(input);
  const kept = commands.map((command) => {
    const name = join(input.home.folder, `worker-${command.language}`);
    return keep(command, {
      env,
      logFile: `${name}.log`,
      pidFile: `${name}.pid`,
      clock: systemClock,
    });
  });
  return {
    languages: commands.map((command) => command.language),
    stop: async () => {
      await Promise.all(kept.map((stop) => stop()));
    },
  };
}

function availableCommands(): readonly WorkerCommand[] {
  const typescript = join(sdk, 'typescript', 'src', 'worker', 'main.ts');
  return [
    {
      language: 'typescript',
      command: process.execPath,
      args: [...workerNodeFlags, typescript],
      mark: typescript,
    },
    ...(existsSync(python)
      ? [{ language: 'python', command: python, args: ['-m', PYTHON_WORKER], mark: PYTHON_WORKER }]
      : []),
  ];
}

/**
 * What a worker may know: its door, its token, where the DAG files are. Nothing of the mesh's own
 * secrets.
 */
function workerEnvironment(input: {
  readonly options: StandaloneOptions;
  readonly home: Home;
  readonly door: WorkerDoor;
}): Readonly<Record<string, string>> {
  const { PATH = '', HOME = '/' } = processEnv();
  return {
    PATH,
    HOME,
    PYTHONPATH: join(sdk, 'python'),
    DAGMESH_EXECUTOR_ADDRESS: input.door.address,
    DAGMESH_WORKER_TOKEN: input.door.token,
    DAGMESH_DAGS_FOLDER: input.options.dagsFolder,
    DAGMESH_BUNDLES_FOLDER: input.home.bundles,
    DAGMESH_WORKER_SLOTS: String(input.options.slots),
  };
}

type Place = {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly pidFile: string;
  readonly clock: Clock;
};

/**
 * Keeps one worker process running, after ending the one of a standalone that was killed; answers
 * how to stop it.
 */
function keep(worker: WorkerCommand, place: Place): () => Promise<void> {
  const { clock } = place;
  let child: ChildProcess | undefined;
  let restart: { cancel(): void } | undefined;
  let isStopping = false;
  let failuresCount = 0;

  const launch = () => {
    if (isStopping) return;
    const log = openSync(place.logFile, 'a');
    const startedAtMs = clock.monotonicMs();
    child = spawn(worker.command, worker.args, {
      env: place.env,
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C at the terminal reaches us, and we decide the order of the end.
      detached: true,
    });
    closeSync(log);
    writeFileSync(place.pidFile, `${child.pid ?? ''}`);
    const again = () => {
      child = undefined;
      if (isStopping) return;
      failuresCount = clock.monotonicMs() - startedAtMs > HEALTHY_MS ? 0 : failuresCount + 1;
      const delay = { attempt: failuresCount, firstMs: RESTART_FIRST_MS, maxMs: RESTART_MAX_MS };
      restart = clock.timer(backoffMs(delay), launch);
    };
    child.once('error', again);
    child.once('exit', again);
  };
  const leftover = { mark: worker.mark, signal: 'SIGTERM', graceMs: LEFTOVER_GRACE_MS } as const;
  const begun = stopLeftover(place.pidFile, leftover).then(launch);
  return async () => {
    isStopping = true;
    restart?.cancel();
    await begun;
    if (child !== undefined) await end(child, clock);
    rmSync(place.pidFile, { force: true });
  };
}

/** TERM lets the worker drain; KILL ends one that does not. */
async function end(child: ChildProcess, clock: Clock): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const kill = clock.timer(STOP_GRACE_MS, () => child.kill('SIGKILL'));
  await ended;
  kill.cancel();
}

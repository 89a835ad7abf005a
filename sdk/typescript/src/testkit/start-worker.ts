// Starts real worker processes for tests, on the DAG files beside this one.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type FakeExecutor, WORKER_TOKEN } from './fake-executor.ts';
import type { FakeSession } from './fake-session.ts';
import { childrenOf } from './programs.ts';

const WORKER_MAIN = fileURLToPath(new URL('../worker/main.ts', import.meta.url));

/** The DAG files of the tests. */
export const DAGS_FOLDER = fileURLToPath(new URL('./dags', import.meta.url));

/** A worker process of a test. */
export type TestWorker = {
  readonly program: ChildProcess;
  /** Everything it has written to stderr. */
  stderr(): string;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
  /** Process ids of its children. */
  childPids(): number[];
};

/** A worker that is connected and has been welcomed. */
export type Connected = { readonly worker: TestWorker; readonly session: FakeSession };

const started = new Set<TestWorker>();

/** Starts a worker against a fake; `env` adds to its environment. */
export function startWorker(
  fake: FakeExecutor,
  env: Readonly<Record<string, string>> = {},
): TestWorker {
  const program = spawn(process.execPath, [WORKER_MAIN], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DAGMESH_EXECUTOR_ADDRESS: fake.address,
      DAGMESH_WORKER_TOKEN: WORKER_TOKEN,
      DAGMESH_DAGS_FOLDER: DAGS_FOLDER,
      DAGMESH_WORKER_SLOTS: '2',
      ...env,
    },
  });
  let stderr = '';
  program.stderr?.on('data', (bytes) => {
    stderr += bytes;
  });
  const worker: TestWorker = {
    program,
    stderr: () => stderr,
    exit: new Promise((resolve) =>
      program.on('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
    ),
    childPids: () => childrenOf(program.pid ?? 0),
  };
  started.add(worker);
  return worker;
}

/** Starts a worker and welcomes it. */
export async function connectWorker(
  fake: FakeExecutor,
  env: Readonly<Record<string, string>> = {},
  welcome: Parameters<FakeSession['welcome']>[0] = {},
): Promise<Connected> {
  const worker = startWorker(fake, env);
  const session = await fake.session();
  session.welcome(welcome);
  await session.next('credit');
  return { worker, session };
}

/** Ends every worker that is left; call it after each test. */
export async function stopWorkers(): Promise<void> {
  for (const { program } of started) program.kill('SIGKILL');
  await Promise.all([...started].map(({ exit }) => exit));
  started.clear();
}

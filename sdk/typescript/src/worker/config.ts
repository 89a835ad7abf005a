// What a worker is told when it starts: flags first, then the environment, then defaults.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Settings of one worker process. */
export type WorkerConfig = {
  /** host:port of an executor's gRPC door. */
  readonly executorAddress: string;
  /** Proves to the executor that this is a worker; never leaves the supervisor. */
  readonly token: string;
  /** Absolute path of the DAG files. */
  readonly dagsFolder: string;
  /** Absolute path of the checkouts of bundles, `<name>/<version>`. */
  readonly bundlesFolder: string;
  readonly queues: readonly string[];
  /** Attempts that may run at once. */
  readonly slotsMax: number;
  /** Attempts that may share a child; 1 isolates each. */
  readonly attemptsPerChild: number;
  /** Tasks after which a child is replaced. */
  readonly tasksPerChild: number;
  /** New for each start, stable over reconnects. */
  readonly workerId: string;
  /** How long running tasks may go on after the worker was asked to stop. */
  readonly drainGraceMs: number;
  /** How long a child that is not the last may be idle. */
  readonly childIdleMs: number;
  /** Heap limit of a child in MiB; 0 means Node's own. */
  readonly childMemoryMb: number;
};

type Setting = {
  readonly flag: string;
  readonly env: string;
  readonly initial: string;
  readonly why: string;
};

const SETTINGS = {
  executorAddress: {
    flag: 'executor',
    env: 'DAGMESH_EXECUTOR_ADDRESS',
    initial: '127.0.0.1:7103',
    why: 'host:port of an executor',
  },
  dagsFolder: {
    flag: 'dags',
    env: 'DAGMESH_DAGS_FOLDER',
    initial: './dags',
    why: 'folder with the DAG files',
  },
  bundlesFolder: {
    flag: 'bundles',
    env: 'DAGMESH_BUNDLES_FOLDER',
    initial: './bundles',
    why: 'folder with the checkouts of bundles, as the dag-processor of this machine makes them',
  },
  queues: {
    flag: 'queues',
    env: 'DAGMESH_WORKER_QUEUES',
    initial: 'default',
    why: 'queues to serve, separated by commas',
  },
  slotsMax: {
    flag: 'slots',
    env: 'DAGMESH_WORKER_SLOTS',
    initial: '8',
    why: 'tasks that may run at once, 1 to 10000',
  },
  attemptsPerChild: {
    flag: 'attempts-per-child',
    env: 'DAGMESH_WORKER_ATTEMPTS_PER_CHILD',
    initial: '1',
    why: 'tasks that may share a child; 1 isolates each, more suits tasks that only wait for I/O',
  },
  tasksPerChild: {
    flag: 'tasks-per-child',
    env: 'DAGMESH_WORKER_TASKS_PER_CHILD',
    initial: '10000',
    why: 'tasks after which a child is replaced',
  },
  workerId: {
    flag: 'id',
    env: 'DAGMESH_WORKER_ID',
    initial: '',
    why: 'name of this worker; host, pid and a random part by default',
  },
  drainGraceMs: {
    flag: 'drain-grace-ms',
    env: 'DAGMESH_WORKER_DRAIN_GRACE_MS',
    initial: '15000',
    why: 'how long running tasks may go on after SIGTERM',
  },
  childIdleMs: {
    flag: 'child-idle-ms',
    env: 'DAGMESH_WORKER_CHILD_IDLE_MS',
    initial: '30000',
    why: 'how long a child may be idle before it is ended (one is kept warm)',
  },
  childMemoryMb: {
    flag: 'child-memory-mb',
    env: 'DAGMESH_WORKER_CHILD_MEMORY_MB',
    initial: '0',
    why: "heap limit of a child in MiB; 0 means Node's own",
  },
} as const satisfies Record<string, Setting>;

/** The worker's token has no flag: an argument can be read by everybody on the machine. */
const TOKEN_ENV = 'DAGMESH_WORKER_TOKEN';

/**
 * Variables that only the supervisor, or no worker at all, may know; children start without them.
 */
export const SECRET_ENVS: readonly string[] = [
  TOKEN_ENV,
  'DAGMESH_CLUSTER_KEY',
  'DAGMESH_SECRET_KEY',
  'DAGMESH_DATABASE_URL',
  'NATS_URL',
];

const QUEUE = /^[A-Za-z0-9_-]{1,100}$/;
const WORKER_ID = /^[A-Za-z0-9_.~:+@-]{1,250}$/;

/** What the command line asks for: a worker, or the help text. */
export type Command =
  | { readonly kind: 'run'; readonly config: WorkerConfig }
  | { readonly kind: 'help'; readonly text: string };

/** Reads flags and environment. Throws a sentence that names the flag or variable at fault. */
export function readCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Command {
  const flags = readFlags(args);
  if (flags['help'] === true) return { kind: 'help', text: helpText() };
  const text = ({ flag, env: name, initial }: Setting) =>
    String(flags[flag] ?? (env[name] === undefined || env[name] === '' ? initial : env[name]));
  const whole = (setting: Setting, min: number, max: number) =>
    wholeOf(setting, text(setting), { min, max });
  const token = env[TOKEN_ENV] ?? '';
  if (token === '')
    throw new Error(`${TOKEN_ENV} is not set; it holds the token a worker signs in with`);
  const config: WorkerConfig = {
    executorAddress: text(SETTINGS.executorAddress),
    token,
    dagsFolder: resolve(text(SETTINGS.dagsFolder)),
    bundlesFolder: resolve(text(SETTINGS.bundlesFolder)),
    queues: queuesOf(text(SETTINGS.queues)),
    slotsMax: whole(SETTINGS.slotsMax, 1, 10_000),
    attemptsPerChild: whole(SETTINGS.attemptsPerChild, 1, 10_000),
    tasksPerChild: whole(SETTINGS.tasksPerChild, 1, 1_000_000),
    workerId: workerIdOf(text(SETTINGS.workerId)),
    drainGraceMs: whole(SETTINGS.drainGraceMs, 0, 86_400_000),
    childIdleMs: whole(SETTINGS.childIdleMs, 0, 86_400_000),
    childMemoryMb: whole(SETTINGS.childMemoryMb, 0, 1_048_576),
  };
  return { kind: 'run', config };
}

function readFlags(args: readonly string[]): Record<string, string | boolean | undefined> {
  const options = Object.fromEntries(
    Object.values(SETTINGS).map(({ flag }) => [flag, { type: 'string' as const }]),
  );
  return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } }).values;
}

function helpText(): string {
  const lines = Object.values(SETTINGS).map(({ flag, env, initial, why }) => {
    const initially = initial === '' ? '' : ` (default ${initial})`;
    return `  --${flag.padEnd(20)} ${why}${initially}\n    ${env}`;
  });
  return [
    'Usage: dagmesh-worker-ts [flags]',
    '',
    'Runs the TypeScript tasks of a DagMesh installation. Each flag can be a variable instead:',
    '',
    ...lines,
    '',
    `${TOKEN_ENV} must hold the worker token; it has no flag, since others can see arguments.`,
  ].join('\n');
}

function wholeOf(setting: Setting, text: string, limits: { min: number; max: number }): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= limits.min && value <= limits.max) return value;
  throw new Error(
    `--${setting.flag} (${setting.env}) is "${text}"; ` +
      `it must be a whole number from ${limits.min} to ${limits.max}`,
  );
}

function queuesOf(text: string): string[] {
  const queues = [...new Set(text.split(',').map((queue) => queue.trim()))].filter((q) => q !== '');
  const bad = queues.find((queue) => !QUEUE.test(queue));
  if (bad !== undefined || queues.length < 1 || queues.length > 100) {
    throw new Error(
      `--queues (DAGMESH_WORKER_QUEUES) is "${text}"; write 1 to 100 names of A-Z a-z 0-9 _ -`,
    );
  }
  return queues;
}

function workerIdOf(text: string): string {
  const id = text === '' ? `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}` : text;
  if (WORKER_ID.test(id)) return id;
  throw new Error(`--id (DAGMESH_WORKER_ID) is "${id}"; use 1 to 250 of A-Z a-z 0-9 _ . ~ : + @ -`);
}

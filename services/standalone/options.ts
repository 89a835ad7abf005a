// The command line of `standalone`.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const repository = fileURLToPath(new URL('../..', import.meta.url));

export type StandaloneOptions = {
  /** Folder of data, logs and secrets. */
  readonly home: string;
  /** Folder of DAG files. */
  readonly dagsFolder: string;
  /** Port of the public door; the next free one is taken when it is not free. 0 means any. */
  readonly port: number;
  readonly workerPort: number;
  readonly workerHttpPort: number;
  /** Slots of the TypeScript worker and of the Python worker. */
  readonly slots: number;
  /** Run the showcase, then stop with exit code 0. */
  readonly isDemo: boolean;
  readonly hasShowcase: boolean;
  readonly hasWorkers: boolean;
  /** False lets PostgreSQL answer before its data is on disk: for tests. */
  readonly isDurable: boolean;
};

export const usage = `usage: npm start -- [options]

Starts every service of DagMesh in one process, on an embedded PostgreSQL and a real nats-server, with a TypeScript
and a Python worker beside it. Runs the showcase pipeline and stays up until Ctrl-C.

  --home FOLDER            data, logs and secrets           (default .dagmesh)
  --dags FOLDER            DAG files                        (default dags)
  --port PORT              public door                      (default 7100)
  --worker-port PORT       gRPC door for workers            (default 7103)
  --worker-http-port PORT  HTTP door for workers            (default 7104)
  --slots N                task slots of each worker        (default 8)
  --demo                   end with exit code 0 once the showcase has succeeded
  --no-showcase            do not run the showcase
  --no-workers             start no workers
  --no-fsync               do not wait for the disk: for tests, loses data in a power cut
  --help                   this text
`;

/** A command line that cannot be understood; the message says why. */
export class UsageError extends Error {}

/** Reads the arguments; undefined means that the usage was asked for. */
export function parseOptions(args: readonly string[]): StandaloneOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  return {
    home: resolve(values.home ?? join(repository, '.dagmesh')),
    dagsFolder: resolve(values.dags ?? join(repository, 'dags')),
    port: wholeNumber('--port', values.port, { default: 7100, max: 65535 }),
    workerPort: wholeNumber('--worker-port', values['worker-port'], { default: 7103, max: 65535 }),
    workerHttpPort: wholeNumber('--worker-http-port', values['worker-http-port'], {
      default: 7104,
      max: 65535,
    }),
    slots: Math.max(1, wholeNumber('--slots', values.slots, { default: 8, max: 1000 })),
    isDemo: values.demo ?? false,
    hasShowcase: !(values['no-showcase'] ?? false),
    hasWorkers: !(values['no-workers'] ?? false),
    isDurable: !(values['no-fsync'] ?? false),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        home: { type: 'string' },
        dags: { type: 'string' },
        port: { type: 'string' },
        'worker-port': { type: 'string' },
        'worker-http-port': { type: 'string' },
        slots: { type: 'string' },
        demo: { type: 'boolean' },
        'no-showcase': { type: 'boolean' },
        'no-workers': { type: 'boolean' },
        'no-fsync': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function wholeNumber(
  flag: string,
  raw: string | undefined,
  limits: { readonly default: number; readonly max: number },
): number {
  if (raw === undefined) return limits.default;
  const value = Number(raw);
  if (/^\d+$/.test(raw) && value <= limits.max) return value;
  throw new UsageError(`${flag} takes a whole number from 0 to ${limits.max}, not "${raw}"`);
}

// The whole system for end-to-end tests, in either of its forms: separate processes ("mesh") or one
// ("standalone"). Both answer the same questions, so one suite runs on both.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DescService } from '@bufbuild/protobuf';
import { createEdgeClient } from '#kernel/rpc/edge-client.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { startSeparate } from './mesh-separate.ts';
import { startTogether } from './mesh-together.ts';
import { type Program, tailsOf } from './program.ts';

export type MeshMode = 'mesh' | 'standalone';

export type MeshOptions = {
  readonly mode: MeshMode;
  /** Folder of DAG files. */
  readonly dagsFolder: string;
  /** Extra environment of every program, e.g. shorter timings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Workers to start; default one TypeScript worker on `default`. */
  readonly workers?: readonly WorkerOptions[];
  /** True keeps fsync on: for measurements. Default false. */
  readonly isDurable?: boolean;
};

/** Options, or what makes them once the mesh's folder is there, for files that end with it. */
export type MeshPlan = MeshOptions | ((folder: string) => MeshOptions);

/** What starts one of the forms; all that it starts is deferred to `ends`, also when it fails. */
export type MeshStart = (
  options: MeshOptions & { readonly folder: string },
  ends: AsyncDisposableStack,
) => Promise<MeshParts>;

export type WorkerOptions = {
  readonly language: 'typescript' | 'python' | 'bash';
  readonly queues?: string;
  readonly slots?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** What both forms must offer. */
export type MeshParts = {
  readonly apiUrl: string;
  readonly adminToken: string;
  /** URL of the mesh's own database, for looking behind the scenes. */
  readonly databaseUrl: string;
  /** Address (host:port) and token for further workers. */
  readonly workerDoor: {
    readonly address: string;
    readonly httpUrl: string;
    readonly token: string;
  };
  /** Every program by name: `scheduler`, `worker-typescript-0`, … or `standalone`. */
  readonly programs: ReadonlyMap<string, Program>;
  readonly postgres: { readonly pid: number; crash(): Promise<void>; restart(): Promise<void> };
  readonly nats: {
    readonly url: string;
    readonly pid: number;
    kill(): Promise<void>;
    restart(options?: { readonly wipe: boolean }): Promise<void>;
  };
  /** Adds a service, with settings of its own if need be; mesh mode only. */
  startAnother(
    service: 'scheduler' | 'triggerer' | 'dag-processor',
    env?: Readonly<Record<string, string>>,
  ): Promise<Program>;
};

export type TestMesh = MeshParts & {
  readonly mode: MeshMode;
  /** Its own folder, which is removed when it stops. */
  readonly folder: string;
  /** A client of the public door, signed in as admin. */
  client<S extends DescService>(service: S): Client<S>;
  program(name: string): Program;
  /** The ends of all logs, for the message of a failed test. */
  tails(): string;
  stop(): Promise<void>;
};

/** Root of the repository. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The DAG folder that most tests run. */
export const fixtureDags = join(repository, 'tests', 'fixtures', 'dags');

/**
 * Settings of the test profile: timings divided by ten, so that a fast test proves a slow bound.
 * Leases hold longer, because on a busy machine a worker may get no turn for seconds.
 */
export const fastTimings = {
  DAGMESH_HEARTBEAT_MS: '500',
  DAGMESH_LEASE_TTL_MS: '4000',
  DAGMESH_SWEEP_MS: '100',
  DAGMESH_KILL_GRACE_MS: '1000',
  DAGMESH_RERING_MS: '500',
  DAGMESH_RECONCILE_MS: '1000',
} as const;

/**
 * Starts the system in a temporary folder and waits until it answers. A start that fails ends what
 * it has started.
 */
export async function startMesh(plan: MeshPlan): Promise<TestMesh> {
  const folder = mkdtempSync(join(tmpdir(), 'dagmesh-test-'));
  // PostgreSQL runs as another account than root and must get through.
  chmodSync(folder, 0o755);
  const ends = new AsyncDisposableStack();
  ends.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  try {
    const options = typeof plan === 'function' ? plan(folder) : plan;
    const start = options.mode === 'mesh' ? startSeparate : startTogether;
    const parts = await start({ ...options, folder }, ends);
    return meshOf(parts, { mode: options.mode, folder, stop: () => ends.disposeAsync() });
  } catch (error) {
    await ends.disposeAsync();
    throw error;
  }
}

function meshOf(parts: MeshParts, own: Pick<TestMesh, 'mode' | 'folder' | 'stop'>): TestMesh {
  return {
    ...parts,
    ...own,
    client: (service) => createEdgeClient(service, { url: parts.apiUrl, token: parts.adminToken }),
    program: (name) => {
      const program = parts.programs.get(name);
      if (program === undefined) {
        throw new Error(`no program ${name}; there are ${[...parts.programs.keys()].join(', ')}`);
      }
      return program;
    },
    tails: () => tailsOf(parts.programs.values()),
  };
}

/**
 * Makes a DAG folder that a test may change, with copies of files of `fixtureDags`; answers its
 * path. As in a user's project the SDK is where npm put it.
 */
export function ownDags(folder: string, ...fixtures: readonly string[]): string {
  const dagsFolder = join(folder, 'dags');
  mkdirSync(dagsFolder);
  symlinkSync(join(repository, 'node_modules'), join(dagsFolder, 'node_modules'));
  for (const file of fixtures) {
    copyFileSync(join(fixtureDags, file), join(dagsFolder, basename(file)));
  }
  return dagsFolder;
}

/** Reads a text file; undefined when there is none yet. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

// For tests: runs `dagmesh` as a real process, as a person's shell would.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type FakeMesh, startFakeMesh } from '../../tests/kit/fake-mesh.ts';
import { tokenOf } from '../../tests/kit/fake-world.ts';

/** How it ended and what it said. */
export type CliResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A process under way. */
export type RunningCli = {
  /** What it has said so far. */
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<CliResult>;
};

/** How it is called. */
export type CliOptions = {
  /** Of the api; none means that of a machine without DagMesh. */
  readonly url?: string;
  /** Whose token it has; '' means none. Default `admin`. */
  readonly role?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
};

const EXECUTABLE = fileURLToPath(new URL('dagmesh.mjs', import.meta.url));
/** A home without a standalone. */
const NO_HOME = '/nonexistent';

/** Starts it; its environment holds what is given here, and nothing of whoever runs the tests. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const { url, role = 'admin', stdin = '', env } = options;
  const child = spawn(process.execPath, [EXECUTABLE, ...args], {
    env: {
      TZ: 'UTC',
      DAGMESH_HOME: NO_HOME,
      ...(url === undefined ? {} : { DAGMESH_API: url }),
      ...(role === '' ? {} : { DAGMESH_TOKEN: tokenOf(role) }),
      ...env,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  // It may end without having read what it was given.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const ended = new Promise<CliResult>((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    signal: (name) => void child.kill(name),
    ended,
  };
}

/** Runs it to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).ended;
}

/** A fake mesh for the tests of a file, and the command line on it. */
export function useMesh() {
  let mesh: FakeMesh;
  beforeAll(async () => {
    mesh = await startFakeMesh();
  });
  afterAll(() => mesh.stop());
  beforeEach(() => {
    mesh.asked.length = 0;
  });
  return {
    /** There from the first test on. */
    mesh: (): FakeMesh => mesh,
    /** Runs a line, split at spaces. */
    dagmesh: (line: string, options: CliOptions = {}): Promise<CliResult> =>
      runCli(line.split(' '), { url: mesh.url, ...options }),
    /** The first request that services got for an RPC in this test. */
    asked: (rpc: string) => mesh.asked.find((one) => one.rpc === rpc)?.request,
  };
}

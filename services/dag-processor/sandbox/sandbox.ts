// Puts the sandbox together: where its readers are, and what keeps them apart from this machine.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../deploy/launch/cache.mjs';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#kernel/clock/clock.ts';
import type { ParseLimits } from '../core/explain-outcome.ts';
import type { Events } from '../events.ts';
import { createAttempt } from './attempt.ts';
import type { Readers } from './command.ts';
import { createFileReader, type FileReader } from './file-reader.ts';
import { type Attempt, describeIsolation, type Isolation, probeIsolation } from './isolation.ts';
import { limitResources } from './resource-limits.ts';
import { createPythonCheck, pythonProgram, pythonStarts } from './python.ts';

/** What the sandbox needs to know. */
export type SandboxOptions = {
  /** The DAG folder, absolute. */
  readonly root: string;
  /** The Python asked for; undefined: look for one. */
  readonly python: string | undefined;
  readonly limits: ParseLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

/** Reads files apart from everything else. */
export type Sandbox = {
  readonly read: FileReader;
  /**
   * Finds out what isolation is permitted here, and tells it; the first reading does so otherwise.
   */
  probe(): Promise<void>;
};

const COMPILE_CACHE = join(cacheFolder, 'compiled');
const CHILD_FOLDER = fileURLToPath(new URL('../child', import.meta.url));
const PYTHON_PACKAGES = fileURLToPath(new URL('../../../sdk/python', import.meta.url));

/** A sandbox; costs nothing before it is probed or used. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { clock, events } = options;
  const python = pythonProgram(options.python);
  const attempt = createAttempt(clock, {
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    PYTHONPATH: PYTHON_PACKAGES,
    PYTHONDONTWRITEBYTECODE: '1',
  });
  const readers: Readers = {
    nodeProgram: process.execPath,
    childFolder: CHILD_FOLDER,
    compileCache: COMPILE_CACHE,
    pythonProgram: python,
    pythonPackages: PYTHON_PACKAGES,
  };
  const probe = async () => {
    const compiled = compileChildren(attempt);
    const isolation = await probeIsolation({
      attempt,
      isRoot: process.getuid?.() === 0,
      root: options.root,
      nodeReads: [join(CHILD_FOLDER, 'parse-typescript.ts'), ...sdkFiles()],
      limitsResources: limitResources(options.limits, {
        hasBoundedAddresses: true,
        hasOwnUser: true,
      }),
      pythonStarts: pythonStarts(python),
    });
    events.isolationProbed(describeIsolation(isolation));
    await compiled;
    return isolation;
  };
  let probed: Promise<Isolation> | undefined;
  const isolation = () => {
    probed ??= probe();
    return probed;
  };
  const lackOfPython = createPythonCheck(python, attempt);
  return {
    read: createFileReader({ ...options, readers, isolation, lackOfPython }),
    async probe() {
      // Who may read a folder that is not there yet shows when its first file is read.
      if (existsSync(options.root)) await isolation();
    },
  };
}

// Started without a file, a child only loads its own code. That takes longer than reading most
// files, so it is done once and kept.
async function compileChildren(attempt: Attempt): Promise<void> {
  const scripts = ['parse-typescript.ts', 'parse-yaml.ts'];
  await Promise.all(scripts.map((name) => attempt([process.execPath, join(CHILD_FOLDER, name)])));
}

// The SDK of this mesh, which DAG files find when none is installed beside them.
function sdkFiles(): readonly string[] {
  try {
    return [fileURLToPath(import.meta.resolve('@dagmesh/sdk'))];
  } catch {
    return [];
  }
}

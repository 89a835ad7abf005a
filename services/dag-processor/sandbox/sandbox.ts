// Puts the sandbox together: where its readers are, and what keeps them apart from this machine.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../deploy/launch/cache.mjs';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#kernel/clock/clock.ts';
import type { DagLimits } from '../core/check/dag-view.ts';
import type { ParseLimits } from '../core/reading/explain-outcome.ts';
import type { Events } from '../events.ts';
import { createAttempt } from './attempt.ts';
import type { Readers } from './command.ts';
import { createFileReader, type FileReader } from './file-reader.ts';
import { type Attempt, describeIsolation, type Isolation, probeIsolation } from './isolation.ts';
import { limitResources } from './resource-limits.ts';
import { createPythonCheck, pythonProgram, pythonStarts } from './python.ts';

/** What the sandbox needs to know. */
export type SandboxOptions = {
  /** The Python asked for; undefined: look for one. */
  readonly python: string | undefined;
  readonly limits: ParseLimits;
  readonly dagLimits: DagLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

/** Reads files apart from everything else. */
export type Sandbox = {
  readonly read: FileReader;
  /**
   * Finds out what isolation is permitted for files of a folder, and tells it; the first reading
   * does so otherwise.
   */
  probe(root: string): Promise<void>;
};

const FOLDERS_MAX = 200;
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
  const compiled = once(() => compileChildren(attempt));
  let told = '';
  const probe = async (root: string) => {
    const compiling = compiled();
    const isolation = await probeIsolation({
      attempt,
      isRoot: process.getuid?.() === 0,
      root,
      nodeReads: [join(CHILD_FOLDER, 'parse-typescript.ts'), ...sdkFiles()],
      limitsResources: limitResources(options.limits, {
        hasBoundedAddresses: true,
        hasOwnUser: true,
      }),
      pythonStarts: pythonStarts(python),
    });
    const inForce = describeIsolation(isolation);
    // For most folders it is what it was for the last one.
    if (told !== JSON.stringify(inForce)) events.isolationProbed(inForce);
    told = JSON.stringify(inForce);
    await compiling;
    return isolation;
  };
  const probed = new Map<string, Promise<Isolation>>();
  const isolation = (root: string) => {
    const known = probed.get(root) ?? probe(root);
    // Each version of a bundle is a folder, and old ones are not asked for again.
    if (probed.size >= FOLDERS_MAX) probed.clear();
    probed.set(root, known);
    return known;
  };
  const lackOfPython = createPythonCheck(python, attempt);
  return {
    read: createFileReader({ ...options, readers, isolation, lackOfPython }),
    async probe(root) {
      // Who may read a folder that is not there yet shows when its first file is read.
      if (existsSync(root)) await isolation(root);
    },
  };
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
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

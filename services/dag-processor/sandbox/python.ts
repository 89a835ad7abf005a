// Finds the Python that reads .py files, and says what is missing when there is none.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../deploy/launch/cache.mjs';
import type { Attempt } from './isolation.ts';

/** The interpreter: the one asked for, else the one in our cache, else `python3`. */
export function pythonProgram(wanted: string | undefined): string {
  if (wanted !== undefined) return wanted;
  const cached = join(cacheFolder, 'python', 'bin', 'python');
  return existsSync(cached) ? cached : 'python3';
}

/** The command that shows whether an interpreter can read DAG files. */
export function pythonStarts(program: string): readonly string[] {
  return [program, '-c', 'import dagmesh.parse, google.protobuf'];
}

/**
 * Answers what is missing to read Python files; undefined when nothing is. Tries once the first
 * time it is asked, and again each time as long as something is missing.
 */
export function createPythonCheck(
  program: string,
  attempt: Attempt,
): () => Promise<string | undefined> {
  let isReady = false;
  return async () => {
    isReady ||= await attempt(pythonStarts(program));
    return isReady ? undefined : lackOf(program);
  };
}

function lackOf(program: string): string {
  const needs = 'Python 3.9 or newer with the packages of sdk/python/requirements.txt';
  const install = 'python3 -m pip install -r sdk/python/requirements.txt';
  return (
    `Python files need ${needs}, and ${program} is not that; install them (\`${install}\`), ` +
    'or set DAGMESH_PYTHON to a Python that has them, then save the file again'
  );
}

// The DAGs of a DAG file, for tests that stand beside it.
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { dagsOf, type ModuleExports } from '../author/collect.ts';
import type { Dag } from '../author/dag.ts';
import { TestDagError } from './simulator.ts';

const read = new Map<string, Promise<readonly Dag[]>>();
let reading: Promise<unknown> = Promise.resolve();

/**
 * The DAGs that a file exports or declares: `dagsIn(new URL('../sales.ts', import.meta.url))`. A
 * path that is not absolute is one from the folder of the process. Rejects with what importing the
 * file throws, and with a TestDagError when there is no DAG in it.
 */
export function dagsIn(file: string | URL): Promise<readonly Dag[]> {
  const path = file instanceof URL ? fileURLToPath(file) : resolve(file);
  // A file declares its DAGs only once, when it is first imported; one at a time, so that each file
  // is given its own.
  const known = read.get(path) ?? reading.then(() => readDags(path));
  reading = known.catch(() => undefined);
  read.set(path, known);
  return known;
}

async function readDags(path: string): Promise<readonly Dag[]> {
  const exports: ModuleExports = await import(pathToFileURL(path).href);
  const dags = dagsOf(exports, { file: path });
  if (dags.length > 0) return dags;
  throw new TestDagError(
    'dag_not_found',
    `there is no DAG in ${path}; one of a file that was imported before must be exported`,
  );
}

// Finds the code behind a handler name, importing each DAG file once; a changed file asks for a
// fresh child.
import { realpathSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { dagsOf, type ModuleExports } from '../../author/collect.ts';
import { draftOfDag } from '../../author/dag.ts';
import { isTemplate } from '../../author/template.ts';
import type { TaskBody } from '../../task/context.ts';

/** What is behind a handler name. */
export type Found =
  | { readonly kind: 'body'; readonly body: TaskBody<never> }
  /** A file this child has imported was changed; only a fresh child sees the new version. */
  | { readonly kind: 'outdated' }
  /** Nothing, and why, in a sentence for a person. */
  | { readonly kind: 'missing'; readonly sentence: string };

/** Which code is wanted. */
export type Wanted = {
  readonly handler: string;
  /** Absolute path of the DAG files. */
  readonly dagsFolder: string;
  readonly dagId: string;
  readonly taskId: string;
};

/** Finds handlers. Rejects with whatever importing the file throws. */
export type Loader = { find(wanted: Wanted): Promise<Found> };

type DagFile = {
  readonly exports: ModuleExports;
  /** The code of tasks by `<dag_id>.<task_id>`, and other functions by the names of their DAGs. */
  readonly bodies: ReadonlyMap<string, TaskBody<never>>;
};

/** Imported files beyond this many are not watched for changes. */
const WATCHED_MAX = 1_000;

/** A loader; call it once in a child. */
export function createLoader(): Loader {
  const folders = new Set<string>();
  const versions = watchImports(folders);
  const files = new Map<string, Promise<DagFile>>();
  let importing: Promise<unknown> = Promise.resolve();

  /** One import at a time, so that each file is given exactly the DAGs it declares. */
  const load = (path: string, file: string): Promise<DagFile> => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const loading = importing.then(() => importDagFile(path, file));
    importing = loading.catch(() => undefined);
    files.set(path, loading);
    return loading;
  };

  return {
    find: async (wanted) => {
      for (const [path, version] of versions)
        if (versionOf(path) !== version) return { kind: 'outdated' };
      const colon = wanted.handler.indexOf(':');
      const file = wanted.handler.slice(0, Math.max(colon, 0));
      const folder = realpathSync(wanted.dagsFolder);
      folders.add(folder);
      const path = pathWithin(folder, file);
      if (path === undefined) return missingFile(wanted.handler, folder);
      return bodyIn(await load(path, file), wanted, wanted.handler.slice(colon + 1));
    },
  };
}

/**
 * Notes the version of each file of the folders that gets imported, and lets every DAG file find
 * this very SDK.
 */
function watchImports(folders: ReadonlySet<string>): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  const sdk = new URL('../../index.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@dagmesh/sdk' ? { url: sdk, shortCircuit: true } : next(specifier, context),
    load: (url, context, next) => {
      const path = url.startsWith('file:') ? fileURLToPath(url) : '';
      const isWithin = [...folders].some((folder) => path.startsWith(folder + sep));
      const isAuthors = isWithin && !path.includes(`${sep}node_modules${sep}`);
      if (isAuthors && versions.size < WATCHED_MAX) versions.set(path, versionOf(path));
      return next(url, context);
    },
  });
  return versions;
}

function versionOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'gone' : `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
}

async function importDagFile(path: string, file: string): Promise<DagFile> {
  const exports: ModuleExports = await import(pathToFileURL(path).href);
  const bodies = new Map<string, TaskBody<never>>();
  for (const dag of dagsOf(exports, { file })) {
    const { tasks, functions } = draftOfDag(dag);
    for (const [taskId, { work }] of tasks) {
      if (work.kind === 'body') bodies.set(`${dag.dagId}.${taskId}`, work.body);
    }
    for (const [named, name] of functions) bodies.set(name, named as TaskBody<never>);
  }
  return { exports, bodies };
}

function bodyIn({ exports, bodies }: DagFile, wanted: Wanted, name: string): Found {
  const inline = name === `${wanted.dagId}.${wanted.taskId}` ? bodies.get(name) : undefined;
  const exported = Object.hasOwn(exports, name) ? exports[name] : undefined;
  const body = inline ?? (isTemplate(exported) ? exported.body : exported) ?? bodies.get(name);
  if (typeof body === 'function') return { kind: 'body', body: body as TaskBody<never> };
  const sentence =
    `The handler "${wanted.handler}" names no task: the file neither exports a function ` +
    `"${name}" nor declares a DAG with it. Correct the handler, or bring this worker's copy of ` +
    'the file up to date.';
  return { kind: 'missing', sentence };
}

function missingFile(handler: string, folder: string): Found {
  const sentence =
    `The handler "${handler}" names no file in this worker's DAG folder ${folder}. ` +
    'It must read <file>:<name>; copy the file there, or set DAGMESH_DAGS_FOLDER.';
  return { kind: 'missing', sentence };
}

/** The file's real path, unless it does not exist or lies outside the folder. */
function pathWithin(folder: string, file: string): string | undefined {
  try {
    const path = realpathSync(resolve(folder, file));
    return path.startsWith(folder + sep) ? path : undefined;
  } catch {
    return undefined;
  }
}

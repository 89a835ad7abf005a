// Which command reads a DAG file: the language's reader, inside every limit that is in force.
import type { DagLanguage } from '../core/file/dag-source.ts';
import type { ParseLimits } from '../core/reading/explain-outcome.ts';
import { asUser, type Isolation } from './isolation.ts';
import { limitResources } from './resource-limits.ts';

/** Where the readers and what they need are. All paths are absolute. */
export type Readers = {
  readonly nodeProgram: string;
  /** Folder of the readers written in TypeScript. */
  readonly childFolder: string;
  readonly pythonProgram: string;
  /** Where Node keeps compiled code; children that gave up their user cannot write there. */
  readonly compileCache: string;
  /** Folder that holds the Python package `dagmesh`. */
  readonly pythonPackages: string;
};

/** Which file is read, and by which of the children at work. */
export type ReadOrder = {
  readonly language: DagLanguage;
  /** Both absolute. */
  readonly file: string;
  readonly root: string;
  /** 0, 1, …: no two children at work have the same. */
  readonly slot: number;
};

/** A command with its whole environment. */
export type Command = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

const MIB = 1024 * 1024;
/** The command for an order. Its environment holds nothing of ours. */
export function readCommand(
  order: ReadOrder,
  readers: Readers,
  isolation: Isolation,
  limits: ParseLimits,
): Command {
  const isPython = order.language === 'python';
  const firstUid = isPython ? isolation.pythonUid : isolation.nodeUid;
  const uid = firstUid === undefined ? undefined : firstUid + order.slot;
  const argv = [
    ...isolation.namespaces,
    ...(isolation.hasResourceLimits
      ? limitResources(limits, { hasBoundedAddresses: isPython, hasOwnUser: uid !== undefined })
      : []),
    ...(isolation.hasNoNewPrivileges ? ['setpriv', '--no-new-privs'] : []),
    ...(isPython
      ? pythonReader(order, readers, uid)
      : nodeReader(order, readers, { uid, memoryMaxBytes: limits.memoryMaxBytes })),
  ];
  return { argv, env: environment(order, readers) };
}

// Node is started as we are and gives up its user before it opens the DAG file, because its own
// program may lie where no other user can read (a home folder, say).
function nodeReader(
  { language, file, root }: ReadOrder,
  { nodeProgram, childFolder }: Readers,
  { uid, memoryMaxBytes }: { readonly uid: number | undefined; readonly memoryMaxBytes: number },
): readonly string[] {
  const script = language === 'yaml' ? 'parse-yaml.ts' : 'parse-typescript.ts';
  const heapMib = Math.floor((memoryMaxBytes / MIB) * 0.75);
  const reader = [nodeProgram, `--max-old-space-size=${heapMib}`, `${childFolder}/${script}`];
  return [...reader, file, root, ...(uid === undefined ? [] : [String(uid)])];
}

function pythonReader(
  { file, root }: ReadOrder,
  { pythonProgram }: Readers,
  uid: number | undefined,
): readonly string[] {
  const reader = [pythonProgram, '-m', 'dagmesh.parse', file, '--root', root];
  return uid === undefined ? reader : [...asUser(uid), ...reader];
}

function environment({ language, root }: ReadOrder, readers: Readers): Record<string, string> {
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    DAGMESH_DAGS_FOLDER: root,
  };
  if (language !== 'python') return { ...env, NODE_COMPILE_CACHE: readers.compileCache };
  return {
    ...env,
    PYTHONPATH: readers.pythonPackages,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
    PYTHONUTF8: '1',
  };
}

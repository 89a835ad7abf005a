// Which files of the DAG folder a DAG file imports: a change of theirs is a change of its own.
import { posix } from 'node:path';
import { type DagSource, languageOf } from './dag-source.ts';

/** How many imports of one file are followed. */
const IMPORTS_MAX = 500;

const TYPESCRIPT_IMPORT =
  /\b(?:from|import|require)\s{0,40}\(?\s{0,40}["'](\.{1,2}\/[^"'\n]{1,500})["']/g;
const PYTHON_IMPORT =
  /^[ \t]*(?:from[ \t]+([.\w]{1,500})[ \t]+import[ \t]+(\([^()]{0,20000}\)|[\w, \t*]*)|import[ \t]+([\w., \t]{1,500}))/gm;

/**
 * Paths, relative to the DAG folder, that the file may import; some may not exist. Imports put
 * together at run time, and those of installed packages, are not seen.
 */
export function localImports(source: DagSource): readonly string[] {
  const folder = posix.dirname(source.path);
  const language = languageOf(source.path);
  const paths = new Set<string>();
  if (language === 'typescript') {
    for (const [, specifier = ''] of source.text.matchAll(TYPESCRIPT_IMPORT)) {
      paths.add(posix.join(folder, specifier));
    }
  } else if (language === 'python') {
    for (const [, from, names = '', modules = ''] of source.text.matchAll(PYTHON_IMPORT)) {
      for (const path of pythonPaths(folder, { from, names, modules })) paths.add(path);
    }
  }
  return [...paths].filter((path) => !path.startsWith('../')).slice(0, IMPORTS_MAX);
}

type PythonImport = { from: string | undefined; names: string; modules: string };

function pythonPaths(folder: string, { from, names, modules }: PythonImport): string[] {
  if (from === undefined) {
    return namesIn(modules).flatMap((module) => modulePaths('', module));
  }
  const dots = /^\.*/.exec(from)?.[0].length ?? 0;
  const start = dots === 0 ? '' : posix.join(folder, '../'.repeat(dots - 1));
  const module = from.slice(dots);
  // `from package import name` may take a module out of the package.
  const members = namesIn(names).flatMap((name) =>
    modulePaths(start, module === '' ? name : `${module}.${name}`),
  );
  return [...(module === '' ? [] : modulePaths(start, module)), ...members];
}

/** Python runs the packages around a module before the module. */
function modulePaths(folder: string, module: string): string[] {
  const names = module.split('.');
  const packages = names.map((_, at) => posix.join(folder, ...names.slice(0, at + 1)));
  const inits = packages.map((path) => `${path}/__init__.py`);
  return [...inits.slice(0, -1), `${packages.at(-1)}.py`, ...inits.slice(-1)];
}

/** `a, b as c` names a and b; in brackets it may take many lines, with comments. */
function namesIn(list: string): string[] {
  return list
    .replaceAll(/#.*/g, '')
    .split(',')
    .map((name) => /[\w.]+/.exec(name)?.[0] ?? '')
    .filter((name) => name !== '');
}

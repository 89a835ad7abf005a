// A DAG file as text: its path, its language, and where in it something stands.

/** The languages a DAG file may be written in. */
export type DagLanguage = 'typescript' | 'python' | 'yaml';

/** A DAG file's text. */
export type DagSource = {
  /** Relative to the DAG folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
};

/** The language of a path by its ending; undefined for what is no source file, such as `.d.ts`. */
export function languageOf(path: string): DagLanguage | undefined {
  if (path.endsWith('.ts')) return path.endsWith('.d.ts') ? undefined : 'typescript';
  if (path.endsWith('.py')) return 'python';
  return path.endsWith('.yaml') || path.endsWith('.yml') ? 'yaml' : undefined;
}

/** What a file cannot declare DAGs without: the SDK's name or, in YAML, a key. */
const DECLARES = { typescript: /dagmesh/, python: /dagmesh/, yaml: /dag_id/ } as const;

/**
 * Whether a text may declare DAGs by itself. One that may not is, at most, used by files that do.
 */
export function mayDeclareDags({ path, text }: DagSource): boolean {
  const language = languageOf(path);
  return language !== undefined && DECLARES[language].test(text);
}

/**
 * The line (from 1) of the n-th place (from 1) where a text stands in a file; undefined when there
 * is none.
 */
export function lineOf(source: DagSource, text: string, nth = 1): number | undefined {
  let at = -1;
  for (let found = 0; found < nth; found++) {
    at = text === '' ? -1 : source.text.indexOf(text, at + 1);
    if (at < 0) return undefined;
  }
  return source.text.slice(0, at).split('\n').length;
}

/**
 * The line where a name stands in quotes or as a YAML value; undefined when it is put together at
 * run time.
 */
export function lineOfName(source: DagSource, name: string, nth = 1): number | undefined {
  for (const quoted of [`'${name}'`, `"${name}"`, `: ${name}`, `\`${name}\``]) {
    const line = lineOf(source, quoted, nth);
    if (line !== undefined) return line;
  }
  return undefined;
}

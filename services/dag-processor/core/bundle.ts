// Bundles: the places that DAG files come from, as an operator lists them, and the paths they have.

/** Where the files of a bundle come from. */
export type BundleConfig =
  /** A folder on this machine, watched as it is. */
  | { readonly kind: 'folder'; readonly name: string; readonly path: string }
  /** A git repository, of which each new commit is checked out. */
  | {
      readonly kind: 'git';
      readonly name: string;
      /** Anything that git can fetch from. */
      readonly url: string;
      /** A branch, a tag or a commit. */
      readonly ref: string;
      /** What of the repository is checked out, with forward slashes; empty means all of it. */
      readonly subfolder: string;
      /** How often it is asked for new commits. */
      readonly refreshMs: number;
    };

/** The files of a bundle as they are at one time. */
export type Tree = {
  /** Empty for the DAG folder. */
  readonly bundleName: string;
  /** A commit, or `current` for a folder; empty for the DAG folder. */
  readonly version: string;
  /** Absolute. */
  readonly root: string;
};

/** The version of a bundle whose files change in place. */
export const CURRENT = 'current';

const BUNDLES_MAX = 100;
const REFRESH_DEFAULT_S = 60;
const REFRESH_MAX_S = 86_400;
const SEPARATOR = '://';

/**
 * The path by which the catalog knows a file: that in the DAG folder as it is, that in a bundle
 * behind the bundle's name. No path in a folder has two slashes in a row, so none is taken for the
 * other.
 */
export function catalogPath(bundleName: string, path: string): string {
  return bundleName === '' ? path : `${bundleName}${SEPARATOR}${path}`;
}

/** A bundle as people call it. */
export function describeBundle(bundleName: string): string {
  return bundleName === '' ? 'the DAG folder' : `bundle "${bundleName}"`;
}

/** A path of the catalog in its parts. */
export function splitCatalogPath(path: string): {
  readonly bundleName: string;
  readonly path: string;
} {
  const at = path.indexOf(SEPARATOR);
  if (at < 0) return { bundleName: '', path };
  return { bundleName: path.slice(0, at), path: path.slice(at + SEPARATOR.length) };
}

/**
 * Reads a JSON list of `{name, kind: "folder", path}` and `{name, kind: "git", url, ref, subfolder,
 * refresh_seconds}`. Throws a sentence that says which bundle is wrong, and how.
 */
export function parseBundles(json: string): readonly BundleConfig[] {
  let listed: unknown;
  try {
    listed = JSON.parse(json);
  } catch (error) {
    throw new Error(`is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!Array.isArray(listed)) throw new Error('is no list');
  if (listed.length > BUNDLES_MAX) throw new Error(`lists more than ${BUNDLES_MAX} bundles`);
  const bundles = listed.map(parseBundle);
  const names = bundles.map(({ name }) => name);
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  if (twin !== undefined) throw new Error(`has two bundles "${twin}"`);
  return bundles;
}

/** The keys of each kind; those with a question mark may be left out. */
const KEYS = {
  folder: ['name', 'kind', 'path'],
  git: ['name', 'kind', 'url', 'ref', 'subfolder?', 'refresh_seconds?'],
} as const;

/** What texts must look like. What begins with a dash would be an option of git. */
const RULES = {
  name: [/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/, 'a name of letters and digits'],
  path: [/^\//, 'an absolute path'],
  url: [/^[^-\s][^\0\n]*$/, 'an address that git can fetch from'],
  ref: [/^[A-Za-z0-9_][A-Za-z0-9_./+@-]{0,249}$/, 'a branch, a tag or a commit'],
  subfolder: [
    /^$|^(?!\.\.?(\/|$))[^/\0:]+(\/(?!\.\.?(\/|$))[^/\0:]+)*$/,
    'a path in the repository, such as "etl/dags"',
  ],
} as const;

function parseBundle(written: unknown, at: number): BundleConfig {
  const where = `bundle ${at + 1}`;
  if (typeof written !== 'object' || written === null) throw new Error(`${where} is no object`);
  const fields = new Map<string, unknown>(Object.entries(written));
  const kind = fields.get('kind');
  if (kind !== 'folder' && kind !== 'git') {
    throw new Error(`${where} must have the kind "folder" or "git"`);
  }
  const keys = KEYS[kind].map((key) => key.replace('?', ''));
  const unknown = [...fields.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Error(`${where} has an unknown key "${unknown}"`);
  const lacking = KEYS[kind].find((key) => !key.endsWith('?') && !fields.has(key));
  if (lacking !== undefined) throw new Error(`${where} has no ${lacking}`);

  const textOf = (key: keyof typeof RULES) => {
    const value = fields.get(key) ?? '';
    const [pattern, rule] = RULES[key];
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw new Error(`${where} has ${key} ${JSON.stringify(value)}; it must be ${rule}`);
  };
  if (kind === 'folder') return { kind, name: textOf('name'), path: textOf('path') };
  return {
    ...{ kind, name: textOf('name'), url: textOf('url'), ref: textOf('ref') },
    subfolder: textOf('subfolder'),
    refreshMs: refreshMs(fields.get('refresh_seconds') ?? REFRESH_DEFAULT_S, where),
  };
}

function refreshMs(seconds: unknown, where: string): number {
  if (typeof seconds === 'number' && seconds >= 1 && seconds <= REFRESH_MAX_S) {
    return seconds * 1_000;
  }
  throw new Error(`${where} must have refresh_seconds from 1 to ${REFRESH_MAX_S}`);
}

// A bundle: DAG files that come from a place of their own, and how the catalog tells them apart.
import { createHash } from 'node:crypto';

/** Where the files of a bundle come from. */
export type BundleSource =
  /** A folder of this machine, as it is at any moment. */
  | { readonly kind: 'folder'; readonly folder: string }
  /** A repository, commit by commit. `ref` is a branch, a tag or a commit; `HEAD`: the remote's. */
  | { readonly kind: 'git'; readonly url: string; readonly ref: string };

/** A bundle as an operator declares it. */
export type Bundle = {
  /** One step of a path, without a colon. */
  readonly name: string;
  readonly source: BundleSource;
  /** Where in the source the DAG files are, with forward slashes; empty: everywhere. */
  readonly subfolder: string;
  /** How often it is looked at for something new. */
  readonly refreshMs: number;
};

/** The files of a bundle as they are on this machine. */
export type Checkout = {
  /** Absolute; paths of DAG files and of their handlers are relative to it. */
  readonly root: string;
  /** Name of its folder below that of the bundle; empty for the DAG folder. */
  readonly version: string;
};

/** The version of a bundle that has only one: the folder as it is now. */
export const LATEST = 'latest';

const BUNDLES_MAX = 100;
const REFRESH_SECONDS = 60;
const REFRESH_SECONDS_MAX = 86_400;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
// A ref with a dash in front would be an option to git.
const REF = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,249}$/;

/** Reads the operator's list. Throws an Error whose sentence says which bundle is wrong, and how. */
export function parseBundles(json: string): readonly Bundle[] {
  const list = jsonOf(json);
  if (!Array.isArray(list)) throw new Error('is no list in JSON');
  if (list.length > BUNDLES_MAX) throw new Error(`has more than ${BUNDLES_MAX} bundles`);
  const bundles = list.map((item: unknown, at) => {
    if (!isObject(item)) throw new Error(`has something else than an object at place ${at + 1}`);
    return parseBundle(item, at + 1);
  });
  const names = new Set(bundles.map(({ name }) => name));
  if (names.size < bundles.length) throw new Error('has two bundles of one name');
  return bundles;
}

type Fields = Readonly<Record<string, unknown>>;

const KNOWN_FIELDS = new Set(['name', 'kind', 'path', 'url', 'ref', 'subfolder', 'refresh_seconds']);

function parseBundle(fields: Fields, place: number): Bundle {
  const name = textOf(fields, 'name', `bundle ${place}`);
  const what = `bundle "${name}"`;
  if (!NAME.test(name)) {
    throw new Error(`has a bundle named "${name}"; a name is letters, digits and _ . -`);
  }
  const unknown = Object.keys(fields).find((field) => !KNOWN_FIELDS.has(field));
  if (unknown !== undefined) throw new Error(`has an unknown field "${unknown}" in ${what}`);
  const subfolder = textOf(fields, 'subfolder', what, '').replace(/^\.?\/+|\/+$/g, '');
  if (subfolder.split('/').includes('..')) {
    throw new Error(`has a subfolder that leads out of ${what}`);
  }
  const seconds = fields['refresh_seconds'] ?? REFRESH_SECONDS;
  if (typeof seconds !== 'number' || !(seconds >= 1 && seconds <= REFRESH_SECONDS_MAX)) {
    throw new Error(`needs refresh_seconds from 1 to ${REFRESH_SECONDS_MAX} in ${what}`);
  }
  return { name, source: sourceOf(fields, what), subfolder, refreshMs: seconds * 1_000 };
}

function sourceOf(fields: Fields, what: string): BundleSource {
  const { kind } = fields;
  if (kind === 'folder') return { kind, folder: textOf(fields, 'path', what) };
  if (kind !== 'git') throw new Error(`needs the kind "folder" or "git" in ${what}`);
  const ref = textOf(fields, 'ref', what, 'HEAD');
  if (!REF.test(ref)) throw new Error(`has a ref that is no name of git in ${what}`);
  return { kind, url: textOf(fields, 'url', what), ref };
}

function textOf(fields: Fields, field: string, what: string, absent?: string): string {
  const value = fields[field] ?? absent;
  if (typeof value === 'string' && (value !== '' || absent === '')) return value;
  throw new Error(`needs a text as the ${field} of ${what}`);
}

function jsonOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error('is not valid JSON');
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The path that the catalog keys a file on; the bundle without a name is the DAG folder. */
export function catalogPath(bundleName: string, path: string): string {
  return bundleName === '' ? path : `${bundleName}:${path}`;
}

/** The opposite of `catalogPath`. What no bundle in `names` claims is of the DAG folder. */
export function bundlePath(
  path: string,
  names: ReadonlySet<string>,
): { readonly bundleName: string; readonly path: string } {
  const end = path.indexOf(':');
  const bundleName = path.slice(0, Math.max(end, 0));
  if (!names.has(bundleName) || bundleName === '') return { bundleName: '', path };
  return { bundleName, path: path.slice(end + 1) };
}

/**
 * The digest of a file in a version. An equal file is another one in another version: it is stored
 * again, because its DAGs run with what lies beside it there.
 */
export function digestIn(version: string, digest: string): string {
  if (version === '') return digest;
  return createHash('sha256').update(`${version}\n${digest}`).digest('hex');
}

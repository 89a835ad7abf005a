// The list of bundles as an operator writes it: read, and checked.
import type { BundleConfig } from './bundle.ts';

const BUNDLES_MAX = 100;
const REFRESH_DEFAULT_S = 60;
const REFRESH_MAX_S = 86_400;

/**
 * Reads a JSON list of `{name, kind: "folder", path}` and `{name, kind: "git", url, ref, subfolder,
 * refresh_seconds}`. Throws a sentence that says which bundle is wrong, and how, without quoting
 * addresses, which may hold passwords.
 */
export function parseBundles(json: string): readonly BundleConfig[] {
  let listed: unknown;
  try {
    listed = JSON.parse(json);
  } catch {
    // What is wrong with it would quote it.
    throw new Error('is not JSON');
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
  git: ['name', 'kind', 'url', 'ref?', 'subfolder?', 'refresh_seconds?'],
} as const;

/** What texts must look like. What begins with a dash would be an option of git. */
const RULES = {
  name: [/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/, 'a name of letters and digits'],
  path: [/^\//, 'an absolute path'],
  url: [/^[^-\s][^\0\s]*$/, 'an address that git can fetch from'],
  ref: [/^$|^[A-Za-z0-9_][A-Za-z0-9_./+@-]{0,249}$/, 'a branch, a tag or a commit'],
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
    const shown = key === 'url' ? 'that cannot be used' : JSON.stringify(value);
    throw new Error(`${where} has ${key} ${shown}; it must be ${rule}`);
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

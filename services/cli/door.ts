// Finds the api and the token to sign in with: flag, then environment, then a standalone beside us.
import { readFileSync } from 'node:fs';
import { fail } from '#kernel/errors/errors.ts';
import type { CliConfig } from './config.ts';
import { readAdminToken, readStandalone } from './standalone.ts';

/** Where a standalone or an api service is when nobody says otherwise. */
const DEFAULT_URL = 'http://127.0.0.1:7100';

/** Where to knock, and what to show. */
export type Door = { readonly url: string; readonly token: string | undefined };

/**
 * The URL: `--api`, DAGMESH_API, the running standalone's, the default. The token: `--token-file`,
 * DAGMESH_TOKEN, the admin.token in the standalone's folder. Errors: INVALID_ARGUMENT when what was
 * given cannot be used.
 */
export function findDoor(
  config: CliConfig,
  flags: { readonly api?: string; readonly tokenFile?: string },
): Door {
  const url = flags.api ?? config.apiUrl ?? readStandalone(config.home)?.apiUrl ?? DEFAULT_URL;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw fail('bad_request', `The api's URL "${url}" must begin with http:// or https://.`);
  }
  const token =
    flags.tokenFile === undefined
      ? (config.token ?? readAdminToken(config.home))
      : readToken(flags.tokenFile);
  return { url, token };
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const words = `The token file "${path}" cannot be read: ${whyUnreadable(error)}`;
    throw fail('bad_request', `${words}; name another with --token-file.`, { cause: error });
  }
}

function whyUnreadable(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'you may not read it';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}

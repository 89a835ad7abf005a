// What a running `dagmesh standalone` left in its data folder for programs of the same account.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where its doors are; parts that it does not tell are undefined. */
export type Standalone = {
  readonly apiUrl: string | undefined;
  readonly workerDoor:
    | { readonly address: string; readonly httpUrl: string; readonly token: string }
    | undefined;
};

/** Reads `<home>/ready.json`, which is there while a standalone answers; undefined otherwise. */
export function readStandalone(home: string | undefined): Standalone | undefined {
  if (home === undefined) return undefined;
  const text = readIfThere(join(home, 'ready.json'));
  return text === undefined ? undefined : JSON.parse(text);
}

/** The token that it made for its owner, `<home>/admin.token`; undefined when there is none. */
export function readAdminToken(home: string): string | undefined {
  return readIfThere(join(home, 'admin.token'))?.trim();
}

/** A file of another account is as good as none. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

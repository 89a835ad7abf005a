// The administrator's API token: made at the first start, kept in a file only its owner can read.
import { existsSync, readFileSync } from 'node:fs';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Dial } from '#kernel/rpc/client.ts';
import { type Home, writePrivate } from './home.ts';

/**
 * The token of `<home>/admin.token`; a new one when there is none, or when the database does not
 * know it.
 */
export async function adminToken(
  home: Home,
  dial: Dial,
): Promise<{ readonly adminToken: string; readonly isNewToken: boolean }> {
  const secrets = dial(SecretService, 'local:metadata');
  if (existsSync(home.adminToken)) {
    const kept = readFileSync(home.adminToken, 'utf8').trim();
    const isKnown = await secrets.verifyApiToken({ token: kept }).then(
      () => true,
      () => false,
    );
    if (isKnown) return { adminToken: kept, isNewToken: false };
  }
  const { token } = await secrets.createApiToken({ userName: 'admin', role: 'admin' });
  writePrivate(home.adminToken, `${token}\n`);
  return { adminToken: token, isNewToken: true };
}

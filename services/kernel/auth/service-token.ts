// How services prove to one another who they are: a name signed with the cluster key.
import { createHmac, timingSafeEqual } from 'node:crypto';

const PREFIX = 'dms1';

/** The token a service sends as `authorization: Bearer …`. It lasts as long as the cluster key. */
export function mintServiceToken(clusterKey: string, name: string): string {
  return `${PREFIX}.${name}.${sign(clusterKey, name)}`;
}

/**
 * The service name a token proves, or undefined when it was not signed with this cluster key. Takes
 * constant time.
 */
export function verifyServiceToken(clusterKey: string, token: string): string | undefined {
  const [prefix, name, signature, ...rest] = token.split('.');
  if (prefix !== PREFIX || name === undefined || signature === undefined) return undefined;
  if (name === '' || rest.length > 0) return undefined;
  const expected = Buffer.from(sign(clusterKey, name));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given) ? name : undefined;
}

/**
 * The purpose is signed with the name, so that no other token of this key can pass as a service's.
 */
function sign(clusterKey: string, name: string): string {
  return createHmac('sha256', clusterKey).update(`service:${name}`).digest('base64url');
}

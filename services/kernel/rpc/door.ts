// What every door checks before a handler runs: who calls, and what was sent.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { verifyServiceToken } from '../auth/service-token.ts';
import { brokenRules } from '../contract/contract.ts';
import { type ConnectError, fail } from '../errors/errors.ts';
import type { RpcService } from './service.ts';

/** The text after `Bearer ` of an authorization header, or undefined when there is none. */
export function bearerOf(authorization: string | undefined | null): string | undefined {
  const match = /^Bearer +(\S+)$/i.exec(authorization ?? '');
  return match?.[1];
}

/**
 * The service name a bearer proves, '' when it proves none. Without a key nobody proves anything.
 */
export function callerOf(clusterKey: string | undefined, bearer: string | undefined): string {
  return clusterKey === undefined || bearer === undefined
    ? ''
    : (verifyServiceToken(clusterKey, bearer) ?? '');
}

/**
 * Refuses callers the service is not for: `unauthenticated` without a valid token,
 * `caller_not_allowed` with another's.
 */
export function checkCaller(service: RpcService<never>, caller: string): void {
  if (service.callers === 'anyone' || service.callers.includes(caller)) return;
  const allowed = service.callers.join(', ');
  const name = service.desc.typeName;
  if (caller === '') {
    throw fail(
      'unauthenticated',
      `${name} is for ${allowed}; send their bearer token, signed with this cluster's key`,
    );
  }
  throw fail(
    'caller_not_allowed',
    `${name} is for ${allowed}, not for ${caller}; use the api service instead`,
  );
}

/** How many broken rules one error names. */
const NAMED_MAX = 10;

/**
 * Why a message is refused: a `bad_request` that names each broken field and what it must be, with
 * the rules by field in its details; undefined when it keeps its contract.
 */
export function refusalOf<D extends DescMessage>(
  desc: D,
  message: MessageShape<D>,
): ConnectError | undefined {
  const broken = brokenRules(desc, message);
  if (broken.length === 0) return undefined;
  const named = broken.slice(0, NAMED_MAX);
  const sentences = named.map(({ field, message: sentence }) => `${field} ${sentence}`.trim());
  if (broken.length > named.length) sentences.push(`and ${broken.length - named.length} more`);
  return fail('bad_request', sentences.join('; '), {
    details: Object.fromEntries(named.map(({ field, rule }) => [field, rule])),
  });
}

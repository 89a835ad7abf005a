// What every door checks before a handler runs: who calls, and whether what was sent keeps the contract's rules.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { createValidator, type Violation } from '@bufbuild/protovalidate';
import { verifyServiceToken } from '../auth/service-token.ts';
import { type ConnectError, fail } from '../errors/errors.ts';
import type { RpcService } from './service.ts';

/** The text after `Bearer ` of an authorization header, or undefined when there is none. */
export function bearerOf(authorization: string | undefined | null): string | undefined {
  const match = /^Bearer +(\S+)$/i.exec(authorization ?? '');
  return match?.[1];
}

/** The service name a bearer proves, '' when it proves none. Without a key nobody proves anything. */
export function callerOf(clusterKey: string | undefined, bearer: string | undefined): string {
  return clusterKey === undefined || bearer === undefined
    ? ''
    : (verifyServiceToken(clusterKey, bearer) ?? '');
}

/** Refuses callers the service is not for: `unauthenticated` without a valid token, `caller_not_allowed` with another's. */
export function checkCaller(service: RpcService<never>, caller: string): void {
  if (service.callers === 'anyone' || service.callers.includes(caller)) return;
  const allowed = service.callers.join(', ');
  const name = service.desc.typeName;
  if (caller === '') {
    throw fail(
      'unauthenticated',
      `${name} is for ${allowed}; send authorization: Bearer <token> signed with this cluster's key`,
    );
  }
  throw fail(
    'caller_not_allowed',
    `${name} is for ${allowed}, not for ${caller}; use the api service instead`,
  );
}

/** How many broken rules one error names. */
const VIOLATIONS_MAX = 10;

// The patterns are constants of our own contracts, linear in time, so the platform's far faster engine may match them.
const patterns = new Map<string, RegExp>();
const validator = createValidator({
  regexMatch: (pattern, against) => {
    let compiled = patterns.get(pattern);
    if (compiled === undefined) {
      compiled = new RegExp(pattern, 'u');
      patterns.set(pattern, compiled);
    }
    return compiled.test(against);
  },
});

/**
 * Checks a message against the rules its contract declares; answers undefined, or a `bad_request` that names each broken
 * field, what it must be, and in its details the rule by field.
 */
export function brokenRules<D extends DescMessage>(
  desc: D,
  message: MessageShape<D>,
): ConnectError | undefined {
  const result = validator.validate(desc, message);
  if (result.kind === 'valid') return undefined;
  if (result.kind === 'error') throw result.error;
  const named = result.violations.slice(0, VIOLATIONS_MAX);
  const more = result.violations.length - named.length;
  const sentences = named.map((violation) => violation.toString());
  if (more > 0) sentences.push(`and ${more} more`);
  return fail('bad_request', `mend these fields and call again: ${sentences.join('; ')}`, {
    details: Object.fromEntries(named.map((violation) => [fieldOf(violation), violation.ruleId])),
  });
}

function fieldOf(violation: Violation): string {
  const [path] = violation.toString().split(':', 1);
  return path ?? '';
}

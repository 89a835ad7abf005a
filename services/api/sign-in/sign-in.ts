// Lets a caller in: who it is by its token, whether it may by the table of permissions.
import { fail } from '#kernel/errors/errors.ts';
import type { EdgeCall } from '#kernel/rpc/edge.ts';
import { reaches, roleFor } from '../core/permission.ts';
import type { ApiEvents } from '../events.ts';
import type { Principal } from './principal.ts';
import type { TokenCheck } from './token-check.ts';

/**
 * The door's check of each call, before its body is read. Errors: UNAUTHENTICATED
 * (`unauthenticated`, `bad_token`), PERMISSION_DENIED (`role_required`).
 */
export function createSignIn(options: {
  readonly tokens: TokenCheck;
  readonly events: ApiEvents;
}): (call: EdgeCall) => Promise<Principal> {
  const { tokens, events } = options;
  const admit = async ({ method, bearer }: EdgeCall): Promise<Principal> => {
    if (bearer === undefined) {
      throw fail(
        'unauthenticated',
        'send "authorization: Bearer <API token>"; a standalone keeps one in .dagmesh/admin.token',
      );
    }
    const principal = await tokens.verify(bearer);
    const least = roleFor(method);
    if (least !== undefined && reaches(principal.role, least)) return principal;
    const { userName, role } = principal;
    const need = least === undefined ? 'nobody may call it' : `it needs the role ${least} or more`;
    throw fail(
      'role_required',
      `user "${userName}" (${role}) may not call ${method.name}: ${need}; ` +
        `ask an admin for a token: dagmesh auth token create ${userName} --role ${least ?? 'admin'}`,
    );
  };
  return async (call) => {
    try {
      return await admit(call);
    } catch (error) {
      events.refused(error);
      throw error;
    }
  };
}

// What the mesh's errors mean to somebody outside of it.
import { fail, isRetryable, messageOf, reasonOf } from '#kernel/errors/errors.ts';

/**
 * Throws the error on. Two errors of the mesh mean something else at this door. When the mesh does
 * not know this api, the caller can do nothing about it and must not be told to sign in; when a
 * service behind the door is away, the door itself is not.
 */
export function explained(error: unknown): never {
  const reason = reasonOf(error);
  if (reason === 'unauthenticated' || reason === 'caller_not_allowed') {
    throw fail(
      'internal',
      'the mesh refuses this api; an operator must give all services one DAGMESH_CLUSTER_KEY',
      { cause: error },
    );
  }
  if (reason === undefined && isRetryable(error)) {
    throw fail(
      'unreachable',
      `a service behind the api cannot be reached (${messageOf(error)}); try again soon`,
      { cause: error },
    );
  }
  throw error;
}

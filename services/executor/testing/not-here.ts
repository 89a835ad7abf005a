// For tests: RPCs that a service in memory does not have.
import { fail } from '#kernel/errors/errors.ts';

/** Refuses every call. */
export const notHere = async () => {
  throw fail('method_not_found', 'not part of this metadata');
};

/** Refuses every stream. */
export async function* notStreamedHere() {
  yield await notHere();
}

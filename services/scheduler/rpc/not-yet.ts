// RPCs that are being written.
import { fail } from '#kernel/errors/errors.ts';
import type { RpcContext } from './context.ts';

const refuse = async (): Promise<never> => {
  throw fail('internal', 'not there yet');
};

export function notYet(_context: RpcContext) {
  return {
    explainDag: refuse,
  };
}

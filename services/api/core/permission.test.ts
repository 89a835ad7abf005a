// Every public RPC has a row, and the row is what its contract promises.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ROLES, reaches, roleFor } from './permission.ts';
import { publicMethods } from '../../../tests/kit/public-methods.ts';

const CONTRACTS = new URL('../../../proto/dagmesh/api/v1/', import.meta.url);

/** What the comment above each RPC says: `Role op.`, or `Any role.`, which is the least one. */
function promisedRoles(): Map<string, string> {
  const promised = new Map<string, string>();
  for (const name of readdirSync(CONTRACTS)) {
    const text = readFileSync(new URL(name, CONTRACTS), 'utf8');
    for (const [, comment = '', method = ''] of text.matchAll(/((?: *\/\/.*\n)+) *rpc (\w+)\(/g)) {
      const role = /\bRole (\w+)\./.exec(comment)?.[1];
      promised.set(method, role ?? (/\bAny role\./.test(comment) ? 'viewer' : 'nobody'));
    }
  }
  return promised;
}

const methods = await publicMethods();

describe('permissions', () => {
  test('there are RPCs to check', () => {
    expect(methods.length).toBeGreaterThanOrEqual(60);
  });

  test.each(methods.map((method) => [`${method.parent.name}.${method.name}`, method] as const))(
    '%s needs the role its contract promises',
    (_name, method) => {
      expect(roleFor(method)).toBe(promisedRoles().get(method.name));
    },
  );

  test('each role may do what the roles before it may, and no more', () => {
    const table = ROLES.map((role) => ROLES.filter((least) => reaches(role, least)));
    expect(table).toEqual([
      ['viewer'],
      ['viewer', 'user'],
      ['viewer', 'user', 'op'],
      ['viewer', 'user', 'op', 'admin'],
    ]);
  });
});

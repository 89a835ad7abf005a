// Nobody gets past the door without a token whose role the table of permissions lets through.
import type { DescMethod } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuthService } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import { createEdgeClient } from '#kernel/rpc/edge-client.ts';
import { type FakeMesh, startFakeMesh } from '../../../tests/kit/fake-mesh.ts';
import { tokenOf } from '../../../tests/kit/fake-world.ts';
import { ROLES, reaches, roleFor } from '../core/permission.ts';
import { publicMethods } from '../../../tests/kit/public-methods.ts';

let mesh: FakeMesh;
beforeAll(async () => {
  mesh = await startFakeMesh();
});
afterAll(() => mesh.stop());

const methods = await publicMethods();

/** An RPC as curl would call it, with an empty body, which most contracts forbid. */
async function call(method: DescMethod, token?: string): Promise<{ code: string; reason: string }> {
  const isStream = method.methodKind !== 'unary';
  const response = await fetch(`${mesh.url}/${method.parent.typeName}/${method.name}`, {
    method: 'POST',
    headers: {
      'content-type': isStream ? 'application/connect+json' : 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    // A Connect stream is made of envelopes: flags, length, message.
    body: isStream ? Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from('{}')]) : '{}',
  });
  const text = await response.text();
  const answer = JSON.parse(text.slice(text.indexOf('{')) || '{}');
  const error = answer.error ?? answer;
  return { code: error.code ?? 'ok', reason: error.details?.[0]?.debug?.reason ?? '' };
}

describe.each(methods.map((method) => [`${method.parent.name}.${method.name}`, method] as const))(
  '%s',
  (_name, method) => {
    const least = roleFor(method) ?? 'admin';

    test('refuses a caller without a token', async () => {
      expect(await call(method)).toEqual({ code: 'unauthenticated', reason: 'unauthenticated' });
    });

    test('refuses a token that nobody has', async () => {
      const refused = { code: 'unauthenticated', reason: 'bad_token' };
      expect(await call(method, 'made-up')).toEqual(refused);
    });

    test.each(ROLES.map((role) => [role]))('lets a %s in only by the table', async (role) => {
      const { reason } = await call(method, tokenOf(role));
      expect(reason === 'role_required').toBe(!reaches(role, least));
      expect(['unauthenticated', 'bad_token']).not.toContain(reason);
    });
  },
);

describe('signing in', () => {
  const self = (token: string) =>
    createEdgeClient(AuthService, { url: mesh.url, token }).getSelf({});

  test('asks metadata once a second at most for the same token', async () => {
    const token = 'busy-token';
    mesh.world.tokens.set(token, { userName: 'busy', role: 'viewer' });
    mesh.asked.length = 0;
    await Promise.all([...Array(20).keys()].map(() => self(token)));
    expect(mesh.asked.filter(({ rpc }) => rpc === 'VerifyApiToken')).toHaveLength(1);
  });

  test('ends at once for a token revoked at this door', async () => {
    const admin = createEdgeClient(AuthService, { url: mesh.url, token: tokenOf('admin') });
    const { token } = await admin.createApiToken({ userName: 'guest', role: 'user' });
    expect(await self(token)).toMatchObject({ userName: 'guest', role: 'user' });
    await admin.revokeApiToken({ token });
    await expect(self(token)).rejects.toSatisfy((error) => reasonOf(error) === 'bad_token');
  });

  test('bears with a metadata service that is away for a moment', async () => {
    const token = 'unlucky-token';
    mesh.world.tokens.set(token, { userName: 'unlucky', role: 'viewer' });
    const away = fail('database_unavailable', 'the database is away');
    mesh.faults.set('VerifyApiToken', [away, away]);
    expect(await self(token)).toMatchObject({ userName: 'unlucky' });
  });

  test('refuses a role that this version does not know', async () => {
    mesh.world.tokens.set('future-token', { userName: 'future', role: 'emperor' });
    await expect(self('future-token')).rejects.toSatisfy(
      (error) => reasonOf(error) === 'bad_token',
    );
  });

  test('refuses a text that is no token without asking anybody', async () => {
    mesh.asked.length = 0;
    await expect(self('x'.repeat(5_000))).rejects.toSatisfy(
      (error) => reasonOf(error) === 'bad_token',
    );
    expect(mesh.asked).toEqual([]);
  });
});

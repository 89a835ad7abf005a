// One port, every protocol: a client that is not ours calls over gRPC, gRPC-Web and Connect.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuthService } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import { Code, reasonOf } from '#kernel/errors/errors.ts';
import { createDial } from '#kernel/rpc/client.ts';
import { type FakeMesh, startFakeMesh } from '../../tests/kit/fake-mesh.ts';
import { tokenOf } from '../../tests/kit/fake-world.ts';

const run = promisify(execFile);

let mesh: FakeMesh;
beforeAll(async () => {
  mesh = await startFakeMesh();
});
afterAll(() => mesh.stop());

/** `buf curl`, which learns the contract through reflection. */
function curl(protocol: string, rpc: string, ...args: readonly string[]) {
  const url = `${mesh.url}/${rpc}`;
  return run('node_modules/.bin/buf', ['curl', '--protocol', protocol, ...args, url]);
}

const bearer = ['-H', `authorization: Bearer ${tokenOf('user')}`];
const logOf = { dagId: 'etl', runId: 'manual__1', taskId: 'validate' };

describe.each([['grpc'], ['grpcweb'], ['connect']])('over %s', (protocol) => {
  test('a call is answered', async () => {
    const { stdout } = await curl(protocol, 'dagmesh.api.v1.AuthService/GetSelf', ...bearer);
    expect(JSON.parse(stdout)).toEqual({ userName: 'user', role: 'user' });
  });

  test('a stream is answered', async () => {
    const body = ['-d', JSON.stringify(logOf)];
    const rpc = 'dagmesh.api.v1.TaskInstanceService/ReadTaskLog';
    const { stdout } = await curl(protocol, rpc, ...bearer, ...body);
    const { content } = JSON.parse(stdout);
    expect(Buffer.from(content, 'base64').toString()).toContain('second try');
  });

  test('a refusal says why and what to do', async () => {
    const refused = curl(protocol, 'dagmesh.api.v1.AuthService/CreateApiToken', ...bearer);
    await expect(refused).rejects.toMatchObject({
      stderr: expect.stringMatching(/permission_denied[^]*needs the role admin[^]*ask an admin/),
    });
  });
});

describe('the door', () => {
  test('answers health checks without a token', async () => {
    const response = await fetch(`${mesh.url}/grpc.health.v1.Health/Check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(await response.json()).toEqual({ status: 'SERVING' });
  });

  test('tells its contract through reflection without a token', async () => {
    const listed = await run('node_modules/.bin/buf', ['curl', '--list-services', mesh.url]);
    expect(listed.stdout.split('\n')).toEqual(
      expect.arrayContaining(['dagmesh.api.v1.AuthService', 'dagmesh.api.v1.WorkerService']),
    );
  });

  test('serves plain JSON to anybody who can POST', async () => {
    const response = await fetch(`${mesh.url}/dagmesh.api.v1.DagService/ListDags`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf('viewer')}` },
      body: '{"pageSize": 1}',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ dags: [{ dagId: 'etl', isActive: true }] });
  });

  test('names the field that breaks the contract', async () => {
    const response = await fetch(`${mesh.url}/dagmesh.api.v1.DagService/ListDags`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf('viewer')}` },
      body: '{"pageSize": 100000}',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('page_size') });
  });

  test('takes no message above 4 MiB', async () => {
    const response = await fetch(`${mesh.url}/dagmesh.api.v1.VariableService/PutVariable`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf('op')}` },
      body: JSON.stringify({ variable: { key: 'big', value: 'x'.repeat(5 * 1024 * 1024) } }),
    });
    expect(await response.json()).toMatchObject({ code: 'resource_exhausted' });
    expect(mesh.asked.map(({ rpc }) => rpc)).not.toContain('PutVariable');
  });

  test("is of no use to the mesh's own services: they have no API token", async () => {
    const dial = createDial({ caller: 'executor', clusterKey: 'cluster-key-of-a-fake-mesh' });
    const self = dial(AuthService, new URL(mesh.url).host).getSelf({});
    await expect(self).rejects.toMatchObject({ code: Code.Unauthenticated });
    await expect(self).rejects.toSatisfy((error) => reasonOf(error) === 'bad_token');
    await dial.close();
  });
});

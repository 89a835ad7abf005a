// The program under plain Node: migrates, serves over the network, stops when told, refuses what it
// cannot use.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { createDial } from '#kernel/rpc/client.ts';
import { startPostgres, type TestPostgres } from '../../tests/kit/postgres.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { freePort } from '#kernel/service/free-port.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const clusterKey = 'cluster-key-of-the-program-tests';
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const exited = once(child, 'exit').then(([code]): unknown => code);
  return { child, exited, said: () => said };
}

test('`migrate` brings the database up to date and ends, and may be repeated', async () => {
  const env = { DAGMESH_DATABASE_URL: await postgres.createDatabase() };
  const first = run(['migrate'], env);
  expect(await first.exited).toBe(0);
  expect(first.said()).toContain('"migrations":["catalog","ledger","mesh","access",');
  const second = run(['migrate'], env);
  expect(await second.exited).toBe(0);
  expect(second.said()).toContain('"migrations":[]');
});

test('it serves callers of its cluster until it is told to stop', async () => {
  const port = await freePort();
  const program = run([], {
    DAGMESH_DATABASE_URL: await postgres.createDatabase(),
    DAGMESH_CLUSTER_KEY: clusterKey,
    DAGMESH_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
    DAGMESH_METADATA_PORT: String(port),
    DAGMESH_METADATA_METRICS_PORT: '0',
  });
  const dial = createDial({ caller: 'standalone', clusterKey });
  const stranger = createDial({ caller: 'standalone', clusterKey: 'some-other-cluster-key' });
  try {
    const create = (from: typeof dial) =>
      from(SecretService, `127.0.0.1:${port}`)
        .createApiToken({ userName: 'admin', role: 'admin' })
        .then(
          ({ token }) => token,
          () => undefined,
        );
    await eventually(async () => (await create(dial)) !== undefined, {
      deadlineMs: 20_000,
      what: 'the service answers',
    });
    expect(await create(stranger)).toBeUndefined();
  } finally {
    await dial.close();
    await stranger.close();
    program.child.kill('SIGTERM');
  }
  expect(await program.exited).toBe(0);
});

test('without its configuration it ends with a sentence for each variable', async () => {
  const program = run([], { DAGMESH_CLUSTER_KEY: clusterKey, DAGMESH_SECRET_KEY: 'short' });
  expect(await program.exited).toBe(2);
  expect(program.said()).toContain('DAGMESH_DATABASE_URL is not set');
  expect(program.said()).toContain('DAGMESH_SECRET_KEY has a value that is not allowed');
  expect(program.said()).not.toContain('short;');
});

// Secrets through the service: encrypted in the tables, clear for executors, absent for people;
// tokens that can be ended.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { execute, startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { eventually } from '../../../tests/kit/wait.ts';
import { refusal } from '../testing/builders.ts';
import { startMetadata, type TestMetadata } from '../testing/metadata.ts';

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
let postgres: TestPostgres;
let databaseUrl: string;
let metadata: TestMetadata;

beforeAll(async () => {
  postgres = await startPostgres();
  databaseUrl = await postgres.createDatabase();
  metadata = await startMetadata(databaseUrl, { secretKeys: [oldKey] });
});
afterAll(async () => {
  await metadata.stop();
  await postgres.stop();
});

const catalog = (caller = 'api') => metadata.as(caller, CatalogService);
const secrets = (caller = 'executor', from = metadata) => from.as(caller, SecretService);
const query = () => metadata.as('api', QueryService);
const warehouse = {
  connId: 'warehouse',
  connType: 'postgres',
  host: 'db.example',
  schema: 'dw',
  login: 'etl',
  password: 'hunter2hunter2',
  port: 5432,
  extraJson: '{"sslkey":"topsecret"}',
  description: 'The warehouse.',
};

describe('connections', () => {
  test('are clear for executors, hidden from people, and unreadable in the table', async () => {
    await catalog().putConnection({ connection: warehouse, actor: 'ann' });
    const { connections } = await secrets().resolveConnections({ connIds: ['warehouse', 'none'] });
    const { description: _hidden, ...resolved } = warehouse;
    expect(connections).toMatchObject([resolved]);
    const { page } = await query().listConnections({ query: {} });
    expect(page?.connections).toMatchObject([{ ...warehouse, password: '', extraJson: '' }]);
    const dump = await execute(
      databaseUrl,
      `select connection::text || audit_log::text as row from connection, audit_log`,
    );
    const text = JSON.stringify(dump.rows);
    for (const secret of ['hunter2hunter2', 'topsecret']) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  test('are replaced whole, but not when they must be new', async () => {
    const createOnly = catalog().putConnection({ connection: warehouse, createOnly: true });
    expect(await refusal(createOnly)).toBe('connection_exists');
    await catalog().putConnection({ connection: { connId: 'warehouse', connType: 'http' } });
    const { connections } = await secrets().resolveConnections({ connIds: ['warehouse'] });
    expect(connections).toMatchObject([
      { connType: 'http', host: '', password: '', extraJson: '' },
    ]);
  });

  test('can be deleted once', async () => {
    await catalog().putConnection({ connection: { connId: 'fleeting', connType: 'http' } });
    await catalog().deleteConnection({ connId: 'fleeting' });
    expect(await refusal(catalog().deleteConnection({ connId: 'fleeting' }))).toBe(
      'connection_not_found',
    );
  });

  test('whose ciphertext was copied from another row do not open', async () => {
    await catalog().putConnection({ connection: { ...warehouse, connId: 'a' } });
    await catalog().putConnection({ connection: { ...warehouse, connId: 'b' } });
    await execute(
      databaseUrl,
      `update connection set password = b.password
       from connection as b where b.conn_id = 'b' and connection.conn_id = 'a'`,
    );
    await expect(secrets().resolveConnections({ connIds: ['a'] })).rejects.toThrow('altered');
    await expect(secrets().resolveConnections({ connIds: ['b'] })).resolves.toBeDefined();
    await catalog().deleteConnection({ connId: 'a' });
  });
});

describe('variables', () => {
  test('are masked in lists when secret, and clear for executors', async () => {
    await catalog().putVariable({ variable: { key: 'plain', value: 'v1' } });
    await catalog().putVariable({ variable: { key: 'secret', value: 'v2', isSecret: true } });
    const { page } = await query().listVariables({ query: {} });
    expect(page?.variables.map(({ key, value }) => [key, value])).toEqual([
      ['plain', 'v1'],
      ['secret', '***'],
    ]);
    expect(await secrets().resolveVariable({ key: 'plain' })).toMatchObject({ value: 'v1' });
    expect(await secrets().resolveVariable({ key: 'secret' })).toMatchObject({ value: 'v2' });
    expect(await refusal(secrets().resolveVariable({ key: 'none' }))).toBe('variable_not_found');
  });

  test('that are secret stay secret when a task writes them', async () => {
    const variable = { key: 'shared', value: 'first', isSecret: true, description: 'Kept.' };
    await catalog().putVariable({ variable });
    await catalog('executor').putVariable({ variable: { key: 'shared', value: 'second' } });
    const listed = async () => {
      const { page } = await query().listVariables({ query: {} });
      return page?.variables.find((one) => one.key === 'shared');
    };
    expect(await listed()).toMatchObject({ value: '***', isSecret: true, description: 'Kept.' });
    expect(await secrets().resolveVariable({ key: 'shared' })).toMatchObject({ value: 'second' });
    await catalog().putVariable({ variable: { key: 'shared', value: 'third' } });
    expect(await listed()).toMatchObject({ value: 'third', isSecret: false, description: '' });
  });

  test('are made once when they must be new, however many try at the same moment', async () => {
    const tries = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        refusal(
          catalog().putVariable({ variable: { key: 'once', value: `${index}` }, createOnly: true }),
        ),
      ),
    );
    expect(tries.toSorted()).toEqual(
      [undefined, 'variable_exists', 'variable_exists', 'variable_exists'].toSorted(),
    );
    await catalog().deleteVariable({ key: 'once' });
    expect(await refusal(catalog().deleteVariable({ key: 'once' }))).toBe('variable_not_found');
  });
});

describe('keys', () => {
  test('after a restart with a new key first, the old key is needed no more', async () => {
    await catalog().putConnection({ connection: warehouse });
    await catalog().putVariable({ variable: { key: 'rotated', value: 'v', isSecret: true } });
    const rotating = await startMetadata(databaseUrl, { secretKeys: [newKey, oldKey] });
    await rotating.stop();
    const rotated = await startMetadata(databaseUrl, { secretKeys: [newKey] });
    try {
      const { connections } = await secrets('executor', rotated).resolveConnections({
        connIds: ['warehouse'],
      });
      expect(connections[0]).toMatchObject({
        password: warehouse.password,
        extraJson: warehouse.extraJson,
      });
      const variable = await secrets('executor', rotated).resolveVariable({ key: 'rotated' });
      expect(variable.value).toBe('v');
      await expect(secrets().resolveVariable({ key: 'rotated' })).rejects.toThrow(
        'DAGMESH_SECRET_KEY',
      );
    } finally {
      await rotated.stop();
    }
  });
});

describe('API tokens', () => {
  test('name their owner until they are ended, everywhere within a second', async () => {
    const other = await startMetadata(databaseUrl, { secretKeys: [newKey, oldKey] });
    try {
      const { token } = await secrets('api').createApiToken({ userName: 'ann', role: 'op' });
      expect(await secrets('api').verifyApiToken({ token })).toMatchObject({
        userName: 'ann',
        role: 'op',
      });
      expect(await secrets('api', other).verifyApiToken({ token })).toMatchObject({
        userName: 'ann',
      });
      await secrets('api').revokeApiToken({ token });
      await secrets('api').revokeApiToken({ token });
      expect(await refusal(secrets('api').verifyApiToken({ token }))).toBe('bad_token');
      await eventually(
        async () =>
          (await refusal(secrets('api', other).verifyApiToken({ token }))) === 'bad_token',
        { deadlineMs: 60_000, what: 'the other service refuses the token' },
      );
    } finally {
      await other.stop();
    }
  });

  test('are made and ended by somebody, who is recorded without the token', async () => {
    const owner = { userName: 'cyd', role: 'op' };
    const { token } = await secrets('api').createApiToken({ ...owner, actor: 'ann' });
    for (const actor of ['bob', 'eve']) await secrets('api').revokeApiToken({ token, actor });
    const { rows } = await execute(
      databaseUrl,
      `select actor, action, details_json from audit_log where details_json like '%cyd%' order by id`,
    );
    const details = '{"user_name" : "cyd", "role" : "op"}';
    expect(rows).toEqual([
      { actor: 'ann', action: 'create_api_token', details_json: details },
      { actor: 'bob', action: 'revoke_api_token', details_json: details },
    ]);
  });

  test('are not in the database, and made-up ones are refused', async () => {
    const { token } = await secrets('api').createApiToken({ userName: 'ann', role: 'viewer' });
    const { rows } = await execute(databaseUrl, 'select api_token::text as row from api_token');
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(await refusal(secrets('api').verifyApiToken({ token: `${token}x` }))).toBe('bad_token');
  });

  test('that have expired are refused', async () => {
    const { token } = await secrets('api').createApiToken({ userName: 'bob', role: 'user' });
    await execute(databaseUrl, `update api_token set expires_at = now() where user_name = 'bob'`);
    expect(await refusal(secrets('api').verifyApiToken({ token }))).toBe('bad_token');
  });
});

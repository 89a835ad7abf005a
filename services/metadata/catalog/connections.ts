// Connections as people write them; their secrets are sealed before they reach a row.
import type { Connection as ConnectionMessage } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import { connectionPlace } from '../secrets/places.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { Connection, type ConnectionEntity } from './entities.ts';
import { audit, type Catalog, putRow } from './source.ts';

/** How a row is put. */
export type PutOptions = {
  readonly createOnly: boolean;
  readonly actor: string;
  readonly nowMs: number;
};

/** Makes or replaces a connection whole; `connection_exists` when it must not be replaced. */
export async function putConnection(
  catalog: Catalog,
  sealer: Sealer,
  connection: ConnectionMessage,
  options: PutOptions,
): Promise<void> {
  const { connId, connType } = connection;
  const row = toRow(connection, sealer, options.nowMs);
  await catalog.change(async (manager) => {
    const replaced = options.createOnly ? 'none' : REPLACED;
    if (!(await putRow(manager, Connection, row, { key: 'conn_id', replaced }))) {
      throw fail(
        'connection_exists',
        `connection "${connId}" exists already; replace it with: dagmesh connections set ${connId}`,
      );
    }
    const details = { connId, connType };
    await audit(manager, { actor: options.actor, action: 'put_connection', details });
  });
}

/** Deletes a connection; `connection_not_found`. */
export async function deleteConnection(
  catalog: Catalog,
  connId: string,
  actor: string,
): Promise<void> {
  await catalog.change(async (manager) => {
    const { affected } = await manager.delete(Connection, { connId });
    if (affected === 0) throw notFound('connection', connId);
    await audit(manager, { actor, action: 'delete_connection', details: { connId } });
  });
}

const REPLACED = [
  'conn_type',
  'host',
  'schema',
  'login',
  'port',
  'description',
  'password',
  'extra',
  'updated_at',
];

function toRow(connection: ConnectionMessage, sealer: Sealer, nowMs: number): ConnectionEntity {
  const { connId, connType, host, schema, login, port, description } = connection;
  const sealed = (text: string, field: 'password' | 'extra') =>
    text === '' ? null : sealer.seal(text, connectionPlace(connId, field));
  return {
    connId,
    connType,
    host,
    schema,
    login,
    port,
    description,
    password: sealed(connection.password, 'password'),
    extra: sealed(connection.extraJson, 'extra'),
    updatedAt: new Date(nowMs),
  };
}

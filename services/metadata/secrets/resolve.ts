// Secrets in the clear, for executors on behalf of live attempts.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ResolvedConnectionSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import { textArray } from '../ledger/database/array.ts';
import type { Database } from '../ledger/database/database.ts';
import { statementsOf } from '../ledger/database/statement.ts';
import { connectionPlace, variablePlace } from './places.ts';
import type { Sealer } from './sealer.ts';

type ConnectionRow = {
  readonly conn_id: string;
  readonly conn_type: string;
  readonly host: string;
  readonly schema: string;
  readonly login: string;
  readonly port: number;
  readonly password: Buffer | null;
  readonly extra: Buffer | null;
};
type VariableRow = { readonly value: string | null; readonly secret_value: Buffer | null };

const sql = statementsOf('secrets', import.meta.url);
const READ_CONNECTIONS = sql<ConnectionRow>('read_connections');
const READ_VARIABLE = sql<VariableRow>('read_variable');

/** The connections that exist among those asked for. */
export async function resolveConnections(
  database: Database,
  sealer: Sealer,
  connIds: readonly string[],
): Promise<MessageInitShape<typeof ResolvedConnectionSchema>[]> {
  const rows = await database.run(READ_CONNECTIONS, [textArray(connIds)]);
  return rows.map((row) => {
    const opened = (sealed: Buffer | null, field: 'password' | 'extra') =>
      sealed === null ? '' : sealer.open(sealed, connectionPlace(row.conn_id, field));
    return {
      connId: row.conn_id,
      connType: row.conn_type,
      host: row.host,
      schema: row.schema,
      login: row.login,
      port: row.port,
      password: opened(row.password, 'password'),
      extraJson: opened(row.extra, 'extra'),
    };
  });
}

/** A variable's value; `variable_not_found`. */
export async function resolveVariable(
  database: Database,
  sealer: Sealer,
  key: string,
): Promise<string> {
  const [row] = await database.run(READ_VARIABLE, [key]);
  if (row === undefined) throw notFound('variable', key);
  return row.secret_value === null
    ? (row.value ?? '')
    : sealer.open(row.secret_value, variablePlace(key));
}

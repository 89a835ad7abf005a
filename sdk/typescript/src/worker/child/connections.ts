// Connections as a running task gets them: with the lease, or asked for; their secrets are masked.
import type { JsonObject } from '../../json.ts';
import type { Connection } from '../../task/context.ts';
import { maskOf } from '../logs/mask.ts';
import type { Ask, Fields } from './ask.ts';
import type { Output } from './output.ts';

/**
 * Connections came with the lease; one that did not is asked for, which yields the mesh's own words
 * for why.
 */
export function connectionsOf(leased: readonly Connection[], output: Output, ask: Ask) {
  const known = new Map(leased.map((connection) => [connection.connId, connection]));
  output.mask = maskOf([...known.values()]);
  return async (connId: string): Promise<Connection> => {
    const found = known.get(connId);
    if (found !== undefined) return found;
    const { connection } = await ask('getConnection', { connId });
    const fetched = connectionOf(connection as Fields);
    known.set(connId, fetched);
    output.mask = maskOf([...known.values()]);
    return fetched;
  };
}

function connectionOf(fields: Fields): Connection {
  const text = (name: string) => String(fields[name] ?? '');
  const port = Number(fields['port'] ?? 0);
  const extra = text('extraJson');
  return {
    connId: text('connId'),
    connType: text('connType'),
    host: text('host'),
    schema: text('schema'),
    login: text('login'),
    password: text('password'),
    port: port === 0 ? undefined : port,
    extra: extra === '' ? {} : (JSON.parse(extra) as JsonObject),
  };
}

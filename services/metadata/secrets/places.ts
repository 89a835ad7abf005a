// Where secrets are stored, by the name that binds each sealed value to its place.
import type { Place } from './sealer.ts';

/** A field of a connection that is always sealed. */
export function connectionPlace(connId: string, field: 'password' | 'extra'): Place {
  return { table: 'connection', row: connId, field };
}

/** The value of a secret variable. */
export function variablePlace(key: string): Place {
  return { table: 'variable', row: key, field: 'value' };
}

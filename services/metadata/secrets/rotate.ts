// Rotation: what an older key sealed is sealed anew with the newest, so that the old key can be
// thrown away.
import type { Database } from '../ledger/database/database.ts';
import { type Statement, statementsOf } from '../ledger/database/statement.ts';
import type { Place, Sealer } from './sealer.ts';

type SealedRow = Place & { readonly sealed: Buffer };

const sql = statementsOf('secrets', import.meta.url);
const READ_SEALED = sql<SealedRow>('read_sealed');
const RESEAL: Readonly<Record<string, Statement<never>>> = {
  password: sql('reseal_password'),
  extra: sql('reseal_extra'),
  value: sql('reseal_variable'),
};

/**
 * Seals anew what needs it and answers how many values those were. Safe while others write and
 * while other services with the same newest key rotate. Fails at a value that none of the keys
 * opens.
 */
export async function rotateSecrets(database: Database, sealer: Sealer): Promise<number> {
  const rows = await database.run(READ_SEALED);
  const old = rows.filter((row) => sealer.isOld(row.sealed));
  for (const { table, row, field, sealed } of old) {
    const place = { table, row, field };
    const statement = RESEAL[field];
    if (statement === undefined) throw new Error(`no statement seals ${field} anew`);
    await database.run(statement, [row, sealed, sealer.seal(sealer.open(sealed, place), place)]);
  }
  return old.length;
}

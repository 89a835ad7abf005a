// Hand-written SQL: one statement per file under a room's sql/ folder, read once, prepared under
// the file's name.
import { readFileSync } from 'node:fs';

/** A statement that answers rows of type `Row`. */
export type Statement<Row> = {
  /** Name it is prepared under: `<room>/<file>`. */
  readonly name: string;
  /** Its text, header included: so a slow statement in PostgreSQL's log says what it is for. */
  readonly text: string;
  /** Never set; carries the type of the rows. */
  readonly row?: Row;
};

/** What a statement takes: arrays go in as array literals (`array.ts`). */
export type Value = string | number | bigint | boolean | Buffer | Uint8Array | undefined;

/**
 * Reads statements of one room: `const sql = statementsOf('mesh', import.meta.url)`, then
 * `sql<Row>('read_map')`.
 */
export function statementsOf(room: string, roomUrl: string) {
  return <Row = never>(name: string): Statement<Row> => ({
    name: `${room}/${name}`,
    text: readFileSync(new URL(`./sql/${name}.sql`, roomUrl), 'utf8').trim(),
  });
}

/** Reads a statement of the ledger, by its room and name: `pool/set_slots`. */
export const ledgerStatement = statementsOf('ledger', new URL('..', import.meta.url).href);

// Databases and roles of the embedded cluster, made once: the mesh's own, and the one the showcase
// writes to.
import pg from 'pg';

/** The mesh's own database. */
export const meshDatabase = 'dagmesh';

/** Database, role and owner of the showcase's tables: apart from the mesh's own. */
export const showcaseDatabase = 'showcase';

/** Makes what is missing; an existing role gets the password again. */
export async function makeDatabases(
  adminUrl: string,
  secrets: { readonly showcasePassword: string },
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await makeDatabase(client, meshDatabase);
    const role = await client.query('select 1 from pg_roles where rolname = $1', [
      showcaseDatabase,
    ]);
    const verb = role.rowCount === 0 ? 'create' : 'alter';
    const password = client.escapeLiteral(secrets.showcasePassword);
    await client.query(`${verb} role ${showcaseDatabase} login password ${password}`);
    await makeDatabase(client, showcaseDatabase, showcaseDatabase);
    await client.query(`revoke connect on database ${meshDatabase} from public`);
  } finally {
    await client.end();
  }
}

async function makeDatabase(client: pg.Client, name: string, owner?: string): Promise<void> {
  const found = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (found.rowCount !== 0) return;
  await client.query(`create database ${name}${owner === undefined ? '' : ` owner ${owner}`}`);
}

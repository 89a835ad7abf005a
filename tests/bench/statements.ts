// How many SQL statements PostgreSQL has run, by its own count.
import { query } from '../kit/flow.ts';
import type { TestMesh } from '../kit/mesh.ts';

/** Statements of the mesh's database since it was made, transaction control included. */
export async function statementsCount(mesh: TestMesh): Promise<number> {
  await query(mesh, 'create extension if not exists pg_stat_statements');
  const [row] = await query<{ calls: number }>(
    mesh,
    `select sum(calls)::float8 as calls from pg_stat_statements
     where dbid = (select oid from pg_database where datname = current_database())`,
  );
  return row?.calls ?? 0;
}

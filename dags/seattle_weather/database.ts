// The pipeline's own database, reached through the stored connection `showcase`.
import pg from 'pg';
import type { Connection } from '@dagmesh/sdk';

const CONNECTIONS_MAX = 2;
const TABLES = `
  create table if not exists weather_day (
    date date primary key, precipitation numeric not null, temp_max numeric not null, temp_min numeric not null,
    wind numeric not null, weather text not null, temp_mean numeric not null, is_wet boolean not null);
  create table if not exists weather_month (
    month text primary key, days int not null, precipitation numeric not null, wet_days int not null,
    temp_mean numeric not null, temp_max numeric not null, temp_min numeric not null)`;

let pool: Promise<pg.Pool> | undefined;

/** Runs work on a connection; one small pool per worker child, tables made on first use. */
export async function inDatabase<T>(
  connection: Connection,
  work: (db: pg.PoolClient) => Promise<T>,
): Promise<T> {
  pool ??= open(connection).catch((error) => {
    pool = undefined;
    throw error;
  });
  const db = await (await pool).connect();
  try {
    return await work(db);
  } finally {
    db.release();
  }
}

async function open(connection: Connection): Promise<pg.Pool> {
  const opened = new pg.Pool({
    host: connection.host,
    port: connection.port,
    user: connection.login,
    password: connection.password,
    database: connection.schema,
    max: CONNECTIONS_MAX,
    allowExitOnIdle: true,
  });
  // A server that restarts ends idle connections; the next query opens new ones.
  opened.on('error', () => {});
  // The lock lets workers that start together make the tables once.
  await opened.query(`begin; select pg_advisory_xact_lock(1461); ${TABLES}; commit`);
  return opened;
}

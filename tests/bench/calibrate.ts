// What this machine's disk and PostgreSQL can do, measured beside the product so that figures can
// be read as ratios.
import pg from 'pg';
import { startPostgres } from '../kit/postgres.ts';
import { percentile } from './figures.ts';

const WARMUP_COUNT = 200;
const SINGLE_COUNT = 1000;
const CLIENTS = 64;
const CROWD_MS = 3000;

export type Calibration = {
  /** C1: p50 of a durable one-row insert by one client, in ms. */
  readonly c1Ms: number;
  /** R64: durable one-row commits per second by 64 clients. */
  readonly r64PerS: number;
};

/** Measures C1 and R64 on a fresh cluster with fsync on. */
export async function calibrate(): Promise<Calibration> {
  const postgres = await startPostgres({});
  try {
    const url = await postgres.createDatabase();
    const pool = new pg.Pool({ connectionString: url, max: CLIENTS });
    // The server's end below ends idle connections, too; a query that fails says so itself.
    pool.on('error', () => {});
    await pool.query('create table written (id bigserial primary key, text text not null)');
    const c1Ms = await single(url);
    const r64PerS = await crowd(pool);
    await pool.end();
    return { c1Ms, r64PerS };
  } finally {
    await postgres.stop();
  }
}

const insert = { name: 'insert', text: 'insert into written (text) values ($1)', values: ['x'] };

async function single(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const tookMs: number[] = [];
  for (let i = 0; i < WARMUP_COUNT + SINGLE_COUNT; i += 1) {
    const startMs = performance.now();
    await client.query(insert);
    if (i >= WARMUP_COUNT) tookMs.push(performance.now() - startMs);
  }
  await client.end();
  return percentile(tookMs, 50);
}

async function crowd(pool: pg.Pool): Promise<number> {
  const startMs = performance.now();
  let commitsCount = 0;
  const one = async () => {
    const client = await pool.connect();
    while (performance.now() - startMs < CROWD_MS) {
      await client.query(insert);
      commitsCount += 1;
    }
    client.release();
  };
  await Promise.all(Array.from({ length: CLIENTS }, one));
  return commitsCount / ((performance.now() - startMs) / 1000);
}

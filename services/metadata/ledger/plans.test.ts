// How PostgreSQL finds the rows of a commit: by key from the first day, when the tables are empty
// and all plans look alike.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { migrate } from '../migrations/migrate.ts';
import { PROMPT_PLANNER } from './database/database.ts';

let postgres: TestPostgres;
let client: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  const connectionString = await postgres.createDatabase();
  await migrate(connectionString);
  client = new pg.Client({ connectionString, options: PROMPT_PLANNER });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

test.each([
  ['commit/update_dag_runs', 'dag_run_pkey'],
  ['commit/update_task_instances', 'task_instance_pkey'],
  ['commit/hold_task_instances', 'task_instance_pkey'],
  ['commit/end_task_attempts', 'task_attempt_pkey'],
  ['commit/carry_xcoms', 'xcom_pkey'],
  ['attempt/push_xcom', 'task_attempt_pkey'],
  ['attempt/read_xcoms', 'task_attempt_pkey'],
  ['asset/insert_asset_events', 'dag_asset_consumer_pkey'],
  ['asset/take_deliveries', 'asset_delivery_pkey'],
  ['attempt/put_state', 'task_attempt_pkey'],
  ['admission/admit_commit', 'ledger_commit_pkey'],
  ['pool/read_balances', 'slot_pool_entry_pkey'],
  ['pool/move_slots', 'slot_pool_entry_pkey'],
  ['load/load_begins', 'dag_run_ended'],
])('%s goes by %s and scans no table', async (name, index) => {
  const text = readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8');
  const { rows } = await client.query(`explain (generic_plan, costs off) ${text}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(new RegExp(`Index (Only )?Scan (Backward )?using ${index}`));
  expect(plan).not.toContain('Seq Scan');
});

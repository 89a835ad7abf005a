// How PostgreSQL finds the rows of a commit: by key from the first day, when the tables are empty
// and all plans look alike.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { migrate } from '../migrations/migrate.ts';
import { PROMPT_PLANNER } from './database/database.ts';

/** A mapped task of 20,000 instances in one run. */
const ROWS = `
  insert into task_instance
    (id, dag_run_id, task_id, map_index, state, try_number, tries_max, epoch, state_reason)
  select gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'each', n, 'scheduled',
    0, 1, 0, '' from generate_series(0, 20000) as n`;

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

const STATEMENTS = [
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
] as const;

test.each(STATEMENTS)('%s goes by %s and scans no table', async (name, index) => {
  const plan = await planOf(name);
  expect(plan).toMatch(new RegExp(`Index (Only )?Scan (Backward )?using ${index}`));
  expect(plan).not.toContain('Seq Scan');
});

describe('in a run of many instances', () => {
  // Here the planner is tempted to walk through an index from end to end instead.
  beforeAll(async () => {
    await client.query(ROWS);
    await client.query('analyze task_instance');
  });

  test.each(STATEMENTS.filter(([, index]) => /^(task_instance|task_attempt|xcom)_/.test(index)))(
    '%s still looks up by %s, row by row',
    async (name, index) => {
      const lines = (await planOf(name)).split('\n');
      const scans = lines.flatMap((line, at) =>
        / Index (Only )?Scan .* on (task_instance|task_attempt|xcom)\b/.test(line)
          ? [`${line.trim()} ${lines[at + 1]?.trim()}`]
          : [],
      );
      expect(scans.join('\n')).toContain(index);
      expect(scans.filter((scan) => !scan.includes('Index Cond'))).toEqual([]);
    },
  );
});

async function planOf(name: string): Promise<string> {
  const text = readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8');
  const { rows } = await client.query(`explain (generic_plan, costs off) ${text}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

// How PostgreSQL finds the rows of a commit: by key from the first day, when the tables are empty
// and all plans look alike. And those of a list, in tables that have grown.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { migrate } from '../migrations/migrate.ts';
import { PATIENT_PLANNER, PROMPT_PLANNER } from './database/database.ts';

const ID = '00000000-0000-0000-0000-000000000001';

/** A mapped task of 20,000 instances in one run. */
const ROWS = `
  insert into task_instance
    (id, dag_run_id, task_id, map_index, state, try_number, tries_max, epoch, state_reason)
  select gen_random_uuid(), '${ID}', 'each', n, 'scheduled',
    0, 1, 0, '' from generate_series(0, 20000) as n`;

/** Many updates of few assets, half of them of before their order was kept. */
const EVENTS = `
  insert into asset_event
    (id, asset_name, asset_uri, extra, "timestamp", source_dag_id, source_run_id, source_task_id,
     source_map_index, partition_key, actor, transaction_id)
  select gen_random_uuid(), 'asset_' || n % 3, '', '', now() - make_interval(secs => 50000 - n),
    '', '', '', -1, '', '', case when n > 25000 then n::text::xid8 end
  from generate_series(1, 50000) as n`;

/** Many runs of one DAG, each of a partition of its own. */
const RUNS = `
  insert into dag_run
    (id, dag_id, run_id, partition, run_type, state, run_after, dag_version_id, clear_number,
     triggered_by, state_reason, conf_json, partition_key)
  select gen_random_uuid(), 'daily', 'run_' || n, 0, 'manual', 'success', now(), 1, 0, '', '', '',
    'key_' || n
  from generate_series(1, 20000) as n`;

let postgres: TestPostgres;
let client: pg.Client;
let patient: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  const connectionString = await postgres.createDatabase();
  await migrate(connectionString);
  client = new pg.Client({ connectionString, options: PROMPT_PLANNER });
  patient = new pg.Client({ connectionString, options: PATIENT_PLANNER });
  await Promise.all([client.connect(), patient.connect()]);
});
afterAll(async () => {
  await Promise.all([client.end(), patient.end()]);
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

describe('in tables that have grown', () => {
  beforeAll(async () => {
    for (const rows of [EVENTS, RUNS]) await client.query(rows);
    await client.query('analyze asset_event, dag_run');
  });

  const lists = [
    {
      name: 'asset/list_asset_news',
      values: ['asset_1', '{49990:49990:}', '{1}', `{${ID}}`, 100, 2_048],
      indexes: ['asset_event_by_transaction', 'asset_event_by_name', 'task_instance_waiting'],
      tables: /Seq Scan on (asset_event|task_instance) /,
    },
    {
      name: 'load/list_runs',
      values: ['daily', null, null, null, true, 1, false, false, '{key_7}'],
      indexes: ['dag_run_of_partition'],
      tables: /Seq Scan on dag_run /,
    },
  ] as const;

  test.each(lists)('$name goes by its indexes', async ({ name, values, indexes, tables }) => {
    const plan = await planOf(name, values);
    for (const index of indexes) expect(plan).toMatch(new RegExp(`Scan.* (using|on) ${index}\\b`));
    expect(plan).not.toMatch(tables);
  });
});

/** How a statement goes about it: whatever it is about, or with these values. */
async function planOf(name: string, values?: readonly unknown[]): Promise<string> {
  const text = readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8');
  const { rows } = await (values === undefined
    ? client.query(`explain (generic_plan, costs off) ${text}`)
    : patient.query(`explain (costs off) ${text}`, [...values]));
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

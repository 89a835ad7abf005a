// Migrations run once each, whoever runs them and however often, and the tables speak the
// contract's words.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { execute, startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import {
  backfillActions,
  backfillStates,
  dagRunStates,
  reprocessBehaviors,
  runTypes,
  taskAttemptStates,
  taskInstanceStates,
} from '../ledger/record/names.ts';
import { migrate } from './migrate.ts';

const MIGRATIONS = [
  'catalog',
  'ledger',
  'mesh',
  'access',
  'kinds',
  'waiting',
  'assets',
  'backfills',
  'promises',
  'watchers',
  'growth',
  'asset_order',
  'bundles',
  'partition_runs',
];

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test('an empty database gets all migrations in order, a second run none', async () => {
  const url = await postgres.createDatabase();
  expect(await migrate(url)).toEqual(MIGRATIONS);
  expect(await migrate(url)).toEqual([]);
});

test('of services that migrate at the same moment one does, and all find the tables', async () => {
  const url = await postgres.createDatabase();
  const done = await Promise.all(Array.from({ length: 3 }, () => migrate(url)));
  expect(done.map((names) => names.length).toSorted()).toEqual([0, 0, MIGRATIONS.length]);
  const { rows } = await execute(url, 'select count(*)::integer as count from scheduler_partition');
  expect(rows).toEqual([{ count: 256 }]);
});

test('enums in the database have the names of the contract', async () => {
  const url = await postgres.createDatabase();
  await migrate(url);
  const { rows } = await execute(
    url,
    `select t.typname as type, array_agg(e.enumlabel::text order by e.enumsortorder) as labels
     from pg_type t join pg_enum e on e.enumtypid = t.oid group by 1 order by 1`,
  );
  expect(Object.fromEntries(rows.map((row) => [row.type, row.labels]))).toEqual({
    backfill_action: backfillActions.all,
    backfill_state: backfillStates.all,
    dag_run_state: dagRunStates.all,
    reprocess_behavior: reprocessBehaviors.all,
    run_type: runTypes.all,
    task_attempt_state: taskAttemptStates.all,
    task_instance_state: taskInstanceStates.all,
  });
});

test('a database that is not there is a reason to try later', async () => {
  const call = migrate('postgres://nobody@127.0.0.1:1/nothing');
  expect(reasonOf(await call.catch((error: unknown) => error))).toBe('database_unavailable');
});

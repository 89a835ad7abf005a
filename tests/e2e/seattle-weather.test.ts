// The showcase pipeline over all 1,461 days: its table equals what a direct computation over the
// file gives, row by row, also after running twice, also when a worker is killed halfway.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { finish, query, waitForDag } from '../kit/flow.ts';
import { fastTimings, repository, type TestMesh } from '../kit/mesh.ts';
import { execute } from '../kit/postgres.ts';
import { useMesh } from '../kit/use-mesh.ts';
import { eventually } from '../kit/wait.ts';

const daily = 'seattle_weather_daily';
const monthly = 'seattle_weather_monthly';

const workers = [
  { language: 'typescript' },
  { language: 'typescript' },
  { language: 'python' },
] as const;
const mesh = useMesh(
  { mode: 'mesh', dagsFolder: join(repository, 'dags'), env: fastTimings, workers },
  prepare,
);
let warehouse: string;

/** A warehouse to write to, and where the report goes. */
async function prepare(mesh: TestMesh): Promise<void> {
  await execute(mesh.databaseUrl, 'create database warehouse');
  const url = new URL(mesh.databaseUrl);
  url.pathname = '/warehouse';
  warehouse = url.href;
  await mesh.client(ConnectionService).putConnection({
    connection: {
      connId: 'showcase',
      connType: 'postgres',
      host: url.hostname,
      port: Number(url.port),
      login: url.username,
      password: url.password,
      schema: 'warehouse',
    },
  });
  await mesh.client(VariableService).putVariable({
    variable: { key: 'seattle_weather_report_folder', value: join(mesh.folder, 'report') },
  });
  for (const dagId of [daily, monthly]) await waitForDag(mesh, dagId);
}

/** The table as the file alone dictates it: an oracle that shares no code with the DAG. */
function expectedDays(): Record<string, string | boolean>[] {
  const path = join(repository, 'node_modules', 'vega-datasets', 'data', 'seattle-weather.csv');
  const [, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  return lines.map((line) => {
    const [date = '', rain = '', high = '', low = '', wind = '', weather = ''] = line.split(',');
    // Tenths of a degree as whole numbers: the mean is exact, in twentieths.
    const tenths = (text: string) => Math.round(Number(text) * 10);
    const mean = ((tenths(high) + tenths(low)) / 20).toFixed(2);
    return { date, rain, high, low, wind, weather, mean, wet: tenths(rain) > 0 };
  });
}

async function tableDays(): Promise<Record<string, string | boolean>[]> {
  const { rows } = await execute(
    warehouse,
    `select date::text, precipitation::numeric(9,1)::text as rain,
       temp_max::numeric(9,1)::text as high, temp_min::numeric(9,1)::text as low,
       wind::numeric(9,1)::text as wind, weather, temp_mean::numeric(9,2)::text as mean,
       is_wet as wet
     from weather_day order by date`,
  );
  return rows;
}

async function waitForRuns(dagId: string, count: number): Promise<void> {
  const succeeded = async () => {
    const [row] = await query<{ count: number }>(
      mesh,
      `select count(*)::int as count from dag_run where dag_id = $1 and state = 'success'`,
      [dagId],
    );
    return row?.count;
  };
  await eventually(async () => (await succeeded()) === count, {
    deadlineMs: 150_000,
    what: () => `${count} runs of ${dagId} have succeeded\n${mesh.tails()}`,
    pollMs: 200,
  });
}

test('a worker killed halfway leaves no hole and no double row', async () => {
  await mesh.client(DagService).unpauseDag({ dagId: daily });
  await eventually(async () => (await tableDays().catch(() => [])).length > 300, {
    deadlineMs: 90_000,
    what: () => `300 days are loaded\n${mesh.tails()}`,
    pollMs: 100,
  });
  await mesh.program('worker-typescript-0').restart();
  await waitForRuns(daily, 1461);
  expect(await tableDays()).toEqual(expectedDays());
}, 300_000);

test('days that run a second time leave the same table', async () => {
  const tasks = mesh.client(TaskInstanceService);
  const runs = await query<{ run_id: string }>(
    mesh,
    `select run_id from dag_run where dag_id = $1 order by run_after limit 40`,
    [daily],
  );
  for (const { run_id: runId } of runs) {
    await tasks.clearTaskInstances({ selection: { dagId: daily, runId } });
  }
  for (const { run_id: runId } of runs) await finish(mesh, { dagId: daily, runId });
  expect(await tableDays()).toEqual(expectedDays());
}, 300_000);

test('the monthly report covers every month of the table', async () => {
  const folder = join(mesh.folder, 'report');
  rmSync(folder, { recursive: true, force: true });
  await mesh.client(DagService).unpauseDag({ dagId: monthly });
  await waitForRuns(monthly, 48);
  const rows = readFileSync(join(folder, 'seattle_weather.csv'), 'utf8').trim().split('\n');
  expect(rows).toHaveLength(49);
  const rainOf2012 = expectedDays()
    .filter((day) => String(day['date']).startsWith('2012-01'))
    .reduce((sum, day) => sum + Math.round(Number(day['rain']) * 10), 0);
  expect(Number(rows[1]?.split(',')[2]) * 10).toBeCloseTo(rainOf2012);
  const chart = readFileSync(join(folder, 'seattle_weather.svg'), 'utf8');
  expect(chart.match(/<title>/g)).toHaveLength(48);
}, 300_000);

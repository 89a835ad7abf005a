// The decisions of the real mesh, on both forms of it: DAGs written with the TypeScript SDK, when
// parsed, scheduled and run by a worker, end in the states that the tables and the oracle say.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagRunState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { finish, taskInstances, waitForDag } from '../../kit/flow.ts';
import { type MeshMode, repository, startMesh, type TestMesh } from '../../kit/mesh.ts';
import { nameOf } from '../oracle/orders.ts';
import { type Case, randomCases, tableCases } from './cases.ts';

const SEED = Number(process.env.DAGMESH_TEST_SEED ?? 20_260_101);
const RANDOM_COUNT = 500;
const DAGS_PER_FILE = 50;
/** Runs under way at once. */
const AT_ONCE = 40;
const RUN_MS = 60_000;
const MODES: readonly MeshMode[] = ['mesh', 'standalone'];
const SUBJECTS = ['setup-teardown', 'run-state', 'branch', 'short-circuit', 'expansion'];

const tables = tableCases(SUBJECTS);

describe.each(MODES)('on %s', (mode) => {
  // Each form gets DAGs of its own, so that together they are twice as many.
  const random = randomCases(RANDOM_COUNT, SEED + MODES.indexOf(mode) * 10_000);
  let mesh: TestMesh;
  let dagsFolder = '';

  beforeAll(async () => {
    dagsFolder = writeDagFiles([...tables, ...random]);
    mesh = await startMesh({
      mode,
      dagsFolder,
      workers: [{ language: 'typescript', slots: 16 }],
    });
    for (const { dagId } of [...tables, ...random]) await waitForDag(mesh, dagId);
  }, 300_000);
  afterAll(async () => {
    await mesh?.stop();
    rmSync(dagsFolder, { recursive: true, force: true });
  });

  test(`${tables.length} rows of the tables come to their states`, async () => {
    expect(await differencesOf(mesh, tables)).toEqual([]);
  }, 300_000);

  test(`${RANDOM_COUNT} random DAGs come to the states of the oracle (seed ${SEED})`, async () => {
    expect(await differencesOf(mesh, random)).toEqual([]);
  }, 300_000);
});

/** A DAG folder with files of some plans each; the SDK is found as in a user's project. */
function writeDagFiles(cases: readonly Case[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'dagmesh-plans-'));
  mkdirSync(join(folder, 'node_modules', '@dagmesh'), { recursive: true });
  symlinkSync(
    join(repository, 'sdk', 'typescript'),
    join(folder, 'node_modules', '@dagmesh', 'sdk'),
  );
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  for (let from = 0; from < cases.length; from += DAGS_PER_FILE) {
    const some = cases.slice(from, from + DAGS_PER_FILE);
    const plans = Object.fromEntries(some.map(({ dagId, plan }) => [dagId, plan]));
    const file = join(folder, `plans_${from / DAGS_PER_FILE}`);
    writeFileSync(`${file}.json`, JSON.stringify(plans));
    copyFileSync(join(import.meta.dirname, 'dags', 'plans.ts'), `${file}.ts`);
  }
  return folder;
}

/** Runs the cases, some at once; answers those that ended otherwise than they should. */
async function differencesOf(mesh: TestMesh, cases: readonly Case[]): Promise<readonly unknown[]> {
  const differences: unknown[] = [];
  const open = [...cases];
  const runSome = async () => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const { name, plan, endings, end } = next;
      const actual = await endOnMesh(mesh, next);
      if (!isSame(actual, end)) differences.push({ name, plan, endings, expected: end, actual });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runSome));
  return differences;
}

async function endOnMesh(mesh: TestMesh, { dagId, endings }: Case): Promise<Case['end']> {
  const confJson = JSON.stringify({ endings });
  const { runId } = await mesh.client(DagRunService).triggerDagRun({ dagId, confJson });
  const run = await finish(mesh, { dagId, runId }, RUN_MS);
  const found = await taskInstances(mesh, { dagId, runId });
  const states = found.map(({ taskId, mapIndex, state }) => [
    nameOf(taskId, mapIndex),
    word(TaskInstanceState, state),
  ]);
  return { states: Object.fromEntries(states), run: word(DagRunState, run.state) };
}

function word(names: Readonly<Record<string, number>>, value: number): string {
  const [name = ''] = Object.entries(names).find(([, each]) => each === value) ?? [];
  return name.toLowerCase();
}

function isSame(a: Case['end'], b: Case['end']): boolean {
  const inOrder = ({ states, run }: Case['end']) =>
    JSON.stringify([run, Object.entries(states).toSorted(([x], [y]) => (x < y ? -1 : 1))]);
  return inOrder(a) === inOrder(b);
}

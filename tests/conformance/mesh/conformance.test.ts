// The decisions of the real mesh, on both forms of it: DAGs written with the TypeScript SDK, when
// parsed, scheduled and run by a worker, end in the states that the tables and the oracle say.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { DagRunState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { finish, type RunRef, taskInstances, waitForDag } from '../../kit/flow.ts';
import { type MeshMode, repository, startMesh, type TestMesh } from '../../kit/mesh.ts';
import { type End, nameOf } from '../oracle/orders.ts';
import type { Reach } from '../play/scenario.ts';
import { type Case, type Command, randomCases, tableCases } from './cases.ts';
import { seed } from '../../kit/seed.ts';

/** Each form gets DAGs of its own: the services apart, whose way is longer, get most of them. */
const RANDOM_COUNTS: Readonly<Record<MeshMode, number>> = { mesh: 1_000, standalone: 250 };
const DAGS_PER_FILE = 50;
/** Runs under way at once. */
const AT_ONCE = 40;
const RUN_MS = 180_000;
const MODES: readonly MeshMode[] = ['mesh', 'standalone'];
const SUBJECTS = [
  'branch',
  'clear',
  'expansion',
  'fail-fast',
  'mark',
  'run-state',
  'setup-teardown',
  'short-circuit',
];
/** How long the DAGs may take to be parsed, and all their runs to end. */
const PARSE_MS = 300_000;
const ALL_MS = 600_000;

const tables = tableCases(SUBJECTS);

describe.each(MODES)('on %s', (mode) => {
  const random = randomCases(RANDOM_COUNTS[mode], seed + MODES.indexOf(mode) * 10_000);
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
  }, PARSE_MS);
  afterAll(async () => {
    await mesh?.stop();
    rmSync(dagsFolder, { recursive: true, force: true });
  });

  test(
    `${tables.length} rows of the tables come to their states`,
    async () => {
      expect(await differencesOf(mesh, tables)).toEqual([]);
    },
    ALL_MS,
  );

  test(
    `${random.length} random DAGs come to the states of the oracle (seed ${seed})`,
    async () => {
      expect(await differencesOf(mesh, random)).toEqual([]);
    },
    ALL_MS,
  );
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
      const { end } = next;
      const actual = await endOnMesh(mesh, next);
      if (!isSame(actual, end)) differences.push({ ...next, actual });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runSome));
  return differences;
}

async function endOnMesh(mesh: TestMesh, { dagId, endings, commands }: Case): Promise<End> {
  const confJson = JSON.stringify({ endings });
  const { runId } = await mesh.client(DagRunService).triggerDagRun({ dagId, confJson });
  let run = await finish(mesh, { dagId, runId }, RUN_MS);
  for (const command of commands) {
    await carryOut(mesh, { dagId, runId }, command);
    run = await finish(mesh, { dagId, runId }, RUN_MS);
  }
  const found = await taskInstances(mesh, { dagId, runId });
  const states = found.map(({ taskId, mapIndex, state }) => [
    nameOf(taskId, mapIndex),
    word(TaskInstanceState, state),
  ]);
  return { states: Object.fromEntries(states), run: word(DagRunState, run.state) };
}

/** Does with a run what a row says is done. */
async function carryOut(mesh: TestMesh, run: RunRef, command: Command): Promise<void> {
  const tasks = mesh.client(TaskInstanceService);
  if (command[0] === 'mark run') {
    const state = command[1] === 'success' ? DagRunState.SUCCESS : DagRunState.FAILED;
    await mesh.client(DagRunService).markDagRun({ ...run, state });
  } else if (command[0] === 'mark') {
    const state = TaskInstanceState[command[1].toUpperCase() as 'SUCCESS'];
    await tasks.markTaskInstances({ selection: selectionOf(run, command[2], command[3]), state });
  } else {
    const selection = selectionOf(run, command[1], command[2]);
    await tasks.clearTaskInstances({ selection, onlyFailed: command[2]?.only_failed ?? false });
  }
}

function selectionOf(run: RunRef, taskIds: readonly string[], reach: Reach = {}) {
  const { upstream = false, downstream = false } = reach;
  return {
    ...run,
    taskIds: [...taskIds],
    includeUpstream: upstream,
    includeDownstream: downstream,
  };
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

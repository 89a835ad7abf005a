// What people are told beside what they asked for, so that nobody waits for nothing.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DagRunState, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type FakeMesh, startFakeMesh } from '../../tests/kit/fake-mesh.ts';
import { BACKFILL_ID, createWorld } from '../../tests/kit/fake-world.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { taskByTask } from './commands/tasks/columns.ts';
import { runCli, startCli } from './test-cli.ts';

let mesh: FakeMesh;
beforeAll(async () => {
  mesh = await startFakeMesh();
});
afterAll(() => mesh.stop());
beforeEach(() => {
  Object.assign(mesh.world, createWorld());
});

const HINT = 'dagmesh dags unpause etl';
const dagmesh = (line: string) => runCli(line.split(' '), { url: mesh.url });
const setPaused = (isPaused: boolean) =>
  Object.assign(mesh.world.dags.get('etl')?.dag ?? {}, { isPaused });

describe('that a DAG is paused', () => {
  test.each([
    'dags trigger etl -r one',
    'backfill create etl --from-date 2026-01-01 --to-date 2026-01-03 --yes',
  ])('is said by: dagmesh %s', async (line) => {
    setPaused(true);
    expect((await dagmesh(line)).stderr).toContain(HINT);
    setPaused(false);
    expect((await dagmesh(line)).stderr).not.toContain(HINT);
  });

  test('is said to whoever waits for a run of it', async () => {
    setPaused(true);
    const cli = startCli(['dags', 'trigger', 'etl', '-r', 'two', '--wait'], { url: mesh.url });
    await eventually(() => cli.stderr().includes(HINT), { deadlineMs: 60_000, what: 'it is said' });
    cli.signal('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 130 });
  });

  test('is said to whoever watches a backfill of which nothing runs', async () => {
    setPaused(true);
    const status = mesh.world.backfills.get(BACKFILL_ID) ?? {};
    const progress = { datesCount: 3, pendingCount: 3 };
    mesh.world.backfills.set(BACKFILL_ID, { ...status, progress });
    const cli = startCli(['backfill', 'show', BACKFILL_ID, '--watch'], { url: mesh.url });
    await eventually(() => cli.stderr().includes(HINT), { deadlineMs: 60_000, what: 'it is said' });
    cli.signal('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 130 });
  });
});

test('the instances of a mapped task stand together', () => {
  const rows = (['a 0', 'b -1', 'c 1', 'a 2', 'a 1', 'c 0'] as const).map((words) => {
    const [taskId = '', mapIndex] = words.split(' ');
    return { taskId, mapIndex: Number(mapIndex) };
  });
  expect(taskByTask(rows).map(({ taskId, mapIndex }) => `${taskId} ${mapIndex}`)).toEqual([
    ...['a 0', 'a 1', 'a 2', 'b -1', 'c 0', 'c 1'],
  ]);
});

test('of a callback it is told what it was about', async () => {
  const context = { event: 'retry', task_id: 'load' };
  mesh.world.runs.set('callback__1', {
    ...{ dagId: 'etl', runId: 'callback__1', id: 'run-2', callbackOfRunId: 'manual__1' },
    ...{ state: DagRunState.SUCCESS, runType: RunType.CALLBACK },
    confJson: JSON.stringify({ callback: {}, context }),
  });
  const { stdout } = await dagmesh('alerts callbacks');
  expect(stdout.split('\n')[0]).toMatch(/^DAG_ID +ABOUT +EVENT +TASK_ID +RUN_ID/);
  expect(stdout.split('\n')[1]).toMatch(/^etl +manual__1 +retry +load +callback__1/);
});

test.each([
  ['xcom set etl latest extract 1', "tasks clear etl manual__1 'extract[3]' --downstream"],
  ['inputs respond etl latest approve', 'inputs show etl latest approve --map-index 3'],
  ['inputs show etl latest approve', 'inputs respond etl manual__1 approve --map-index 3'],
  ['tasks logs etl latest load', 'tasks explain etl manual__1 load --map-index 3'],
])('what is suggested after %s is about the same instance of a mapped task', async (line, hint) => {
  expect((await dagmesh(`${line} --map-index 3`)).stderr).toContain(`dagmesh ${hint}`);
});

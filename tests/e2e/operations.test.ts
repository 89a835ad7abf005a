// What people do to runs by hand, on both forms of the system: clear, mark, write notes, trigger,
// correct values, ask why.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { DagRunState, RunType, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import {
  finish,
  logLines,
  nameOf,
  query,
  type RunRef,
  taskInstances,
  trigger,
  waitForDag,
} from '../kit/flow.ts';
import { fastTimings, type MeshMode, repository, startMesh, type TestMesh } from '../kit/mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';
import { runCli } from '../../services/cli/test-cli.ts';

const modes: readonly MeshMode[] = ['mesh', 'standalone'];
const { SUCCESS, FAILED, SKIPPED } = TaskInstanceState;
const day = (date: number) => toTimestamp(Date.UTC(2024, 0, date));

describe.each(modes)('on %s', (mode) => {
  let mesh: TestMesh;

  beforeAll(async () => {
    mesh = await startMesh({
      mode,
      dagsFolder: join(repository, 'tests', 'fixtures', 'dags'),
      env: fastTimings,
    });
    await waitForDag(mesh, 'line');
  });
  afterAll(() => mesh?.stop());

  const runs = () => mesh.client(DagRunService);
  const tasks = () => mesh.client(TaskInstanceService);

  /** The end of a new run. */
  const ran = async (dagId: string, conf: object = {}) => {
    const ref = await trigger(mesh, dagId, conf);
    await finish(mesh, ref);
    return ref;
  };

  /** State and tries of each instance of a run, e.g. `SUCCESS 2`. */
  const outcome = async (of: RunRef) =>
    Object.fromEntries(
      (await taskInstances(mesh, of)).map(({ taskId, mapIndex, state, tryNumber }) => [
        mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`,
        `${nameOf(TaskInstanceState, state)} ${tryNumber}`,
      ]),
    );

  const reasonFrom = (call: Promise<unknown>) =>
    call.then(
      () => 'no error',
      (error: unknown) => reasonOf(error) ?? String(error),
    );

  const clear = async (
    selection: RunRef & { taskIds?: string[]; [how: string]: unknown },
    how: object = {},
  ) => {
    const answer = await tasks().clearTaskInstances({ selection, ...how });
    return answer.taskInstances.map(({ runId, taskId, mapIndex }) => {
      const name = mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`;
      return runId === selection.runId ? name : `${name} of ${runId}`;
    });
  };

  describe('clearing', () => {
    test('with what is downstream or upstream runs just that again', async () => {
      const run = await ran('line');
      expect(await clear({ ...run, taskIds: ['c'], includeDownstream: true })).toEqual(['c', 'd']);
      await finish(mesh, run);
      expect(await clear({ ...run, taskIds: ['b'], includeUpstream: true })).toEqual(['a', 'b']);
      await finish(mesh, run);
      expect(await outcome(run)).toEqual({
        a: 'SUCCESS 2',
        b: 'SUCCESS 2',
        c: 'SUCCESS 2',
        d: 'SUCCESS 2',
      });
    });

    test('only what failed lets the run go on from there', async () => {
      const run = await ran('line', { fails: ['b'] });
      expect(await outcome(run)).toMatchObject({ a: 'SUCCESS 1', b: 'FAILED 1' });
      expect(await clear(run, { onlyFailed: true })).toEqual(['b', 'c', 'd']);
      expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
      expect(await outcome(run)).toEqual({
        a: 'SUCCESS 1',
        b: 'SUCCESS 2',
        c: 'SUCCESS 1',
        d: 'SUCCESS 1',
      });
    });

    test('in a dry run says what it would clear and changes nothing', async () => {
      const run = await ran('line');
      expect(await clear(run, { dryRun: true })).toEqual(['a', 'b', 'c', 'd']);
      const { run: row } = await runs().getDagRun(run);
      expect(row).toMatchObject({ state: DagRunState.SUCCESS, clearNumber: 0 });
      expect(await outcome(run)).toMatchObject({ a: 'SUCCESS 1', d: 'SUCCESS 1' });
    });

    test('one instance of a mapped task runs that instance again, and no other', async () => {
      const run = await ran('fan', { fails: ['each[1]'] });
      expect(await outcome(run)).toMatchObject({
        'each[1]': 'FAILED 1',
        total: 'UPSTREAM_FAILED 0',
      });
      const taskIds = ['each[1]'];
      expect(await clear({ ...run, taskIds, includeDownstream: true })).toEqual([
        'each[1]',
        'total',
      ]);
      await finish(mesh, run);
      expect(await outcome(run)).toEqual({
        list: 'SUCCESS 1',
        'each[0]': 'SUCCESS 1',
        'each[1]': 'SUCCESS 2',
        'each[2]': 'SUCCESS 1',
        total: 'SUCCESS 1',
      });
    });

    test('reaches into the past and the future of a run', async () => {
      const dated = async (date: number) => {
        const request = { dagId: 'line', runId: `day-${date}`, logicalDate: day(date) };
        await runs().triggerDagRun(request);
        await finish(mesh, request);
        return { dagId: 'line', runId: request.runId };
      };
      const [first, second, third] = [await dated(1), await dated(2), await dated(3)];
      const past = await clear({ ...second, taskIds: ['d'], includePast: true });
      expect(past).toEqual(['d of day-1', 'd']);
      const future = await clear({ ...second, taskIds: ['c'], includeFuture: true });
      expect(future).toEqual(['c', 'c of day-3']);
      for (const each of [first, second, third]) await finish(mesh, each);
      expect(await outcome(first)).toMatchObject({ c: 'SUCCESS 1', d: 'SUCCESS 2' });
      expect(await outcome(second)).toMatchObject({ c: 'SUCCESS 2', d: 'SUCCESS 2' });
      expect(await outcome(third)).toMatchObject({ c: 'SUCCESS 2', d: 'SUCCESS 1' });
    });

    test('an unknown task, a run without date for its past, or both filters is refused', async () => {
      const run = await ran('line');
      expect(await reasonFrom(clear({ ...run, taskIds: ['nobody'] }))).toBe('task_not_found');
      expect(await reasonFrom(clear({ ...run, includePast: true }))).toBe('bad_request');
      const both = { onlyFailed: true, onlyRunning: true };
      expect(await reasonFrom(clear(run, both))).toBe('bad_request');
      const nowhere = { dagId: 'line', runId: 'nowhere' };
      expect(await reasonFrom(clear(nowhere))).toBe('run_not_found');
      expect(await outcome(run)).toMatchObject({ a: 'SUCCESS 1' });
    });

    test('of a work task brings its setup and teardown along', async () => {
      const run = await ran('cluster', { fails: ['work'] });
      expect(await clear({ ...run, taskIds: ['work'] })).toEqual(['create', 'work', 'remove']);
      await finish(mesh, run);
      expect(await outcome(run)).toEqual({
        create: 'SUCCESS 2',
        work: 'SUCCESS 2',
        remove: 'SUCCESS 2',
      });
    });
  });

  describe('marking', () => {
    const mark = (selection: RunRef & { taskIds: string[] }, state: TaskInstanceState) =>
      tasks().markTaskInstances({ selection, state, note: 'by hand' });

    test.each([
      ['success', SUCCESS, { b: 'SUCCESS 1', c: 'SUCCESS 1', d: 'SUCCESS 1' }, 'SUCCESS'],
      ['skipped', SKIPPED, { b: 'SKIPPED 1', c: 'SKIPPED 0', d: 'SKIPPED 0' }, 'SUCCESS'],
    ])('a failed task %s runs what it had kept from running', async (_, state, states, end) => {
      const run = await ran('line', { fails: ['b'] });
      await mark({ ...run, taskIds: ['b'] }, state);
      expect(nameOf(DagRunState, (await finish(mesh, run)).state)).toBe(end);
      expect(await outcome(run)).toMatchObject(states);
      const { taskInstance } = await tasks().getTaskInstance({ ...run, taskId: 'b' });
      expect(taskInstance?.note).toBe('by hand');
    });

    test('a task that succeeded as failed fails its run', async () => {
      const run = await ran('line');
      await mark({ ...run, taskIds: ['d'] }, FAILED);
      await eventually(
        async () => (await runs().getDagRun(run)).run?.state === DagRunState.FAILED,
        { deadlineMs: 10_000, what: 'the run has failed' },
      );
    });

    test('a running task ends its process, and what follows it runs', async () => {
      const run = await trigger(mesh, 'sleeper');
      const pid = await eventuallyGives(
        async () => {
          const lines = await logLines(mesh, { ...run, taskId: 'sleeps' }).catch(() => []);
          return lines.map((line) => /^pid (\d+)$/.exec(line)?.[1]).find(Boolean);
        },
        { deadlineMs: 15_000, what: 'the task has said its process id' },
      );
      await mark({ ...run, taskIds: ['sleeps'] }, SUCCESS);
      expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
      expect(await outcome(run)).toEqual({ sleeps: 'SUCCESS 1', after: 'SUCCESS 1' });
      await eventually(() => !existsSync(`/proc/${pid}`), {
        deadlineMs: 10_000,
        what: 'the process is gone',
      });
    });

    test.each([
      ['success', DagRunState.SUCCESS, 'SUCCESS'],
      ['failed', DagRunState.FAILED, 'FAILED'],
    ])('a run as %s still runs the teardown that is left', async (_, state, workState) => {
      const run = await trigger(mesh, 'cluster', { holdMs: 1_000 });
      await eventually(async () => (await outcome(run))['work']?.startsWith('RUNNING') ?? false, {
        deadlineMs: 15_000,
        what: 'the work runs',
      });
      const marked = await runs().markDagRun({ ...run, state });
      expect(marked.taskInstances.map(({ taskId }) => taskId)).toEqual(['work']);
      expect(marked.state).toBe(DagRunState.RUNNING);
      expect((await finish(mesh, run)).state).toBe(state);
      expect(await outcome(run)).toEqual({
        create: 'SUCCESS 1',
        work: `${workState} 1`,
        remove: 'SUCCESS 1',
      });
    });
  });

  test('notes beside a run and a task are kept, and removed with an empty one', async () => {
    const run = await ran('line');
    await runs().setDagRunNote({ ...run, note: 'late data' });
    await tasks().setTaskInstanceNote({ ...run, taskId: 'b', note: 'look here' });
    expect((await runs().getDagRun(run)).run?.note).toBe('late data');
    const noteOfB = async () =>
      (await tasks().getTaskInstance({ ...run, taskId: 'b' })).taskInstance?.note;
    expect(await noteOfB()).toBe('look here');
    await tasks().setTaskInstanceNote({ ...run, taskId: 'b', note: '' });
    expect(await noteOfB()).toBe('');
    const nobody = tasks().setTaskInstanceNote({ ...run, taskId: 'nobody', note: 'x' });
    expect(await reasonFrom(nobody)).toBe('task_not_found');
  });

  describe('a trigger', () => {
    test('with params that their schema forbids is refused and makes no run', async () => {
      const count = async () => (await runs().listDagRuns({ dagId: 'fan', pageSize: 1000 })).runs;
      const before = await count();
      for (const conf of [{ fails: 'all' }, { holdMs: -1 }, { holdMs: 'long' }]) {
        const call = runs().triggerDagRun({ dagId: 'fan', confJson: JSON.stringify(conf) });
        expect(await reasonFrom(call)).toBe('bad_params');
      }
      const text = runs().triggerDagRun({ dagId: 'fan', confJson: '{' });
      expect(await reasonFrom(text)).toBe('bad_params');
      expect(await count()).toHaveLength(before.length);
    });

    test('takes a note, an interval and a partition along', async () => {
      const { runId } = await runs().triggerDagRun({
        dagId: 'line',
        note: 'asked for by finance',
        logicalDate: day(10),
        dataIntervalStart: day(8),
        dataIntervalEnd: day(10),
        partitionKey: 'emea',
      });
      const row = await finish(mesh, { dagId: 'line', runId });
      expect(row).toMatchObject({
        note: 'asked for by finance',
        logicalDate: day(10),
        dataIntervalStart: day(8),
        dataIntervalEnd: day(10),
        partitionKey: 'emea',
        runType: RunType.MANUAL,
      });
    });

    test('for later waits until then', async () => {
      const runAfterMs = Date.now() + 1_000;
      const { runId } = await runs().triggerDagRun({
        dagId: 'line',
        runAfter: toTimestamp(runAfterMs),
      });
      const row = await finish(mesh, { dagId: 'line', runId });
      expect(fromTimestamp(row.runAfter)).toBe(runAfterMs);
      expect(fromTimestamp(row.startDate)).toBeGreaterThanOrEqual(runAfterMs);
    });

    test('for a run id or a logical date that there is already is refused', async () => {
      const request = { dagId: 'line', runId: 'twice', logicalDate: day(20) };
      await runs().triggerDagRun(request);
      expect(await reasonFrom(runs().triggerDagRun(request))).toBe('run_exists');
      const other = { ...request, runId: 'thrice' };
      expect(await reasonFrom(runs().triggerDagRun(other))).toBe('run_exists');
      await finish(mesh, request);
      expect(await reasonFrom(runs().triggerDagRun(other))).toBe('run_exists');
      expect(await reasonFrom(runs().getDagRun(other))).toBe('run_not_found');
    });
  });

  test('an XCom can be listed, read, corrected and deleted', async () => {
    const xcoms = mesh.client(XComService);
    const run = await ran('fan');
    const list = async () =>
      (await xcoms.listXComs(run)).xcoms.map(({ taskId, mapIndex }) => `${taskId} ${mapIndex}`);
    expect((await list()).sort()).toEqual(['each 0', 'each 1', 'each 2', 'list -1', 'total -1']);
    const total = { ...run, taskId: 'total' };
    expect(JSON.parse((await xcoms.getXCom(total)).valueJson)).toEqual([1, 1, 1]);
    await xcoms.setXCom({ ...total, valueJson: '{"corrected":true}' });
    expect(JSON.parse((await xcoms.getXCom(total)).valueJson)).toEqual({ corrected: true });
    await xcoms.deleteXCom(total);
    expect(await reasonFrom(xcoms.getXCom(total))).toBe('xcom_not_found');
    expect(await list()).toHaveLength(4);
  });

  test('a corrected XCom is what cleared tasks go on with', async () => {
    const xcoms = mesh.client(XComService);
    const run = await ran('fan');
    await xcoms.setXCom({ ...run, taskId: 'each', mapIndex: 1, valueJson: '100' });
    await clear({ ...run, taskIds: ['total'] });
    await finish(mesh, run);
    const { valueJson } = await xcoms.getXCom({ ...run, taskId: 'total' });
    expect(JSON.parse(valueJson)).toEqual([1, 100, 1]);
  });

  test('an XCom of a task that has not finished cannot be corrected', async () => {
    const run = await trigger(mesh, 'sleeper');
    const call = mesh.client(XComService).setXCom({ ...run, taskId: 'after', valueJson: '1' });
    expect(await reasonFrom(call)).toBe('task_not_finished');
    await runs().cancelDagRun(run);
  });

  test('it is told why a task waits, why a DAG does not run, and when it runs next', async () => {
    const run = await trigger(mesh, 'sleeper');
    const { explanation } = await tasks().explainTaskInstance({ ...run, taskId: 'after' });
    expect(explanation?.blockers[0]).toMatchObject({ subject: 'sleeps' });
    expect(explanation?.blockers[0]?.message).toMatch(/sleeps/);
    await runs().cancelDagRun(run);
    const manual = await mesh.client(DagService).explainDag({ dagId: 'line', nextRuns: 3 });
    expect(manual.explanation?.blockers.map(({ kind }) => kind)).toContain('no_schedule');
    await mesh.client(DagService).pauseDag({ dagId: 'daily' });
    const paused = await mesh.client(DagService).explainDag({ dagId: 'daily', nextRuns: 3 });
    expect(paused.explanation?.blockers.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['dag_paused', 'end_date']),
    );
  });

  test('the command line does the same, and says so in its exit codes', async () => {
    const run = await ran('line', { fails: ['b'] });
    const dagmesh = (line: string) =>
      runCli(line.split(' '), { url: mesh.apiUrl, env: { DAGMESH_TOKEN: mesh.adminToken } });
    const shown = await dagmesh(`tasks clear line ${run.runId} --only-failed --dry-run -o json`);
    expect(shown).toMatchObject({ code: 0 });
    expect(JSON.parse(shown.stdout)).toMatchObject({ total_count: 3 });
    expect(await outcome(run)).toMatchObject({ b: 'FAILED 1' });
    expect(await dagmesh(`tasks clear line ${run.runId} --only-failed --yes`)).toMatchObject({
      code: 0,
    });
    expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
    const plan = 'backfill create daily --from-date 2024-01-01 --to-date 2024-01-03';
    const dates = await dagmesh(`${plan} --dry-run`);
    expect(dates).toMatchObject({ code: 0, stdout: expect.stringContaining('3 create') });
    expect(
      await dagmesh('backfill create line --from-date 2024-01-01 --to-date 2024-01-03 -y'),
    ).toMatchObject({ code: 2, stderr: expect.stringContaining('no schedule') });
    expect(await dagmesh(`tasks clear line ${run.runId} nobody --yes`)).toMatchObject({ code: 3 });
    expect(await dagmesh(`runs trigger line --conf {"holdMs":-1}`)).toMatchObject({ code: 2 });
  });

  test('what people did is in the audit log', async () => {
    const run = await ran('line');
    await clear(run);
    await finish(mesh, run);
    await runs().setDagRunNote({ ...run, note: 'again' });
    const rows = await query<{ action: string; actor: string }>(
      mesh,
      'select action, actor from audit_log where run_id = $1 order by id',
      [run.runId],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'trigger_dag_run',
      'clear_task_instances',
      'set_note',
    ]);
    expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(['admin']));
  });
});

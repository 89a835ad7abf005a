// What people do to runs by hand, on both forms of the system: write notes, trigger, correct
// values, ask why.
import { describe, expect, test } from 'vitest';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { DagRunState, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { finish, query, trigger, waitForDag } from '../kit/flow.ts';
import { fastTimings, fixtureDags } from '../kit/mesh.ts';
import { type Operator, operatorOf, reasonFrom } from '../kit/operator.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { runCli } from '../../services/cli/test-cli.ts';

const day = (date: number) => toTimestamp(Date.UTC(2024, 0, date));

describe.each(modes)('on %s', (mode) => {
  let on: Operator;
  const mesh = useMesh({ mode, dagsFolder: fixtureDags, env: fastTimings }, async (started) => {
    on = operatorOf(started);
    await waitForDag(started, 'line');
  });

  test('notes beside a run and a task are kept, and removed with an empty one', async () => {
    const run = await on.ran('line');
    await on.runs.setDagRunNote({ ...run, note: 'late data' });
    await on.tasks.setTaskInstanceNote({ ...run, taskId: 'b', note: 'look here' });
    expect((await on.runs.getDagRun(run)).run?.note).toBe('late data');
    const noteOfB = async () =>
      (await on.tasks.getTaskInstance({ ...run, taskId: 'b' })).taskInstance?.note;
    expect(await noteOfB()).toBe('look here');
    await on.tasks.setTaskInstanceNote({ ...run, taskId: 'b', note: '' });
    expect(await noteOfB()).toBe('');
    const nobody = on.tasks.setTaskInstanceNote({ ...run, taskId: 'nobody', note: 'x' });
    expect(await reasonFrom(nobody)).toBe('task_not_found');
  });

  describe('a trigger', () => {
    test('with params that their schema forbids is refused and makes no run', async () => {
      const count = async () => (await on.runs.listDagRuns({ dagId: 'fan', pageSize: 1000 })).runs;
      const before = await count();
      for (const conf of [{ fails: 'all' }, { holdMs: -1 }, { holdMs: 'long' }]) {
        const call = on.runs.triggerDagRun({ dagId: 'fan', confJson: JSON.stringify(conf) });
        expect(await reasonFrom(call)).toBe('bad_params');
      }
      const text = on.runs.triggerDagRun({ dagId: 'fan', confJson: '{' });
      expect(await reasonFrom(text)).toBe('bad_params');
      expect(await count()).toHaveLength(before.length);
    });

    test('takes a note, an interval and a partition along', async () => {
      const { runId } = await on.runs.triggerDagRun({
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
      const { runId } = await on.runs.triggerDagRun({
        dagId: 'line',
        runAfter: toTimestamp(runAfterMs),
      });
      const row = await finish(mesh, { dagId: 'line', runId });
      expect(fromTimestamp(row.runAfter)).toBe(runAfterMs);
      expect(fromTimestamp(row.startDate)).toBeGreaterThanOrEqual(runAfterMs);
    });

    test('for a run id or a logical date that there is already is refused', async () => {
      const request = { dagId: 'line', runId: 'twice', logicalDate: day(20) };
      await on.runs.triggerDagRun(request);
      expect(await reasonFrom(on.runs.triggerDagRun(request))).toBe('run_exists');
      const other = { ...request, runId: 'thrice' };
      expect(await reasonFrom(on.runs.triggerDagRun(other))).toBe('run_exists');
      await finish(mesh, request);
      expect(await reasonFrom(on.runs.triggerDagRun(other))).toBe('run_exists');
      expect(await reasonFrom(on.runs.getDagRun(other))).toBe('run_not_found');
    });
  });

  test('an XCom can be listed, read, corrected and deleted', async () => {
    const xcoms = mesh.client(XComService);
    const run = await on.ran('fan');
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
    const run = await on.ran('fan');
    await xcoms.setXCom({ ...run, taskId: 'each', mapIndex: 1, valueJson: '100' });
    await on.clear({ ...run, taskIds: ['total'] });
    await finish(mesh, run);
    const { valueJson } = await xcoms.getXCom({ ...run, taskId: 'total' });
    expect(JSON.parse(valueJson)).toEqual([1, 100, 1]);
  });

  test('an XCom of a task that has not finished cannot be corrected', async () => {
    const run = await trigger(mesh, 'sleeper');
    const call = mesh.client(XComService).setXCom({ ...run, taskId: 'after', valueJson: '1' });
    expect(await reasonFrom(call)).toBe('task_not_finished');
    await on.runs.cancelDagRun(run);
  });

  test('it is told why a task waits, why a DAG does not run, and when it runs next', async () => {
    const run = await trigger(mesh, 'sleeper');
    const { explanation } = await on.tasks.explainTaskInstance({ ...run, taskId: 'after' });
    expect(explanation?.blockers[0]).toMatchObject({ subject: 'sleeps' });
    expect(explanation?.blockers[0]?.message).toMatch(/sleeps/);
    await on.runs.cancelDagRun(run);
    const manual = await mesh.client(DagService).explainDag({ dagId: 'line', nextRuns: 3 });
    expect(manual.explanation?.blockers.map(({ kind }) => kind)).toContain('no_schedule');
    await mesh.client(DagService).pauseDag({ dagId: 'daily' });
    const paused = await mesh.client(DagService).explainDag({ dagId: 'daily', nextRuns: 3 });
    expect(paused.explanation?.blockers.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['dag_paused', 'end_date']),
    );
  });

  test('the command line does the same, and says so in its exit codes', async () => {
    const run = await on.ran('line', { fails: ['b'] });
    const dagmesh = (line: string) =>
      runCli(line.split(' '), { url: mesh.apiUrl, env: { DAGMESH_TOKEN: mesh.adminToken } });
    const shown = await dagmesh(`tasks clear line ${run.runId} --only-failed --dry-run -o json`);
    expect(shown).toMatchObject({ code: 0 });
    expect(JSON.parse(shown.stdout)).toMatchObject({ total_count: 3 });
    expect(await on.outcome(run)).toMatchObject({ b: 'FAILED 1' });
    expect(await dagmesh(`tasks clear line ${run.runId} --only-failed --yes`)).toMatchObject({
      code: 0,
    });
    expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
    const plan = 'backfill create daily --from-date 2024-01-01 --to-date 2024-01-03';
    const dates = await dagmesh(`${plan} --dry-run`);
    expect(dates).toMatchObject({ code: 0, stdout: expect.stringContaining('3 to run') });
    expect(
      await dagmesh('backfill create line --from-date 2024-01-01 --to-date 2024-01-03 -y'),
    ).toMatchObject({ code: 2, stderr: expect.stringContaining('no schedule') });
    expect(await dagmesh(`tasks clear line ${run.runId} nobody --yes`)).toMatchObject({ code: 3 });
    expect(await dagmesh('dags trigger line --conf {"holdMs":-1}')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('holdMs'),
    });
  });

  test('what people did is in the audit log', async () => {
    const run = await on.ran('line');
    await on.clear(run);
    await finish(mesh, run);
    await on.runs.setDagRunNote({ ...run, note: 'again' });
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

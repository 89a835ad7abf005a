// Limits, order and schedules, on both forms of the system.
import { describe, expect, test } from 'vitest';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import {
  finish,
  query,
  returnValue,
  runDag,
  taskStates,
  trigger,
  waitForDag,
} from '../kit/flow.ts';
import { fixtureDags } from '../kit/mesh.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';

describe.each(modes)('on %s', (mode) => {
  const mesh = useMesh({ mode, dagsFolder: fixtureDags });

  /** The most attempts of a DAG that ran at the same instant. */
  const mostAtOnce = async (dagId: string): Promise<number> => {
    const [row] = await query<{ most: number }>(
      mesh,
      `with attempt as (
         select a.start_date, a.end_date from task_attempt a
         join task_instance i on i.id = a.task_instance_id
         join dag_run r on r.id = i.dag_run_id where r.dag_id = $1)
       select max((select count(*) from attempt b
         where b.start_date <= a.start_date and b.end_date > a.start_date))::int as most
       from attempt a`,
      [dagId],
    );
    return row?.most ?? 0;
  };

  test('a run has no more active tasks than its DAG allows', async () => {
    expect((await runDag(mesh, 'narrow')).state).toBe('SUCCESS');
    expect(await mostAtOnce('narrow')).toBe(2);
  });

  test('a pool never gives more slots than it has', async () => {
    await mesh.client(PoolService).putPool({ pool: { name: 'three', slots: 3 } });
    expect((await runDag(mesh, 'pooled')).state).toBe('SUCCESS');
    expect(await mostAtOnce('pooled')).toBe(3);
    const pools = await mesh.client(PoolService).listPools({});
    expect(pools.pools.find((pool) => pool.name === 'three')?.usedSlots).toBe(0);
  });

  test('runs beyond max_active_runs wait their turn', async () => {
    const refs = [];
    for (let i = 0; i < 4; i += 1) refs.push(await trigger(mesh, 'one_run', {}));
    for (const ref of refs) expect((await finish(mesh, ref)).state).toBeDefined();
    expect(await mostAtOnce('one_run')).toBe(1);
  });

  test('the higher priority takes the next free slot', async () => {
    await mesh.client(PoolService).putPool({ pool: { name: 'single', slots: 1 } });
    const run = await runDag(mesh, 'prioritised');
    const rows = await query<{ task_id: string }>(
      mesh,
      `select i.task_id from task_instance i join dag_run r on r.id = i.dag_run_id
       where r.run_id = $1 order by i.start_date`,
      [run.runId],
    );
    expect(rows.map((row) => row.task_id)).toEqual(['first', 'high', 'low']);
  });

  test('a catch-up creates exactly one run per missed day, in order', async () => {
    await waitForDag(mesh, 'week');
    const runs = await eventuallyGives(
      async () => {
        const page = await mesh.client(DagRunService).listDagRuns({ dagId: 'week' });
        const done = page.runs.filter((run) => run.endDate !== undefined);
        return done.length >= 7 ? page.runs : undefined;
      },
      { deadlineMs: 60_000, what: () => `seven runs have finished\n${mesh.tails()}` },
    );
    const runIds = runs.map((run) => run.runId).sort();
    expect(runIds).toEqual(
      [2, 3, 4, 5, 6, 7, 8].map((day) => `scheduled__2024-01-0${day}T00:00:00+00:00`),
    );
    expect(await returnValue(mesh, { dagId: 'week', runId: runIds[0] ?? '', taskId: 'day' })).toBe(
      '2024-01-01T00:00:00.000Z',
    );
  });

  test('a paused DAG starts nothing until it is unpaused', async () => {
    const dags = mesh.client(DagService);
    await waitForDag(mesh, 'three_steps');
    await dags.pauseDag({ dagId: 'three_steps' });
    const ref = await trigger(mesh, 'three_steps');
    const why = await mesh.client(TaskInstanceService).explainTaskInstance({ ...ref, taskId: 'a' });
    expect(why.explanation?.blockers.map((each) => each.kind)).toContain('dag_paused');
    expect(await taskStates(mesh, ref)).not.toMatchObject({ a: 'SUCCESS' });
    await dags.unpauseDag({ dagId: 'three_steps' });
    await finish(mesh, ref);
    expect(await taskStates(mesh, ref)).toMatchObject({ c: 'SUCCESS' });
  });

  test('a task without a worker for its queue says so', async () => {
    const ref = await trigger(mesh, 'nobody');
    const tasks = mesh.client(TaskInstanceService);
    await eventually(
      async () => {
        const { explanation } = await tasks.explainTaskInstance({ ...ref, taskId: 'waits' });
        return explanation?.blockers.some((each) => each.kind === 'no_worker') ?? false;
      },
      { deadlineMs: 60_000, what: 'the explanation names the missing worker' },
    );
    const { explanation } = await tasks.explainTaskInstance({ ...ref, taskId: 'waits' });
    expect(explanation?.summary).toContain('gpu');
  });

  test('bad requests get a typed error and change nothing', async () => {
    const runs = mesh.client(DagRunService);
    const reason = (call: Promise<unknown>) =>
      call.then(
        () => 'accepted',
        (error: unknown) => reasonOf(error),
      );
    await waitForDag(mesh, 'three_languages');
    expect(await reason(runs.triggerDagRun({ dagId: 'no_such_dag' }))).toBe('dag_not_found');
    const bad = { dagId: 'three_languages', confJson: '{"start": -1}' };
    expect(await reason(runs.triggerDagRun(bad))).toBe('bad_params');
    const ref = { dagId: 'three_languages', runId: 'mine' };
    expect(await reason(runs.triggerDagRun({ ...ref, requestId: 'r1' }))).toBe('accepted');
    expect(await reason(runs.triggerDagRun({ ...ref, requestId: 'r1' }))).toBe('accepted');
    expect(await reason(runs.triggerDagRun({ ...ref, requestId: 'r2' }))).toBe('run_exists');
    const page = await runs.listDagRuns({ dagId: 'three_languages' });
    expect(page.runs.map((run) => run.runId)).toEqual(['mine']);
  });
});

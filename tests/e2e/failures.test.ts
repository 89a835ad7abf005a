// How things go wrong, on both forms of the system: retries, timeouts, cancels, tasks that die or
// say too much.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { finish, logLines, returnValue, runDag, taskStates, trigger } from '../kit/flow.ts';
import { fastTimings, fixtureDags } from '../kit/mesh.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventuallyGives } from '../kit/wait.ts';

describe.each(modes)('on %s', (mode) => {
  const mesh = useMesh({ mode, dagsFolder: fixtureDags, env: fastTimings });
  const attemptsOf = async (of: { dagId: string; runId: string; taskId: string }) =>
    (await mesh.client(TaskInstanceService).getTaskInstance(of)).attempts;

  test('a task that fails twice succeeds at its third try, and every try is kept', async () => {
    const run = await runDag(mesh, 'retried');
    expect(run.state).toBe('SUCCESS');
    expect(await returnValue(mesh, { ...run, taskId: 'flaky' })).toBe(3);
    const attempts = await attemptsOf({ ...run, taskId: 'flaky' });
    expect(attempts.map((each) => each.tryNumber)).toEqual([1, 2, 3]);
    expect(attempts[0]?.errorMessage).toBe('try 1 fails');
  });

  test('a final failure is not retried, stops what depends on it, and lets cleanup run', async () => {
    const run = await runDag(mesh, 'failing');
    expect(run).toMatchObject({ state: 'FAILED', reason: 'task_failure' });
    expect(await taskStates(mesh, run)).toEqual({
      fails: 'FAILED',
      never: 'UPSTREAM_FAILED',
      cleanup: 'SUCCESS',
    });
    expect(await attemptsOf({ ...run, taskId: 'fails' })).toHaveLength(1);
  });

  test('a skip reaches what depends on it, and the run succeeds', async () => {
    const run = await runDag(mesh, 'skipping');
    expect(run.state).toBe('SUCCESS');
    expect(await taskStates(mesh, run)).toEqual({ skips: 'SKIPPED', skipped_too: 'SKIPPED' });
  });

  test('an execution timeout ends the attempt and says so', async () => {
    const run = await runDag(mesh, 'slow');
    expect(run.state).toBe('FAILED');
    const [attempt] = await attemptsOf({ ...run, taskId: 'sleeps' });
    expect(attempt?.errorMessage).toMatch(/timeout|timed out/i);
  });

  test('a run past its timeout fails and its tasks are skipped', async () => {
    const run = await runDag(mesh, 'overdue');
    expect(run).toMatchObject({ state: 'FAILED', reason: 'timed_out' });
    expect(await taskStates(mesh, run)).toEqual({ sleeps: 'SKIPPED', never: 'SKIPPED' });
  });

  test('exits, signals, huge results and floods of output are told clearly and harm nothing else', async () => {
    const run = await runDag(mesh, 'dying');
    expect(run.state).toBe('FAILED');
    expect(await taskStates(mesh, run)).toEqual({
      exits: 'FAILED',
      signalled: 'FAILED',
      returns_too_much: 'FAILED',
      prints_too_much: 'SUCCESS',
    });
    const messageOf = async (taskId: string) =>
      (await attemptsOf({ ...run, taskId }))[0]?.errorMessage;
    expect(await messageOf('exits')).toMatch(/exit.*3/i);
    expect(await messageOf('signalled')).toMatch(/SIGKILL/);
    expect(await messageOf('returns_too_much')).toMatch(/256 KiB|262144/);
    expect((await runDag(mesh, 'three_steps')).state).toBe('SUCCESS');
  });

  test('a cancel ends a process that ignores TERM', async () => {
    const ref = await trigger(mesh, 'stubborn');
    const pid = await eventuallyGives(
      async () => {
        const lines = await logLines(mesh, { ...ref, taskId: 'ignores_term' }).catch(() => []);
        return lines
          .map((line) => /^pid (\d+)$/.exec(line)?.[1])
          .find((each) => each !== undefined);
      },
      { deadlineMs: 60_000, what: 'the task has said its process id' },
    );
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    await mesh.client(DagRunService).cancelDagRun(ref);
    expect((await finish(mesh, ref)).stateReason).toMatch(/cancel/);
    await eventuallyGives(() => (existsSync(`/proc/${pid}`) ? undefined : true), {
      deadlineMs: 60_000,
      what: 'the process is gone',
    });
  });

  test('cleared tasks run again and keep their history', async () => {
    const run = await runDag(mesh, 'three_steps');
    const cleared = await mesh
      .client(TaskInstanceService)
      .clearTaskInstances({ selection: { ...run, taskIds: ['b'], includeDownstream: true } });
    expect(cleared.taskInstances.map(({ taskId }) => taskId)).toEqual(['b', 'c']);
    expect((await finish(mesh, run)).clearNumber).toBe(1);
    expect(await taskStates(mesh, run)).toEqual({ a: 'SUCCESS', b: 'SUCCESS', c: 'SUCCESS' });
    expect(await attemptsOf({ ...run, taskId: 'b' })).toHaveLength(2);
    expect(await attemptsOf({ ...run, taskId: 'a' })).toHaveLength(1);
  });
});

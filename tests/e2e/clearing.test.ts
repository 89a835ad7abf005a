// Clearing and marking what has run, on both forms of the system.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DagRunState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { finish, logLines, nameOf, type RunRef, trigger, waitForDag } from '../kit/flow.ts';
import { fastTimings, fixtureDags } from '../kit/mesh.ts';
import { type Operator, operatorOf, reasonFrom } from '../kit/operator.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';

const { SUCCESS, FAILED, SKIPPED } = TaskInstanceState;
const day = (date: number) => toTimestamp(Date.UTC(2024, 0, date));

describe.each(modes)('on %s', (mode) => {
  let on: Operator;
  const mesh = useMesh({ mode, dagsFolder: fixtureDags, env: fastTimings }, async (started) => {
    on = operatorOf(started);
    await waitForDag(started, 'line');
  });

  describe('clearing', () => {
    test('with what is downstream or upstream runs just that again', async () => {
      const run = await on.ran('line');
      expect(await on.clear({ ...run, taskIds: ['c'], includeDownstream: true })).toEqual([
        'c',
        'd',
      ]);
      await finish(mesh, run);
      expect(await on.clear({ ...run, taskIds: ['b'], includeUpstream: true })).toEqual(['a', 'b']);
      await finish(mesh, run);
      expect(await on.outcome(run)).toEqual({
        a: 'SUCCESS 2',
        b: 'SUCCESS 2',
        c: 'SUCCESS 2',
        d: 'SUCCESS 2',
      });
    });

    test('only what failed lets the run go on from there', async () => {
      const run = await on.ran('line', { fails: ['b'] });
      expect(await on.outcome(run)).toMatchObject({ a: 'SUCCESS 1', b: 'FAILED 1' });
      expect(await on.clear(run, { onlyFailed: true })).toEqual(['b', 'c', 'd']);
      expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
      expect(await on.outcome(run)).toEqual({
        a: 'SUCCESS 1',
        b: 'SUCCESS 2',
        c: 'SUCCESS 1',
        d: 'SUCCESS 1',
      });
    });

    test('in a dry run says what it would clear and changes nothing', async () => {
      const run = await on.ran('line');
      expect(await on.clear(run, { dryRun: true })).toEqual(['a', 'b', 'c', 'd']);
      const { run: row } = await on.runs.getDagRun(run);
      expect(row).toMatchObject({ state: DagRunState.SUCCESS, clearNumber: 0 });
      expect(await on.outcome(run)).toMatchObject({ a: 'SUCCESS 1', d: 'SUCCESS 1' });
    });

    test('one instance of a mapped task runs that instance again, and no other', async () => {
      const run = await on.ran('fan', { fails: ['each[1]'] });
      expect(await on.outcome(run)).toMatchObject({
        'each[1]': 'FAILED 1',
        total: 'UPSTREAM_FAILED 0',
      });
      const taskIds = ['each[1]'];
      expect(await on.clear({ ...run, taskIds, includeDownstream: true })).toEqual([
        'each[1]',
        'total',
      ]);
      await finish(mesh, run);
      expect(await on.outcome(run)).toEqual({
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
        await on.runs.triggerDagRun(request);
        await finish(mesh, request);
        return { dagId: 'line', runId: request.runId };
      };
      const [first, second, third] = [await dated(1), await dated(2), await dated(3)];
      const past = await on.clear({ ...second, taskIds: ['d'], includePast: true });
      expect(past).toEqual(['d of day-1', 'd']);
      const future = await on.clear({ ...second, taskIds: ['c'], includeFuture: true });
      expect(future).toEqual(['c', 'c of day-3']);
      for (const each of [first, second, third]) await finish(mesh, each);
      expect(await on.outcome(first)).toMatchObject({ c: 'SUCCESS 1', d: 'SUCCESS 2' });
      expect(await on.outcome(second)).toMatchObject({ c: 'SUCCESS 2', d: 'SUCCESS 2' });
      expect(await on.outcome(third)).toMatchObject({ c: 'SUCCESS 2', d: 'SUCCESS 1' });
    });

    test('an unknown task, a run without date for its past, or both filters is refused', async () => {
      const run = await on.ran('line');
      expect(await reasonFrom(on.clear({ ...run, taskIds: ['nobody'] }))).toBe('task_not_found');
      expect(await reasonFrom(on.clear({ ...run, includePast: true }))).toBe('bad_request');
      const both = { onlyFailed: true, onlyRunning: true };
      expect(await reasonFrom(on.clear(run, both))).toBe('bad_request');
      const nowhere = { dagId: 'line', runId: 'nowhere' };
      expect(await reasonFrom(on.clear(nowhere))).toBe('run_not_found');
      expect(await on.outcome(run)).toMatchObject({ a: 'SUCCESS 1' });
    });

    test('of a work task brings its setup and teardown along', async () => {
      const run = await on.ran('cluster', { fails: ['work'] });
      expect(await on.clear({ ...run, taskIds: ['work'] })).toEqual(['create', 'work', 'remove']);
      await finish(mesh, run);
      expect(await on.outcome(run)).toEqual({
        create: 'SUCCESS 2',
        work: 'SUCCESS 2',
        remove: 'SUCCESS 2',
      });
    });
  });

  describe('marking', () => {
    const mark = (selection: RunRef & { taskIds: string[] }, state: TaskInstanceState) =>
      on.tasks.markTaskInstances({ selection, state, note: 'by hand' });

    test.each([
      ['success', SUCCESS, { b: 'SUCCESS 1', c: 'SUCCESS 1', d: 'SUCCESS 1' }, 'SUCCESS'],
      ['skipped', SKIPPED, { b: 'SKIPPED 1', c: 'SKIPPED 0', d: 'SKIPPED 0' }, 'SUCCESS'],
    ])('a failed task %s runs what it had kept from running', async (_, state, states, end) => {
      const run = await on.ran('line', { fails: ['b'] });
      await mark({ ...run, taskIds: ['b'] }, state);
      expect(nameOf(DagRunState, (await finish(mesh, run)).state)).toBe(end);
      expect(await on.outcome(run)).toMatchObject(states);
      const { taskInstance } = await on.tasks.getTaskInstance({ ...run, taskId: 'b' });
      expect(taskInstance?.note).toBe('by hand');
    });

    test('a task that succeeded as failed fails its run', async () => {
      const run = await on.ran('line');
      await mark({ ...run, taskIds: ['d'] }, FAILED);
      await eventually(
        async () => (await on.runs.getDagRun(run)).run?.state === DagRunState.FAILED,
        { deadlineMs: 60_000, what: 'the run has failed' },
      );
    });

    test('a running task ends its process, and what follows it runs', async () => {
      const run = await trigger(mesh, 'sleeper');
      const pid = await eventuallyGives(
        async () => {
          const lines = await logLines(mesh, { ...run, taskId: 'sleeps' }).catch(() => []);
          return lines.map((line) => /^pid (\d+)$/.exec(line)?.[1]).find(Boolean);
        },
        { deadlineMs: 60_000, what: 'the task has said its process id' },
      );
      await mark({ ...run, taskIds: ['sleeps'] }, SUCCESS);
      expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
      expect(await on.outcome(run)).toEqual({ sleeps: 'SUCCESS 1', after: 'SUCCESS 1' });
      await eventually(() => !existsSync(`/proc/${pid}`), {
        deadlineMs: 60_000,
        what: 'the process is gone',
      });
    });

    test.each([
      ['success', DagRunState.SUCCESS, 'SUCCESS'],
      ['failed', DagRunState.FAILED, 'FAILED'],
    ])('a run as %s still runs the teardown that is left', async (_, state, workState) => {
      const run = await trigger(mesh, 'cluster', { holdMs: 1_000 });
      await eventually(
        async () => (await on.outcome(run))['work']?.startsWith('RUNNING') ?? false,
        {
          deadlineMs: 60_000,
          what: 'the work runs',
        },
      );
      const marked = await on.runs.markDagRun({ ...run, state });
      expect(marked.taskInstances.map(({ taskId }) => taskId)).toEqual(['work']);
      expect(marked.state).toBe(DagRunState.RUNNING);
      expect((await finish(mesh, run)).state).toBe(state);
      expect(await on.outcome(run)).toEqual({
        create: 'SUCCESS 1',
        work: `${workState} 1`,
        remove: 'SUCCESS 1',
      });
    });
  });
});

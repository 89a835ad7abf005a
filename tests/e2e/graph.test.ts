// DAGs whose shape is decided while they run, on both forms of the system.
import { describe, expect, test } from 'vitest';
import { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { finish, query, returnValue, runDag, taskInstances, trigger } from '../kit/flow.ts';
import { fixtureDags } from '../kit/mesh.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';

describe.each(modes)('on %s', (mode) => {
  const mesh = useMesh({ mode, dagsFolder: fixtureDags });

  /** States by name, `task[index]` for mapped ones. */
  const statesOf = async (run: { dagId: string; runId: string }) => {
    const names = new Map(Object.entries(TaskInstanceState).map(([name, value]) => [value, name]));
    const found = await taskInstances(mesh, run);
    return Object.fromEntries(
      found.map(({ taskId, mapIndex, state }) => [
        mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`,
        names.get(state as never),
      ]),
    );
  };

  test('a mapped task has an instance for each element, and the next task gets their list', async () => {
    const run = await runDag(mesh, 'mapped');
    expect(await statesOf(run)).toMatchObject({
      numbers: 'SUCCESS',
      'square[0]': 'SUCCESS',
      'square[2]': 'SUCCESS',
      'shout[5]': 'SUCCESS',
      none: 'SKIPPED',
      after_none: 'SUCCESS',
    });
    expect(await returnValue(mesh, { ...run, taskId: 'sum' })).toEqual({
      total: 14,
      words: ['n1', 'n1', 'n2', 'n2', 'n3', 'n3'],
    });
  });

  test('in a mapped group each instance follows its own counterpart', async () => {
    const run = await runDag(mesh, 'mapped_group');
    expect(run.state).toBe('FAILED');
    expect(await statesOf(run)).toMatchObject({
      'each.upper[0]': 'SUCCESS',
      'each.upper[1]': 'FAILED',
      'each.twice[0]': 'SUCCESS',
      'each.twice[1]': 'UPSTREAM_FAILED',
      'each.twice[2]': 'SUCCESS',
    });
  });

  test('a teardown runs after its work has failed, and the run fails all the same', async () => {
    const run = await runDag(mesh, 'scoped');
    expect(run.state).toBe('FAILED');
    expect(await statesOf(run)).toEqual({ create: 'SUCCESS', work: 'FAILED', remove: 'SUCCESS' });
  });

  test('what a branch or a short circuit does not follow is skipped', async () => {
    const run = await runDag(mesh, 'choosing');
    expect(await statesOf(run)).toEqual({
      choose: 'SUCCESS',
      left: 'SKIPPED',
      right: 'SUCCESS',
      join: 'SUCCESS',
      stop: 'SUCCESS',
      never: 'SKIPPED',
      never_either: 'SKIPPED',
    });
  });

  test('tasks wait for triggers, moments and people off any worker, as one try', async () => {
    const run = await trigger(mesh, 'waiting');
    const inputs = mesh.client(HumanInputService);
    await eventually(
      async () => (await inputs.listHumanInputs({ dagId: 'waiting' })).humanInputs.length === 1,
      { deadlineMs: 60_000, what: 'the question is asked' },
    );
    await inputs.respondHumanInput({ ...run, taskId: 'approve', chosenOptions: ['Approve'] });
    await finish(mesh, run);
    expect(await statesOf(run)).toEqual({
      deferred: 'SUCCESS',
      sensor: 'SUCCESS',
      timer: 'SUCCESS',
      approve: 'SUCCESS',
    });
    expect(await returnValue(mesh, { ...run, taskId: 'deferred' })).toEqual({
      resumed: 'go_on',
      state: { kept: 7 },
    });
    const tries = (await taskInstances(mesh, run)).map(({ tryNumber }) => tryNumber);
    expect(tries).toEqual([1, 1, 1, 1]);
  });

  test('an updated asset starts the DAG that waits for it, once, with what was said of it', async () => {
    await runDag(mesh, 'producer');
    const consumed = await eventuallyGives(
      async () => {
        const [row] = await query<{ run_id: string }>(
          mesh,
          "select run_id from dag_run where dag_id = 'consumer'",
        );
        return row;
      },
      { deadlineMs: 60_000, what: 'the consumer runs' },
    );
    const run = { dagId: 'consumer', runId: consumed.run_id };
    await finish(mesh, run);
    expect(await returnValue(mesh, { ...run, taskId: 'read' })).toEqual([{ rows: 3 }]);
    const runs = await query(mesh, "select 1 from dag_run where dag_id = 'consumer'");
    expect(runs).toHaveLength(1);
  });

  test('callbacks of tasks and runs are work of their own', async () => {
    await runDag(mesh, 'alarmed');
    await eventually(
      async () => {
        const rows = await query<{ state: string }>(
          mesh,
          `select state::text from dag_run
           where dag_id = 'alarmed' and run_type = 'callback' and state = 'success'`,
        );
        return rows.length === 2;
      },
      { deadlineMs: 60_000, what: 'both callbacks have run' },
    );
  });
});

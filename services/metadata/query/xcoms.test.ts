// XComs as people see them, and put them right once a task has finished.
import { beforeAll, describe, expect, test } from 'vitest';
import { DagRunState, TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { anAttempt, aRun, aTaskInstance, refusal, storeDag } from '../testing/builders.ts';
import { useMetadata } from '../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf } = useMetadata();

beforeAll(async () => {
  await storeDag(metadata, { dagId: 'etl' });
});
const query = () => metadata.as('api', QueryService);

/** Stores a run with one finished attempt at `extract`, which pushed these XComs. */
async function ranOnce(xcoms: readonly { key: string; valueJson: string }[] = []) {
  const run = aRun({ state: DagRunState.SUCCESS });
  const attemptId = uuidV7();
  const instance = aTaskInstance({
    dagRunId: run.id,
    state: TaskInstanceState.SUCCESS,
    tryNumber: 1,
    epoch: 1n,
    attemptId,
  });
  const state = TaskAttemptState.SUCCESS;
  await scheduler.commit({
    newRuns: [run],
    newTaskInstances: [instance],
    newAttempts: [anAttempt({ attemptId, taskInstanceId: instance.id, state })],
    xcoms: [{ attemptId, xcoms: [...xcoms] }],
  });
  return { run, instance, place: { dagId: 'etl', runId: run.runId, taskId: 'extract' } };
}

describe('XComs', () => {
  test('are listed without values, page after page, and read one by one', async () => {
    const xcoms = ['a', 'b/c', 'return_value'].map((key) => ({ key, valueJson: `"${key}"` }));
    const { place } = await ranOnce(xcoms);
    const asked = { dagId: 'etl', runId: place.runId, pageSize: 2 };
    const { page } = await query().listXComs({ query: asked });
    expect(page?.xcoms.map(({ key, valueSize }) => [key, valueSize])).toEqual([
      ['a', 3],
      ['b/c', 5],
    ]);
    const pageToken = page?.nextPageToken ?? '';
    const rest = await query().listXComs({ query: { ...asked, pageToken } });
    expect(rest.page?.xcoms.map(({ key }) => key)).toEqual(['return_value']);
    const { answer } = await query().getXCom({ query: place });
    expect(answer?.valueJson).toBe('"return_value"');
    const unknown = query().getXCom({ query: { ...place, key: 'nope' } });
    expect(await refusal(unknown)).toBe('xcom_not_found');
  });

  test('of a finished task are set and deleted, and it is known by whom', async () => {
    const { run, place } = await ranOnce();
    const xcom = { ...place, key: 'path', valueJson: '"a.csv"' };
    await query().setXCom({ query: xcom, actor: 'ada' });
    await query().setXCom({ query: { ...xcom, valueJson: '"b.csv"' }, actor: 'ada' });
    const { answer } = await query().getXCom({ query: { ...place, key: 'path' } });
    expect(answer?.valueJson).toBe('"b.csv"');
    const remove = () => query().removeXCom({ query: { ...place, key: 'path' }, actor: 'bob' });
    await remove();
    expect(await refusal(remove())).toBe('xcom_not_found');
    const rows = await rowsOf(
      `select actor, action, task_id from audit_log where run_id = '${run.runId}' order by id`,
    );
    expect(rows).toEqual([
      { actor: 'ada', action: 'set_xcom', task_id: 'extract' },
      { actor: 'ada', action: 'set_xcom', task_id: 'extract' },
      { actor: 'bob', action: 'delete_xcom', task_id: 'extract' },
    ]);
  });

  test('of a task that has not finished are its own', async () => {
    const { run, instance, place } = await ranOnce();
    const cleared = { ...instance, state: TaskInstanceState.NONE };
    await scheduler.commit({ changedRuns: [run], changedTaskInstances: [cleared] });
    const xcom = { query: { ...place, valueJson: '1' }, actor: 'ada' };
    expect(await refusal(query().setXCom(xcom))).toBe('task_not_finished');
    const removed = query().removeXCom({ query: place, actor: 'ada' });
    expect(await refusal(removed)).toBe('task_not_finished');
  });

  test('are JSON', async () => {
    const { place } = await ranOnce();
    const xcom = { query: { ...place, valueJson: 'nonsense' }, actor: 'ada' };
    expect(await refusal(query().setXCom(xcom))).toBe('bad_request');
  });
});

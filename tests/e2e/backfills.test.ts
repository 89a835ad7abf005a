// Backfills and versions of DAGs, on both forms of the system.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { DagRunState, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { BackfillState, ReprocessBehavior } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { finish, query, taskStates, trigger, waitForDag } from '../kit/flow.ts';
import { fastTimings, ownDags } from '../kit/mesh.ts';
import { reasonFrom } from '../kit/operator.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventually } from '../kit/wait.ts';

/** The days of 2024 from one to another, both inclusive, as `02-01`. */
const from = (first: string, last: string) => ({
  fromDate: toTimestamp(Date.parse(`2024-${first}`)),
  toDate: toTimestamp(Date.parse(`2024-${last}`)),
});

describe.each(modes)('on %s', (mode) => {
  const mesh = useMesh(
    (folder) => ({ mode, dagsFolder: ownDags(folder, 'operations.ts'), env: fastTimings }),
    (started) => waitForDag(started, 'daily'),
  );

  const backfills = () => mesh.client(BackfillService);

  const create = async (range: object, how: object = {}) => {
    const { backfill } = await backfills().createBackfill({ dagId: 'daily', ...range, ...how });
    return { backfillId: backfill?.backfillId ?? '' };
  };

  const statusOf = async (of: { backfillId: string }) => {
    const { status } = await backfills().getBackfill(of);
    return { state: status?.backfill?.state, ...status?.progress };
  };

  const reaches = async (of: { backfillId: string }, state: BackfillState) =>
    eventually(async () => (await statusOf(of)).state === state, {
      deadlineMs: 60_000,
      what: () => `the backfill comes to state ${state}\n${mesh.tails()}`,
    });

  /** The runs of a backfill in the order in which they began. */
  const runsOf = ({ backfillId }: { backfillId: string }) =>
    query<{ day: string; state: string; run_type: string; start_date: Date; end_date: Date }>(
      mesh,
      `select to_char(logical_date at time zone 'utc', 'MM-DD') as day, state::text,
         run_type::text, start_date, end_date
       from dag_run where backfill_id = $1 order by start_date`,
      [backfillId],
    );

  test('what cannot be backfilled is refused, and nothing is made', async () => {
    const listed = async () => (await backfills().listBackfills({})).backfills.length;
    const before = await listed();
    const future = toTimestamp(Date.parse('2124-01-01'));
    const refusals = [
      from('01-02', '01-01'),
      from('01-01T03:00Z', '01-01T04:00Z'),
      { fromDate: future, toDate: future },
      { ...from('01-01', '01-02'), dagId: 'line' },
      { ...from('01-01', '01-02'), taskIds: ['nobody'] },
    ];
    for (const each of refusals) expect(await reasonFrom(create(each))).toBe('bad_backfill');
    const wrong = create(from('01-01', '01-02'), { confJson: '{"holdMs":-1}' });
    expect(await reasonFrom(wrong)).toBe('bad_params');
    const nobody = create({ ...from('01-01', '01-02'), dagId: 'nobody' });
    expect(await reasonFrom(nobody)).toBe('dag_not_found');
    expect(await listed()).toBe(before);
    const nowhere = { backfillId: '01900000-0000-7000-8000-000000000000' };
    expect(await reasonFrom(backfills().pauseBackfill(nowhere))).toBe('backfill_not_found');
    expect(await query(mesh, "select 1 from dag_run where dag_id = 'daily'")).toHaveLength(0);
  });

  test('a dry run says what would be done with each date, and does nothing', async () => {
    const wanted = { dagId: 'daily', ...from('01-01', '01-03'), dryRun: true, isReverse: true };
    const answer = await backfills().createBackfill(wanted);
    expect(answer.actionCounts).toEqual({ create: 3 });
    const days = answer.dates.map(({ logicalDate }) => new Date(fromTimestamp(logicalDate) ?? 0));
    expect(days.map((each) => each.getUTCDate())).toEqual([3, 2, 1]);
    expect(answer.backfill?.backfillId).toBe('');
    expect(await query(mesh, "select 1 from dag_run where dag_id = 'daily'")).toHaveLength(0);
  });

  test('each date runs once, as many at once as the backfill allows, in order', async () => {
    const backfill = await create(from('01-01', '01-06'), {
      activeRunsMax: 2,
      confJson: '{"holdMs":30}',
    });
    await reaches(backfill, BackfillState.COMPLETED);
    expect(await statusOf(backfill)).toMatchObject({ datesCount: 6, successCount: 6 });
    const runs = await runsOf(backfill);
    expect(runs.map(({ day }) => day).sort()).toEqual([
      '01-01',
      '01-02',
      '01-03',
      '01-04',
      '01-05',
      '01-06',
    ]);
    expect(runs.every((run) => run.state === 'success' && run.run_type === 'backfill')).toBe(true);
    expect(mostAtOnce(runs)).toBe(2);
  });

  test('in reverse order the latest date comes first, and dates that ran are left alone', async () => {
    const backfill = await create(from('01-05', '01-08'), { activeRunsMax: 1, isReverse: true });
    await reaches(backfill, BackfillState.COMPLETED);
    expect((await runsOf(backfill)).map(({ day }) => day)).toEqual(['01-08', '01-07']);
    expect(await statusOf(backfill)).toMatchObject({ unneededCount: 2, successCount: 2 });
  });

  test('a pause starts no further run, and ends', async () => {
    const backfill = await create(from('01-10', '01-14'), {
      activeRunsMax: 1,
      confJson: '{"holdMs":50}',
    });
    await backfills().pauseBackfill(backfill);
    await eventually(async () => (await statusOf(backfill)).runningCount === 0, {
      deadlineMs: 60_000,
      what: 'what ran has ended',
    });
    const paused = await statusOf(backfill);
    expect(paused.state).toBe(BackfillState.PAUSED);
    expect(paused.pendingCount).toBeGreaterThan(2);
    await backfills().unpauseBackfill(backfill);
    await reaches(backfill, BackfillState.COMPLETED);
    expect(await statusOf(backfill)).toMatchObject({ successCount: 5 });
  });

  test('a cancelled one ends for good; what ran goes on to its end', async () => {
    const backfill = await create(from('01-16', '01-20'), {
      activeRunsMax: 1,
      confJson: '{"holdMs":50}',
    });
    await backfills().cancelBackfill(backfill);
    await eventually(async () => (await statusOf(backfill)).runningCount === 0, {
      deadlineMs: 60_000,
      what: 'what ran has ended',
    });
    const ended = await statusOf(backfill);
    expect(ended).toMatchObject({ state: BackfillState.CANCELLED, successCount: 1 });
    expect(await runsOf(backfill)).toHaveLength(1);
    expect(await reasonFrom(backfills().unpauseBackfill(backfill))).toBe('backfill_completed');
  });

  test('one that stops on failure begins nothing after the first run that fails', async () => {
    const backfill = await create(from('01-21', '01-25'), {
      activeRunsMax: 1,
      stopsOnFailure: true,
      confJson: '{"fails":["extract of 2024-01-22"]}',
    });
    await reaches(backfill, BackfillState.CANCELLED);
    const runs = await runsOf(backfill);
    expect(runs.map(({ day, state }) => `${day} ${state}`)).toEqual([
      '01-21 success',
      '01-22 failed',
    ]);
  });

  test('of some tasks runs those and what is upstream of them', async () => {
    const backfill = await create(from('01-26', '01-26'), {
      taskIds: ['load'],
      taskIdsIncludeUpstream: true,
    });
    await reaches(backfill, BackfillState.COMPLETED);
    const [run] = await query<{ run_id: string }>(
      mesh,
      'select run_id from dag_run where backfill_id = $1',
      [backfill.backfillId],
    );
    const states = await taskStates(mesh, { dagId: 'daily', runId: run?.run_id ?? '' });
    expect(states).toMatchObject({ extract: 'SUCCESS', load: 'SUCCESS' });
    expect(states['publish'] ?? 'SKIPPED').toBe('SKIPPED');
  });

  test('failed runs are processed again, and become runs of the backfill', async () => {
    const conf = { confJson: '{"fails":["extract of 2024-02-02"]}' };
    const first = await create(from('02-01', '02-03'), conf);
    await reaches(first, BackfillState.COMPLETED);
    expect(await statusOf(first)).toMatchObject({ successCount: 2, failedCount: 1 });
    const second = await create(from('02-01', '02-03'), {
      reprocessBehavior: ReprocessBehavior.FAILED,
    });
    await reaches(second, BackfillState.COMPLETED);
    expect(await statusOf(second)).toMatchObject({ unneededCount: 2, successCount: 1 });
    expect(await runsOf(second)).toMatchObject([
      { day: '02-02', state: 'success', run_type: 'backfill' },
    ]);
  });

  test('a manual run that is processed again says what it was before', async () => {
    const runs = mesh.client(DagRunService);
    const ref = { dagId: 'daily', runId: 'by-hand' };
    await runs.triggerDagRun({ ...ref, logicalDate: toTimestamp(Date.parse('2024-02-05')) });
    await finish(mesh, ref);
    const behavior = { reprocessBehavior: ReprocessBehavior.COMPLETED };
    const backfill = await create(from('02-05', '02-05'), behavior);
    await reaches(backfill, BackfillState.COMPLETED);
    expect((await runs.getDagRun(ref)).run).toMatchObject({
      runType: RunType.BACKFILL,
      originalRunType: RunType.MANUAL,
      clearNumber: 1,
      backfillId: backfill.backfillId,
      state: DagRunState.SUCCESS,
    });
  });

  test('two backfills of one DAG share no date and both end', async () => {
    const how = { activeRunsMax: 1, confJson: '{"holdMs":20}' };
    const first = await create(from('02-10', '02-14'), how);
    const second = await create(from('02-12', '02-16'), how);
    await reaches(first, BackfillState.COMPLETED);
    await reaches(second, BackfillState.COMPLETED);
    const days = [...(await runsOf(first)), ...(await runsOf(second))].map(({ day }) => day);
    expect(days.sort()).toEqual([10, 11, 12, 13, 14, 15, 16].map((date) => `02-${date}`));
  });

  test('asked for twice with one request id it is made once', async () => {
    const how = { requestId: 'the-same' };
    const first = await create(from('02-20', '02-21'), how);
    expect(await create(from('02-20', '02-21'), how)).toEqual(first);
    await reaches(first, BackfillState.COMPLETED);
    expect(await create(from('02-20', '02-21'), how)).toEqual(first);
  });

  test('a run keeps the version it began with, and gets the newest when it is asked for', async () => {
    const gate = join(mesh.folder, 'gate-is-open');
    const write = (follows: string) =>
      writeFileSync(
        join(mesh.folder, 'dags', 'versioned.ts'),
        `import { dag, trigger } from '@dagmesh/sdk';
export const versioned = dag('versioned', {}, (d) => {
  const gate = d.wait('gate', trigger.file({ path: '${gate}', pollInterval: '0.1s' }));
  gate.downstream(d.emptyTask('${follows}'));
});
`,
      );
    const dags = mesh.client(DagService);
    const isVersion = async (number: number) =>
      eventually(
        async () => (await dags.getDag({ dagId: 'versioned' })).dag?.versionNumber === number,
        { deadlineMs: 60_000, what: `version ${number} is there` },
      );
    write('old');
    const early = await trigger(mesh, 'versioned');
    write('fresh');
    await dags.parseDagFile({ dagId: 'versioned' });
    await isVersion(2);
    const late = await trigger(mesh, 'versioned');
    const runs = mesh.client(DagRunService);
    const atOnce = runs.clearDagRun({ ...early, runOnLatestVersion: true });
    expect(await reasonFrom(atOnce)).toBe('run_not_finished');
    writeFileSync(gate, '');
    await finish(mesh, early);
    await finish(mesh, late);
    expect(await taskStates(mesh, early)).toEqual({ gate: 'SUCCESS', old: 'SUCCESS' });
    expect(await taskStates(mesh, late)).toEqual({ gate: 'SUCCESS', fresh: 'SUCCESS' });

    await runs.clearDagRun(early);
    await finish(mesh, early);
    expect(await taskStates(mesh, early)).toEqual({ gate: 'SUCCESS', old: 'SUCCESS' });
    await runs.clearDagRun({ ...early, runOnLatestVersion: true });
    await finish(mesh, early);
    expect(await taskStates(mesh, early)).toEqual({
      gate: 'SUCCESS',
      old: 'REMOVED',
      fresh: 'SUCCESS',
    });
    const [first, second] = [await runs.getDagRun(early), await runs.getDagRun(late)];
    expect(first.run?.dagVersionId).toBe(second.run?.dagVersionId);
  });
});

/** The most of some runs that were running at one instant. */
function mostAtOnce(runs: readonly { start_date: Date; end_date: Date }[]): number {
  const at = (instant: Date) =>
    runs.filter((run) => run.start_date <= instant && instant < run.end_date).length;
  return Math.max(...runs.map(({ start_date }) => at(start_date)));
}

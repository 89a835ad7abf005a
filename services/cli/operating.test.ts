// Commands that change what runs: what they ask of DagMesh, and that they ask people first.
import { describe, expect, test } from 'vitest';
import { DagRunState, RunType, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { BackfillState, ReprocessBehavior } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { BACKFILL_ID, createWorld } from '../../tests/kit/fake-world.ts';
import { runCli, startCli, useMesh } from './test-cli.ts';
import { eventually } from '../../tests/kit/wait.ts';

const { mesh, dagmesh, asked } = useMesh();
const day = (date: number) => ({ seconds: BigInt(Date.UTC(2026, 0, date) / 1_000) });

describe('tasks clear', () => {
  test('changes nothing in a dry run', async () => {
    const { code, stdout, stderr } = await dagmesh('tasks clear etl latest --dry-run -f');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `RUN_ID     TASK_ID   STATE BEFORE
manual__1  extract   failed
manual__1  validate  failed
`,
    });
    expect(stderr).toContain('nothing was changed');
    expect(asked('ClearTaskInstances')).toMatchObject({ dryRun: true, onlyFailed: true });
  });

  test('does not ask with --yes', async () => {
    const { code } = await dagmesh('tasks clear etl manual__1 load[3] --downstream --past -y');
    expect(code).toBe(0);
    expect(asked('ClearTaskInstances')).toMatchObject({
      selection: {
        dagId: 'etl',
        runId: 'manual__1',
        taskIds: ['load[3]'],
        includeDownstream: true,
        includeUpstream: false,
        includePast: true,
        includeFuture: false,
      },
      dryRun: false,
    });
    // What is not said is left to the DAG.
    expect(asked('ClearTaskInstances')).not.toHaveProperty('runOnLatestVersion');
  });

  test('of all runs needs their dates', async () => {
    expect(await dagmesh('tasks clear etl all -y')).toMatchObject({ code: 2 });
    expect(await dagmesh('tasks clear etl latest -s 2026-01-01 -y')).toMatchObject({ code: 2 });
    expect(asked('ClearTaskInstances')).toBeUndefined();
    await dagmesh('tasks clear etl all load -s 2026-01-01 -e 2026-01-03 -y');
    const selection = { runId: '', startDate: day(1), endDate: day(3) };
    expect(asked('ClearTaskInstances')).toMatchObject({ selection });
  });
});

describe('what asks first', () => {
  test.each([
    ['tasks clear etl latest', 'ClearTaskInstances'],
    ['tasks mark failed etl latest', 'MarkTaskInstances'],
    ['runs clear etl latest', 'ClearTaskInstances'],
    ['runs mark success etl latest', 'MarkDagRun'],
    ['backfill create etl --from-date 2026-01-01 --to-date 2026-01-03', 'CreateBackfill'],
    ['assets queued etl --delete', 'DeleteQueuedEvents'],
  ])('does nothing when nobody is there: %s', async (line, rpc) => {
    const { code, stderr } = await dagmesh(line);
    expect({ code, asked: asked(rpc) }).toEqual({ code: 2, asked: undefined });
    expect(stderr).toContain('--yes');
  });
});

describe('states, by hand', () => {
  test('are set for tasks', async () => {
    const { code } = await dagmesh('tasks mark skipped etl latest load -d -y --note known');
    expect(code).toBe(0);
    expect(asked('MarkTaskInstances')).toMatchObject({
      selection: { taskIds: ['load'], includeDownstream: true },
      state: TaskInstanceState.SKIPPED,
      note: 'known',
      actor: 'admin',
    });
  });

  test('are shown before, with what starts over below', async () => {
    const line = 'tasks mark success etl latest validate --dry-run';
    mesh().world.marks = { soAlready: [], failed: ['load'] };
    expect((await dagmesh(line)).stdout).toBe(`RUN_ID     TASK_ID   STATE BEFORE  THEN
manual__1  validate  failed        marked success
manual__1  load      failed        starts over
`);
    mesh().world.marks = { soAlready: ['validate'], failed: ['load'] };
    expect(await dagmesh(line)).toMatchObject({
      stdout: expect.stringMatching(/^manual__1 +load +failed +starts over$/m),
      stderr: expect.stringContaining('nothing was changed; 1 would be'),
    });
    mesh().world.marks = { soAlready: ['validate'], failed: [] };
    const nothing = await dagmesh('tasks mark success etl latest validate --yes');
    expect(nothing).toMatchObject({ code: 0, stdout: '' });
    expect(nothing.stderr).toContain('no state was changed');
  });

  test('are set for runs', async () => {
    const { stderr } = await dagmesh('runs mark failed etl latest -y');
    expect(asked('MarkDagRun')).toMatchObject({ runId: 'manual__1', state: DagRunState.FAILED });
    expect(stderr).toContain('manual__1 is failed now');
  });

  test('of a run are taken back by clearing it', async () => {
    await dagmesh('runs clear etl latest --latest-version -y');
    expect(asked('ClearTaskInstances')).toMatchObject({
      selection: { dagId: 'etl', runId: 'manual__1', taskIds: [] },
      runOnLatestVersion: true,
      dryRun: false,
    });
  });

  test('can be explained with notes', async () => {
    await dagmesh('runs note etl latest again');
    expect(asked('SetNote')).toMatchObject({ runId: 'manual__1', taskId: '', note: 'again' });
    mesh().asked.length = 0;
    await dagmesh('tasks note etl latest load half --map-index 2');
    expect(asked('SetNote')).toMatchObject({ taskId: 'load', mapIndex: 2, note: 'half' });
  });
});

describe('a backfill', () => {
  const RANGE = '--from-date 2026-01-01 --to-date 2026-01-03';

  test('shows what it would do with each date', async () => {
    const { stdout } = await dagmesh(`backfill create etl ${RANGE} --dry-run`);
    expect(stdout).toContain('1 to run, 1 under way already');
    expect(stdout).toContain('2026-01-02T00:00:00+00:00  in_flight');
    expect(asked('CreateBackfill')).toMatchObject({ dryRun: true });
  });

  test('prints its id alone, and passes on what it is about', async () => {
    const how = '--reprocess-behavior failed --run-backwards -t load,extract --stop-on-failure';
    const { code, stdout } = await dagmesh(`backfill create etl ${RANGE} ${how} --yes`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${BACKFILL_ID}\n` });
    expect(asked('CreateBackfill')).toMatchObject({
      backfill: {
        dagId: 'etl',
        fromDate: day(1),
        toDate: day(3),
        reprocessBehavior: ReprocessBehavior.FAILED,
        activeRunsMax: 10,
        isReverse: true,
        taskIds: ['load', 'extract'],
        stopsOnFailure: true,
      },
      dryRun: false,
      actor: 'admin',
    });
  });

  test('in which nothing has to be run is named all the same', async () => {
    const { code, stderr } = await dagmesh(
      'backfill create etl --from-date 2026-01-02 --to-date 2026-01-02 -y',
    );
    expect(code).toBe(0);
    expect(stderr).toContain(`dagmesh backfill show ${BACKFILL_ID}`);
  });

  test('that is watched tells its progress, and ends with 1 when a run failed', async () => {
    const cli = startCli(['backfill', 'show', BACKFILL_ID, '--watch'], { url: mesh().url });
    const soon = { deadlineMs: 60_000, what: 'the progress is told' };
    await eventually(() => cli.stderr().includes('2 of 3 done (1 failed)'), soon);
    const status = mesh().world.backfills.get(BACKFILL_ID) ?? {};
    mesh().world.backfills.set(BACKFILL_ID, {
      backfill: { ...status.backfill, state: BackfillState.COMPLETED },
      progress: { datesCount: 3, successCount: 2, failedCount: 1 },
    });
    const { code, stderr } = await cli.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('completed: 3 of 3 done (1 failed)');
  });

  test.each([
    ['pause', BackfillState.PAUSED],
    ['unpause', BackfillState.RUNNING],
    ['cancel', BackfillState.CANCELLED],
  ])('can be told to %s, at the owner of its DAG', async (verb, state) => {
    expect(await dagmesh(`backfill ${verb} ${BACKFILL_ID}`)).toMatchObject({ code: 0 });
    expect(asked('ChangeBackfill')).toMatchObject({ dagId: 'etl', backfillId: BACKFILL_ID, state });
  });
});

describe('assets', () => {
  test('are said to be updated, by whoever says so', async () => {
    const line = 'assets emit s3://lake/rows --extra {"rows":3} --partition-key p1';
    const { code, stdout } = await dagmesh(line);
    expect(code).toBe(0);
    const { events } = asked('PutAssetEvents') as { events: unknown[] };
    expect(events).toMatchObject([
      {
        id: stdout.trim(),
        assetName: 'rows',
        assetUri: 's3://lake/rows',
        extraJson: '{"rows":3}',
        partitionKey: 'p1',
        sourceMapIndex: -1,
        actor: 'admin',
      },
    ]);
  });

  test('are made by the DAG that makes them', async () => {
    const { code, stdout } = await dagmesh('assets materialize rows --note now');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^etl manual__\d+\n$/);
    const wanted = { dagId: 'etl', runType: RunType.ASSET_MATERIALIZATION, note: 'now' };
    expect(asked('TriggerDagRun')).toMatchObject(wanted);
  });

  test('are not made by a DAG that does not make them', async () => {
    const { code, stderr } = await dagmesh('assets materialize rows --dag other');
    expect(code).toBe(3);
    expect(stderr).toContain('dagmesh assets show rows');
  });

  test('lose the updates that await a DAG', async () => {
    const { code } = await dagmesh('assets queued etl --delete --yes');
    expect(code).toBe(0);
    expect(asked('DeleteQueuedEvents')).toMatchObject({ query: { dagId: 'etl' }, actor: 'admin' });
    const { stderr } = await dagmesh('assets queued etl');
    expect(stderr).toContain('dagmesh dags explain etl');
    mesh().world.queuedEvents.push(...createWorld().queuedEvents);
  });
});

describe('the values of finished tasks', () => {
  test('are set from the command line or from stdin, as JSON', async () => {
    await dagmesh('xcom set etl latest extract {"rows":4}');
    expect((await dagmesh('xcom get etl latest extract')).stdout).toBe('{"rows":4}\n');
    await dagmesh('xcom set etl latest extract -k path', { stdin: '"a.csv"\n' });
    expect(mesh().world.xcoms.get('extract/path')).toBe('"a.csv"');
    expect(await dagmesh('xcom set etl latest extract nonsense')).toMatchObject({ code: 2 });
  });

  test('are deleted, once', async () => {
    expect(await dagmesh('xcom delete etl latest extract -k path')).toMatchObject({ code: 0 });
    expect(await dagmesh('xcom delete etl latest extract -k path')).toMatchObject({ code: 3 });
  });
});

describe('the rest', () => {
  test('answers a question, with options that have commas', async () => {
    const args = ['inputs', 'respond', 'etl', 'latest', 'approve', '--option', 'Yes, but late'];
    expect(await runCli(args, { url: mesh().url })).toMatchObject({ code: 0 });
    const response = { chosenOptions: ['Yes, but late'] };
    expect(asked('RespondHumanInput')).toMatchObject({ taskId: 'approve', response });
    expect(await dagmesh('inputs respond etl latest approve')).toMatchObject({ code: 2 });
  });

  test('reads a DAG file again, and fails when it is broken', async () => {
    expect(await dagmesh('dags reparse etl')).toMatchObject({ code: 0, stdout: 'etl\n' });
    const broken = await dagmesh('dags reparse --file bad.ts');
    expect(broken).toMatchObject({ code: 1, stdout: 'line 3: what?\n' });
    expect(await dagmesh('dags reparse --file none.ts')).toMatchObject({ code: 3 });
    expect(await dagmesh('dags reparse')).toMatchObject({ code: 2 });
  });

  test('pauses a limit key for a while', async () => {
    expect(await dagmesh('keys pause etl api --until 2026-01-03')).toMatchObject({ code: 0 });
    expect(asked('PauseKey')).toMatchObject({ key: 'api', until: day(3), actor: 'admin' });
    expect(await dagmesh('keys pause etl api')).toMatchObject({ code: 2 });
    expect(await dagmesh('keys unpause etl other')).toMatchObject({ code: 3 });
  });

  test('triggers a run with all there is to say about it', async () => {
    const interval = '--interval-start 2026-01-01 --interval-end 2026-01-02';
    await dagmesh(`runs trigger etl -r said ${interval} --run-after 2026-01-03 --note why`);
    expect(asked('TriggerDagRun')).toMatchObject({
      runId: 'said',
      dataIntervalStart: day(1),
      dataIntervalEnd: day(2),
      runAfter: day(3),
      note: 'why',
    });
    expect(await dagmesh('runs trigger etl --interval-end 2026-01-02')).toMatchObject({ code: 2 });
  });

  test('asks for tasks by what they are', async () => {
    await dagmesh('tasks list etl latest -t load --map-index 10-19 -g loading --mapped');
    expect(asked('ListTaskInstances')).toMatchObject({
      query: {
        taskId: 'load',
        taskGroupId: 'loading',
        mapIndexFrom: 10,
        mapIndexTo: 19,
        onlyMapped: true,
      },
    });
  });

  test('asks for runs by what they are', async () => {
    await dagmesh('runs list etl --type backfill,manual --from 2026-01-01 --callbacks');
    expect(asked('ListDagRuns')).toMatchObject({
      query: {
        runTypes: [RunType.BACKFILL, RunType.MANUAL],
        logicalDateFrom: day(1),
        includesCallbacks: true,
      },
    });
  });
});

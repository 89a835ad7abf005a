// Reads for people: filters, pages without gaps or repetitions, names for what is missing.
import { beforeAll, describe, expect, test } from 'vitest';
import { DagRunState, TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { aDag, anAttempt, aRun, aTaskInstance, refusal } from '../testing/builders.ts';
import { useMetadata } from '../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf } = useMetadata();
/** Seven runs of `etl`, oldest first; the third and the sixth failed. */
const runs = Array.from({ length: 7 }, (_, n) =>
  aRun({
    id: uuidV7(Date.UTC(2026, 0, 1, 0, n)),
    runId: `run_${n}`,
    state: n % 3 === 2 ? DagRunState.FAILED : DagRunState.SUCCESS,
  }),
);
const [firstRun] = runs as [ReturnType<typeof aRun>];
/** Forty mapped instances of one task; every fourth is skipped. */
const instances = Array.from({ length: 40 }, (_, n) =>
  aTaskInstance({
    dagRunId: firstRun.id,
    mapIndex: 39 - n,
    state: n % 4 === 0 ? TaskInstanceState.SKIPPED : TaskInstanceState.SUCCESS,
  }),
);

beforeAll(async () => {
  const processor = metadata.as('dag-processor', CatalogService);
  for (const dagId of ['etl', 'etl_b', 'etl_c', 'other']) {
    await processor.putDagFile({ path: `${dagId}.ts`, digest: '1', dags: [aDag({ dagId })] });
  }
  await processor.removeDagFiles({ paths: ['etl_c.ts'] });
  await scheduler.commit({ newRuns: runs, newTaskInstances: instances });
  await scheduler.commit({ newRuns: [aRun({ dagId: 'other', runId: 'alone' })] }, 'other');
});
const query = () => metadata.as('api', QueryService);
/** All pages of a list, one after the other. */
async function allPages<Row>(
  read: (pageToken: string) => Promise<{ rows: Row[]; nextPageToken: string }>,
): Promise<Row[][]> {
  const pages: Row[][] = [];
  let pageToken = '';
  do {
    const { rows, nextPageToken } = await read(pageToken);
    pages.push(rows);
    pageToken = nextPageToken;
  } while (pageToken !== '' && pages.length < 100);
  return pages;
}

describe('runs', () => {
  test('come newest first, page after page, none twice and none left out', async () => {
    const pages = await allPages(async (pageToken) => {
      const { page } = await query().listDagRuns({
        query: { dagId: 'etl', pageSize: 3, pageToken },
      });
      return {
        rows: page?.runs.map((run) => run.runId) ?? [],
        nextPageToken: page?.nextPageToken ?? '',
      };
    });
    expect(pages).toEqual([['run_6', 'run_5', 'run_4'], ['run_3', 'run_2', 'run_1'], ['run_0']]);
  });

  test('made while somebody turns pages do not shift the pages', async () => {
    const first = await query().listDagRuns({ query: { dagId: 'etl', pageSize: 2 } });
    await scheduler.commit({ newRuns: [aRun({ runId: 'meanwhile', state: DagRunState.FAILED })] });
    const pageToken = first.page?.nextPageToken ?? '';
    const second = await query().listDagRuns({ query: { dagId: 'etl', pageSize: 2, pageToken } });
    expect(second.page?.runs.map((run) => run.runId)).toEqual(['run_4', 'run_3']);
    await rowsOf(`delete from dag_run where run_id = 'meanwhile'`);
  });

  test('can be asked for by state, of one DAG or of all', async () => {
    const states = [DagRunState.FAILED];
    const failed = await query().listDagRuns({ query: { dagId: 'etl', states } });
    expect(failed.page?.runs.map((run) => run.runId)).toEqual(['run_5', 'run_2']);
    const live = await query().listDagRuns({
      query: { states: [DagRunState.RUNNING, DagRunState.QUEUED] },
    });
    expect(live.page?.runs.map((run) => run.runId)).toEqual(['alone']);
  });

  test('of a DAG that does not exist are not an empty list', async () => {
    expect(await refusal(query().listDagRuns({ query: { dagId: 'nope' } }))).toBe('dag_not_found');
    const empty = await query().listDagRuns({ query: { dagId: 'etl_b', runIdContains: 'none' } });
    expect(empty.page?.runs).toEqual([]);
  });

  test('that are large make pages with fewer, and none is left out', async () => {
    const confJson = `"${'x'.repeat(250_000)}"`;
    const heavy = Array.from({ length: 30 }, (_, n) =>
      aRun({ dagId: 'etl_b', runId: `heavy_${n}`, confJson, state: DagRunState.SUCCESS }),
    );
    await scheduler.commit({ newRuns: heavy }, 'etl_b');
    const pages = await allPages(async (pageToken) => {
      const asked = { dagId: 'etl_b', runIdContains: 'heavy', pageSize: 1_000, pageToken };
      const { page } = await query().listDagRuns({ query: asked });
      return { rows: page?.runs ?? [], nextPageToken: page?.nextPageToken ?? '' };
    });
    expect(pages.map((page) => page.length)).toEqual([12, 12, 6]);
    expect(new Set(pages.flat().map((run) => run.id)).size).toBe(30);
  });

  test('come with the number of their task instances by state, unless only they are asked for', async () => {
    const answer = await query().getDagRun({ dagId: 'etl', runId: 'run_0' });
    expect(answer.run?.taskCounts).toEqual({ skipped: 10, success: 30 });
    const bare = await query().getDagRun({ dagId: 'etl', runId: 'run_0', onlyRun: true });
    expect(bare.run).toMatchObject({ run: answer.run?.run, taskCounts: {} });
    expect(await refusal(query().getDagRun({ dagId: 'etl', runId: 'nope' }))).toBe('run_not_found');
    expect(await refusal(query().getDagRun({ dagId: 'nope', runId: 'run_0' }))).toBe(
      'dag_not_found',
    );
  });
});

describe('page tokens', () => {
  test('work for the filter they were given for, and no other', async () => {
    const first = await query().listDagRuns({ query: { dagId: 'etl', pageSize: 1 } });
    const pageToken = first.page?.nextPageToken ?? '';
    const others = [
      query().listDagRuns({ query: { dagId: 'other', pageSize: 1, pageToken } }),
      query().listDagRuns({ query: { dagId: 'etl', states: [DagRunState.FAILED], pageToken } }),
      query().listDags({ query: { pageToken } }),
      query().listPools({ query: { pageToken: 'nonsense' } }),
    ];
    expect(await Promise.all(others.map(refusal))).toEqual(Array(4).fill('bad_page_token'));
  });
});

describe('DAGs', () => {
  test('are listed by id, inactive ones only when asked for', async () => {
    const ids = async (filter: { dagIdContains?: string; includeInactive?: boolean }) => {
      const pages = await allPages(async (pageToken) => {
        const { page } = await query().listDags({ query: { ...filter, pageSize: 2, pageToken } });
        return {
          rows: page?.dags.map((dag) => dag.dagId) ?? [],
          nextPageToken: page?.nextPageToken ?? '',
        };
      });
      return pages.flat();
    };
    expect(await ids({})).toEqual(['etl', 'etl_b', 'other']);
    expect(await ids({ includeInactive: true })).toEqual(['etl', 'etl_b', 'etl_c', 'other']);
    expect(await ids({ dagIdContains: 'tl_' })).toEqual(['etl_b']);
    expect(await ids({ dagIdContains: '%' })).toEqual([]);
  });
});

describe('task instances', () => {
  test('come in the order they were made', async () => {
    const pages = await allPages(async (pageToken) => {
      const asked = { dagId: 'etl', runId: 'run_0', pageSize: 15, pageToken };
      const { page } = await query().listTaskInstances({ query: asked });
      return {
        rows: page?.taskInstances.map((one) => one.mapIndex) ?? [],
        nextPageToken: page?.nextPageToken ?? '',
      };
    });
    expect(pages.map((page) => page.length)).toEqual([15, 15, 10]);
    expect(pages.flat()).toEqual(instances.map((one) => one.mapIndex));
  });

  test('can be asked for by state', async () => {
    const states = [TaskInstanceState.SKIPPED];
    const { page } = await query().listTaskInstances({
      query: { dagId: 'etl', runId: 'run_0', states },
    });
    expect(page?.taskInstances).toHaveLength(10);
  });

  test('show every attempt, oldest first, and failed ones are in task_fail', async () => {
    const run = aRun();
    const instance = aTaskInstance({ dagRunId: run.id });
    const attempts = [1, 2, 3].map((tryNumber) =>
      anAttempt({
        taskInstanceId: instance.id,
        tryNumber,
        epoch: BigInt(tryNumber),
        state: tryNumber === 3 ? TaskAttemptState.SUCCESS : TaskAttemptState.FAILED,
        errorClass: tryNumber === 3 ? '' : 'TypeError',
      }),
    );
    await scheduler.commit({ newRuns: [run], newTaskInstances: [instance], newAttempts: attempts });
    const place = { dagId: 'etl', runId: run.runId };
    const answer = await query().getTaskInstance({ ...place, taskId: 'extract', mapIndex: -1 });
    expect(answer.taskInstance?.attempts).toEqual(attempts);
    const rows = await rowsOf(
      `select try_number, error_class from task_fail where run_id = '${run.runId}' order by 1`,
    );
    expect(rows).toEqual([
      { try_number: 1, error_class: 'TypeError' },
      { try_number: 2, error_class: 'TypeError' },
    ]);
    expect(
      await refusal(query().getTaskInstance({ ...place, taskId: 'extract', mapIndex: 0 })),
    ).toBe('task_not_found');
  });

  test('of a mapped task need a map index, and it is said which there are', async () => {
    const run = aRun();
    const newTaskInstances = [0, 1, 2].map((mapIndex) =>
      aTaskInstance({ dagRunId: run.id, mapIndex }),
    );
    await scheduler.commit({ newRuns: [run], newTaskInstances });
    const place = { dagId: 'etl', runId: run.runId, taskId: 'extract', mapIndex: -1 };
    await expect(query().getTaskInstance(place)).rejects.toThrow('--map-index, 0 to 2');
    await expect(query().getTaskInstance({ ...place, mapIndex: 3 })).rejects.toThrow('instance 3');
    await expect(query().getTaskInstance({ ...place, taskId: 'x' })).rejects.toThrow('task "x"');
  });
});

// The catalog: versions by content, files that cannot hurt one another, changes that watchers hear.
import { beforeEach, describe, expect, test } from 'vitest';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { eventually } from '../../../tests/kit/wait.ts';
import { aDag, ledgerOf, refusal } from '../testing/builders.ts';
import { useMetadata } from '../testing/use-metadata.ts';

const { metadata, scheduler, another } = useMetadata();
/** Ids of their own for each test. */
let dagId: string;
let path: string;
let testsCount = 0;

beforeEach(() => {
  testsCount += 1;
  dagId = `dag_${testsCount}`;
  path = `folder/${dagId}.ts`;
});
const catalog = () => metadata.as('dag-processor', CatalogService);
const query = () => metadata.as('api', QueryService);
const dagOf = async (id: string) => (await query().getDag({ dagId: id })).dag;
const importErrorOf = async (file: string) => {
  const { page } = await query().listImportErrors({ query: {} });
  return page?.importErrors.find((one) => one.dagFile === file)?.message;
};
describe('a DAG file', () => {
  test('makes a version of each DAG when it changed, and none when it did not', async () => {
    const dags = [aDag({ dagId, description: 'first' })];
    expect((await catalog().putDagFile({ path, digest: '1', dags })).changedDagIds).toEqual([
      dagId,
    ]);
    expect((await catalog().putDagFile({ path, digest: '2', dags })).changedDagIds).toEqual([]);
    expect(await dagOf(dagId)).toMatchObject({
      dag: { versionNumber: 1, description: 'first', dagFile: path, tasksCount: 1, schedule: '' },
      spec: dags[0],
    });
    const changed = [aDag({ dagId, description: 'second' })];
    expect(
      (await catalog().putDagFile({ path, digest: '3', dags: changed })).changedDagIds,
    ).toEqual([dagId]);
    expect((await dagOf(dagId))?.dag).toMatchObject({ versionNumber: 2, description: 'second' });
  });

  test('starts a DAG paused when it says so, and never touches the pause again', async () => {
    const dags = [aDag({ dagId, isPausedUponCreation: true })];
    await catalog().putDagFile({ path, digest: '1', dags });
    expect((await dagOf(dagId))?.dag?.isPaused).toBe(true);
    await scheduler.commit({ pauses: [{ dagId, isPaused: false }] }, dagId);
    await catalog().putDagFile({
      path,
      digest: '2',
      dags: [aDag({ dagId, isPausedUponCreation: true, owner: 'ann' })],
    });
    expect((await dagOf(dagId))?.dag).toMatchObject({
      isPaused: false,
      owner: 'ann',
      versionNumber: 2,
    });
  });

  test('describes its schedule in words', async () => {
    const timetable = { kind: { case: 'delta', value: { delta: toDuration(5_400_000) } } } as const;
    await catalog().putDagFile({
      path,
      digest: '1',
      dags: [aDag({ dagId, timetable, tags: ['a', 'b'] })],
    });
    expect((await dagOf(dagId))?.dag).toMatchObject({
      schedule: 'every 1 h 30 min',
      tags: ['a', 'b'],
    });
  });

  test('that breaks keeps its last good versions, and shows why', async () => {
    await catalog().putDagFile({ path, digest: '1', dags: [aDag({ dagId })] });
    await catalog().putDagFile({ path, digest: '2', error: 'line 3: unexpected }' });
    expect((await dagOf(dagId))?.dag).toMatchObject({ isActive: true, versionNumber: 1 });
    expect(await importErrorOf(path)).toBe('line 3: unexpected }');
    const { files } = await catalog().listDagFiles({});
    expect(files.find((file) => file.path === path)).toMatchObject({ digest: '2', hasError: true });
    await catalog().putDagFile({ path, digest: '3', dags: [aDag({ dagId })] });
    expect(await importErrorOf(path)).toBeUndefined();
  });

  test('that takes a DAG from another live file is refused whole', async () => {
    await catalog().putDagFile({ path, digest: '1', dags: [aDag({ dagId })] });
    const thief = `folder/thief_${dagId}.ts`;
    const dags = [aDag({ dagId: `${dagId}_own` }), aDag({ dagId, description: 'stolen' })];
    expect(await refusal(catalog().putDagFile({ path: thief, digest: '1', dags }))).toBe(
      'dag_id_taken',
    );
    expect(await importErrorOf(thief)).toContain(path);
    expect((await dagOf(dagId))?.dag).toMatchObject({ dagFile: path, description: '' });
    expect(await refusal(query().getDag({ dagId: `${dagId}_own` }))).toBe('dag_not_found');
    await catalog().removeDagFiles({ paths: [path] });
    await catalog().putDagFile({ path: thief, digest: '1', dags });
    expect((await dagOf(dagId))?.dag).toMatchObject({
      dagFile: thief,
      isActive: true,
      versionNumber: 2,
    });
  });

  test('that declares a DAG twice or a broken schedule is an import error', async () => {
    const twice = [aDag({ dagId }), aDag({ dagId })];
    expect(await refusal(catalog().putDagFile({ path, digest: '1', dags: twice }))).toBe(
      'dag_id_taken',
    );
    expect(await importErrorOf(path)).toContain('twice');
    const timetable = { kind: { case: 'cron', value: { expression: '61 * * * *' } } } as const;
    const bad = [aDag({ dagId, timetable })];
    expect(await refusal(catalog().putDagFile({ path, digest: '2', dags: bad }))).toBe(
      'bad_timetable',
    );
    expect(await importErrorOf(path)).toContain(dagId);
  });

  test('makes DAGs inactive that it drops, and active again that come back', async () => {
    const other = `${dagId}_other`;
    await catalog().putDagFile({
      path,
      digest: '1',
      dags: [aDag({ dagId }), aDag({ dagId: other })],
    });
    await catalog().putDagFile({ path, digest: '2', dags: [aDag({ dagId })] });
    expect((await dagOf(other))?.dag?.isActive).toBe(false);
    await catalog().putDagFile({
      path,
      digest: '1',
      dags: [aDag({ dagId }), aDag({ dagId: other })],
    });
    expect((await dagOf(other))?.dag).toMatchObject({ isActive: true, versionNumber: 1 });
  });

  test('that vanished leaves inactive DAGs, which live runs can still load', async () => {
    await catalog().putDagFile({ path, digest: '1', dags: [aDag({ dagId })] });
    const removed = await catalog().removeDagFiles({ paths: [path, 'never/was.ts'] });
    expect(removed.inactiveDagIds).toEqual([dagId]);
    expect((await catalog().removeDagFiles({ paths: [path] })).inactiveDagIds).toEqual([]);
    const { files } = await catalog().listDagFiles({});
    expect(files.map((file) => file.path)).not.toContain(path);
    const loaded = await ledgerOf(metadata).loadDag({ dagId });
    expect(loaded).toMatchObject({ dag: { isActive: false }, version: { versionNumber: 1 } });
  });

  test('of two files stored at the same moment only one gets a DAG that both declare', async () => {
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        refusal(
          catalog().putDagFile({ path: `${name}_${path}`, digest: '1', dags: [aDag({ dagId })] }),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'dag_id_taken')).toHaveLength(2);
  });
});

describe('watchers', () => {
  test('hear what another metadata service stored, after an empty first message', async () => {
    const other = await another();
    const ended = new AbortController();
    const heard: string[] = [];
    const empty = Promise.withResolvers<boolean>();
    const watching = (async () => {
      const watch = metadata
        .as('scheduler', CatalogService)
        .watchCatalog({}, { signal: ended.signal });
      for await (const { dagIds, pools } of watch) {
        empty.resolve(dagIds.length + pools.length === 0);
        heard.push(...dagIds, ...pools);
      }
    })().catch(() => undefined);
    try {
      expect(await empty.promise).toBe(true);
      const away = other.as('dag-processor', CatalogService);
      const many = Array.from({ length: 60 }, (_, n) => aDag({ dagId: `${dagId}_${n}` }));
      await away.putDagFile({ path, digest: '1', dags: many });
      await other.as('api', CatalogService).putPool({ pool: { name: 'watched', slots: 3 } });
      await away.removeDagFiles({ paths: [path] });
      await eventually(() => heard.length >= 121, {
        deadlineMs: 60_000,
        what: 'all changes are heard',
      });
      expect(new Set(heard)).toEqual(new Set([...many.map((dag) => dag.dagId), 'watched']));
    } finally {
      ended.abort();
      await watching;
      await other.stop();
    }
  });
});

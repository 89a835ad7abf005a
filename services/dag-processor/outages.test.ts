// The dag-processor over restarts and outages, and asked by hand. Real children.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { aYamlFile, createTestMesh, type StoredFile, type TestMesh } from './test-mesh.ts';

let mesh: TestMesh;

beforeEach(async () => {
  mesh = await createTestMesh();
});

afterEach(async () => {
  await mesh.end();
});

const taskIdsOf = (file: StoredFile | undefined) =>
  file?.dags[0]?.tasks.map(({ taskId }) => taskId);

describe('over restarts and outages', () => {
  test('what is in the catalog is not read again, what is gone is removed, what failed is tried again', async () => {
    await mesh.write('same.yaml', aYamlFile('same'));
    await mesh.write('gone.yaml', aYamlFile('gone'));
    await mesh.write('failed.yaml', 'dag_id: failed\nx: 1\n');
    await mesh.start();
    await mesh.stored('same.yaml');
    await mesh.stored('gone.yaml');
    await mesh.errorOf('failed.yaml');
    await mesh.stop();
    await rm(join(mesh.folder, 'gone.yaml'));
    await mesh.start();
    await mesh.storedWhen('gone.yaml', 'the file is forgotten', (file) => file === undefined);
    await mesh.storedWhen('failed.yaml', 'it is tried again', (file) => file?.putsCount === 2);
    expect(mesh.catalog.files.get('same.yaml')?.putsCount).toBe(1);
  });

  test('what is read while the catalog is away is stored when it is back', async () => {
    mesh.catalog.isAway = true;
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.start();
    const listed = mesh.client.listFiles({});
    expect((await listed).files).toEqual([]);
    mesh.catalog.isAway = false;
    expect(taskIdsOf(await mesh.stored('a.yaml'))).toEqual(['only']);
  });

  test('what the catalog lost is stored again, and what it should not have is removed', async () => {
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.start();
    const stored = await mesh.stored('a.yaml');
    mesh.catalog.files.delete('a.yaml');
    mesh.catalog.files.set('ghost.yaml', stored);
    await mesh.storedWhen('ghost.yaml', 'the ghost is removed', (file) => file === undefined);
    const again = await mesh.storedWhen('a.yaml', 'it is back', (file) => file?.error === '');
    expect(taskIdsOf(again)).toEqual(['only']);
  });

  test('it stops at once while a file is being read, and says nothing about that file', async () => {
    await mesh.write(
      'slow.ts',
      `import '@dagmesh/sdk';\nawait new Promise((done) => setTimeout(done, 25_000));\n`,
    );
    await mesh.start();
    await eventually(async () => (await mesh.client.listFiles({})).files.length === 1, {
      deadlineMs: 60_000,
      what: 'the file is being read',
    });
    const beganMs = performance.now();
    await mesh.stop();
    expect(performance.now() - beganMs).toBeLessThan(20_000);
    expect(mesh.catalog.files.size).toBe(0);
  });

  test('a folder that is not there yet removes nothing, and is read when it comes', async () => {
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await rename(mesh.folder, `${mesh.folder}-away`);
    await expect(mesh.client.parseFiles({})).rejects.toThrow('the DAG folder cannot be read now');
    expect(mesh.catalog.files.has('a.yaml')).toBe(true);
    await rename(`${mesh.folder}-away`, mesh.folder);
    await mesh.write('b.yaml', aYamlFile('b'));
    await mesh.stored('b.yaml');
    expect(mesh.catalog.files.get('a.yaml')?.putsCount).toBe(1);
  });
});

describe('on demand', () => {
  test('files are read whether or not they changed, and the answer comes when they are stored', async () => {
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.write('b.yaml', 'dag_id: b\nx: 1\n');
    await mesh.start();
    const { files } = await mesh.client.parseFiles({});
    expect(files.map(({ path, dagIds, error }) => ({ path, dagIds, error }))).toEqual([
      { path: 'a.yaml', dagIds: ['a'], error: '' },
      { path: 'b.yaml', dagIds: [], error: 'b.yaml:2: the DAG has an unknown key "x"' },
    ]);
    const putsCount = mesh.catalog.files.get('a.yaml')?.putsCount ?? 0;
    const again = await mesh.client.parseFiles({ paths: ['a.yaml'] });
    expect(again.files[0]?.parsedAt).toBeDefined();
    expect(mesh.catalog.files.get('a.yaml')?.putsCount).toBe(putsCount + 1);
    expect((await mesh.client.listFiles({})).files.map(({ path }) => path)).toEqual([
      'a.yaml',
      'b.yaml',
    ]);
  });

  test('a path that is no DAG file of the folder is not found', async () => {
    await mesh.start();
    const error = await mesh.client
      .parseFiles({ paths: ['../etc/passwd.yaml'] })
      .catch((e: unknown) => e);
    expect(reasonOf(error)).toBe('file_not_found');
  });
});

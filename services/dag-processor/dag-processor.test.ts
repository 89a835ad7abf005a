// The dag-processor over a folder: what it notices, stores, and leaves alone. Real children.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { createTestMesh, type StoredFile, type TestMesh } from './test-mesh.ts';

let mesh: TestMesh;

beforeEach(async () => {
  mesh = await createTestMesh();
});

afterEach(async () => {
  await mesh.end();
});

function yaml(dagId: string, taskId = 'only'): string {
  return `dag_id: ${dagId}\ntasks:\n  ${taskId}: { handler: h }\n`;
}

function typescript(dagId: string, more = ''): string {
  return `${more}
import { dag } from '@dagmesh/sdk';
export const d = dag('${dagId}', {}, (d) => d.task('only', async () => 1));
`;
}

async function storedWhen(
  path: string,
  what: string,
  holds: (file: StoredFile | undefined) => boolean,
): Promise<StoredFile | undefined> {
  await eventually(() => holds(mesh.catalog.files.get(path)), { deadlineMs: 20_000, what });
  return mesh.catalog.files.get(path);
}

const taskIdsOf = (file: StoredFile | undefined) =>
  file?.dags[0]?.tasks.map(({ taskId }) => taskId);

describe('files that come, change and go', () => {
  test('DAGs of every language are stored with their handlers and lines', async () => {
    await mesh.write('one.yaml', yaml('one'));
    await mesh.write('team/two.ts', typescript('two'));
    await mesh.write(
      'three.py',
      `from dagmesh import dag, task

@task
def only():
    return 1

@dag()
def three():
    only()

three()
`,
    );
    await mesh.start();
    expect((await mesh.stored('one.yaml')).dags[0]?.tasks[0]).toMatchObject({
      taskId: 'only',
      handler: 'h',
      queue: 'default',
      sourceLine: 3,
    });
    expect((await mesh.stored('team/two.ts')).dags[0]?.tasks[0]).toMatchObject({
      handler: 'team/two.ts:two.only',
      sourceLine: 3,
    });
    const three = await mesh.stored('three.py');
    expect(three.error).toBe('');
    expect(three.dags[0]?.tasks[0]).toMatchObject({ taskId: 'only', queue: 'python' });
  });

  test('a change is noticed and stored', async () => {
    await mesh.write('a.yaml', yaml('a'));
    await mesh.start();
    const first = await mesh.stored('a.yaml');
    await mesh.write('a.yaml', yaml('a', 'renamed'));
    const second = await storedWhen(
      'a.yaml',
      'the change is stored',
      (file) => file?.digest !== first.digest,
    );
    expect(taskIdsOf(second)).toEqual(['renamed']);
  });

  test('a file in a new folder is noticed', async () => {
    await mesh.start();
    await mesh.write('deep/er/a.yaml', yaml('a'));
    expect(taskIdsOf(await mesh.stored('deep/er/a.yaml'))).toEqual(['only']);
  });

  test('a file that was only touched is not read again', async () => {
    await mesh.write('a.yaml', yaml('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await mesh.write('a.yaml', yaml('a'));
    await mesh.write('b.yaml', yaml('b'));
    await mesh.stored('b.yaml');
    expect(mesh.catalog.files.get('a.yaml')?.putsCount).toBe(1);
  });

  test('a file that is gone is removed from the catalog', async () => {
    await mesh.write('a.yaml', yaml('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await rm(join(mesh.folder, 'a.yaml'));
    await storedWhen('a.yaml', 'the file is forgotten', (file) => file === undefined);
  });

  test('a DAG moves with its file', async () => {
    await mesh.write('a.yaml', yaml('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await rename(join(mesh.folder, 'a.yaml'), join(mesh.folder, 'b.yaml'));
    await storedWhen('b.yaml', 'the DAG has moved', (file) => file?.error === '');
    expect(mesh.catalog.files.has('a.yaml')).toBe(false);
  });

  test('an id that another file held is taken over once that file is gone', async () => {
    await mesh.write('first.yaml', yaml('same'));
    await mesh.start();
    await mesh.stored('first.yaml');
    await mesh.write('second.yaml', yaml('same'));
    expect(await mesh.errorOf('second.yaml')).toContain('same belongs to first.yaml');
    await rm(join(mesh.folder, 'first.yaml'));
    await storedWhen('second.yaml', 'the second file has the DAG', (file) => file?.error === '');
  });

  test('an error keeps the last good version, and goes when the file is mended', async () => {
    await mesh.write('a.yaml', yaml('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await mesh.write('a.yaml', 'dag_id: a\ntask: {}\n');
    expect(await mesh.errorOf('a.yaml')).toBe(
      'a.yaml:2: the DAG has an unknown key "task" (did you mean "tasks"?)',
    );
    expect(taskIdsOf(mesh.catalog.files.get('a.yaml'))).toEqual(['only']);
    await mesh.write('a.yaml', yaml('a', 'mended'));
    const mended = await storedWhen('a.yaml', 'the file is mended', (file) => file?.error === '');
    expect(taskIdsOf(mended)).toEqual(['mended']);
  });

  test('a change of an imported file is a change of the DAG file', async () => {
    await mesh.write('_shared.ts', `export const name = 'before';\n`);
    await mesh.write(
      'a.ts',
      `import { dag } from '@dagmesh/sdk';
import { name } from './_shared.ts';
export const d = dag('a', {}, (d) => d.emptyTask(name));
`,
    );
    await mesh.start();
    expect(taskIdsOf(await mesh.stored('a.ts'))).toEqual(['before']);
    await mesh.write('_shared.ts', `export const name = 'after';\n`);
    await storedWhen(
      'a.ts',
      'the import is read again',
      (file) => taskIdsOf(file)?.[0] === 'after',
    );
  });
});

test('a file is read again when the import it lacked is there', async () => {
  await mesh.write(
    'a.ts',
    `import { dag } from '@dagmesh/sdk';
import { name } from './late.ts';
export const d = dag('a', {}, (d) => d.emptyTask(name));
`,
  );
  await mesh.start();
  expect(await mesh.errorOf('a.ts')).toContain('Cannot find module');
  await mesh.write('late.ts', `export const name = 'late';\n`);
  const mended = await storedWhen('a.ts', 'the file is read again', (file) => file?.error === '');
  expect(taskIdsOf(mended)).toEqual(['late']);
});

describe('what is left alone', () => {
  test('names with a dot or an underscore, node_modules, other endings, and what .dagmeshignore says', async () => {
    for (const path of [
      '_a.yaml',
      '.b.yaml',
      'node_modules/c.yaml',
      '_d/e.yaml',
      'f.txt',
      'g.d.ts',
    ]) {
      await mesh.write(path, yaml('left_out'));
    }
    await mesh.write('.dagmeshignore', '# not yet\nlater/\n*_old.yaml\n!keep_old.yaml\n');
    await mesh.write('later/h.yaml', yaml('left_out'));
    await mesh.write('i_old.yaml', yaml('left_out'));
    await mesh.write('keep_old.yaml', yaml('kept'));
    await mesh.start();
    await mesh.stored('keep_old.yaml');
    const { files } = await mesh.client.parseFiles({});
    expect(files.map(({ path }) => path)).toEqual(['keep_old.yaml']);
  });

  test('files without DAGs are no errors', async () => {
    await mesh.write('library.ts', 'export const answer = 42;\n');
    await mesh.write('compose.yaml', 'services: { db: { image: postgres } }\n');
    await mesh.start();
    expect(await mesh.stored('library.ts')).toMatchObject({ error: '', dags: [] });
    expect(await mesh.stored('compose.yaml')).toMatchObject({ error: '', dags: [] });
  });
});

describe('over restarts and outages', () => {
  test('what is in the catalog is not read again, what is gone is removed, what failed is tried again', async () => {
    await mesh.write('same.yaml', yaml('same'));
    await mesh.write('gone.yaml', yaml('gone'));
    await mesh.write('failed.yaml', 'dag_id: failed\nx: 1\n');
    await mesh.start();
    await mesh.stored('same.yaml');
    await mesh.stored('gone.yaml');
    await mesh.errorOf('failed.yaml');
    await mesh.stop();
    await rm(join(mesh.folder, 'gone.yaml'));
    await mesh.start();
    await storedWhen('gone.yaml', 'the file is forgotten', (file) => file === undefined);
    await storedWhen('failed.yaml', 'it is tried again', (file) => file?.putsCount === 2);
    expect(mesh.catalog.files.get('same.yaml')?.putsCount).toBe(1);
  });

  test('what is read while the catalog is away is stored when it is back', async () => {
    mesh.catalog.isAway = true;
    await mesh.write('a.yaml', yaml('a'));
    await mesh.start();
    const listed = mesh.client.listFiles({});
    expect((await listed).files).toEqual([]);
    mesh.catalog.isAway = false;
    expect(taskIdsOf(await mesh.stored('a.yaml'))).toEqual(['only']);
  });

  test('what the catalog lost is stored again, and what it should not have is removed', async () => {
    await mesh.write('a.yaml', yaml('a'));
    await mesh.start();
    const stored = await mesh.stored('a.yaml');
    mesh.catalog.files.delete('a.yaml');
    mesh.catalog.files.set('ghost.yaml', stored);
    await storedWhen('ghost.yaml', 'the ghost is removed', (file) => file === undefined);
    const again = await storedWhen('a.yaml', 'it is back', (file) => file?.error === '');
    expect(taskIdsOf(again)).toEqual(['only']);
  });

  test('it stops at once while a file is being read, and says nothing about that file', async () => {
    await mesh.write(
      'slow.ts',
      typescript('slow', 'await new Promise((done) => setTimeout(done, 25_000));'),
    );
    await mesh.start();
    await eventually(async () => (await mesh.client.listFiles({})).files.length === 1, {
      deadlineMs: 10_000,
      what: 'the file is being read',
    });
    const beganMs = performance.now();
    await mesh.stop();
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    expect(mesh.catalog.files.size).toBe(0);
  });

  test('a folder that is not there yet removes nothing, and is read when it comes', async () => {
    await mesh.write('a.yaml', yaml('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await rename(mesh.folder, `${mesh.folder}-away`);
    await expect(mesh.client.parseFiles({})).rejects.toThrow('the DAG folder cannot be read now');
    expect(mesh.catalog.files.has('a.yaml')).toBe(true);
    await rename(`${mesh.folder}-away`, mesh.folder);
    await mesh.write('b.yaml', yaml('b'));
    await mesh.stored('b.yaml');
    expect(mesh.catalog.files.get('a.yaml')?.putsCount).toBe(1);
  });
});

describe('on demand', () => {
  test('files are read whether or not they changed, and the answer comes when they are stored', async () => {
    await mesh.write('a.yaml', yaml('a'));
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

// The dag-processor over a folder: what it notices, stores, and leaves alone. Real children.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aYamlFile, createTestMesh, type StoredFile, type TestMesh } from './test-mesh.ts';

let mesh: TestMesh;

beforeEach(async () => {
  mesh = await createTestMesh();
});

afterEach(async () => {
  await mesh.end();
});

function typescript(dagId: string, more = ''): string {
  return `${more}
import { dag } from '@dagmesh/sdk';
export const d = dag('${dagId}', {}, (d) => d.task('only', async () => 1));
`;
}

const taskIdsOf = (file: StoredFile | undefined) =>
  file?.dags[0]?.tasks.map(({ taskId }) => taskId);

describe('files that come, change and go', () => {
  test('DAGs of every language are stored with their handlers and lines', async () => {
    await mesh.write('one.yaml', aYamlFile('one'));
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
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.start();
    const first = await mesh.stored('a.yaml');
    await mesh.write('a.yaml', aYamlFile('a', 'renamed'));
    const second = await mesh.storedWhen(
      'a.yaml',
      'the change is stored',
      (file) => file?.digest !== first.digest,
    );
    expect(taskIdsOf(second)).toEqual(['renamed']);
  });

  test('a file in a new folder is noticed', async () => {
    await mesh.start();
    await mesh.write('deep/er/a.yaml', aYamlFile('a'));
    expect(taskIdsOf(await mesh.stored('deep/er/a.yaml'))).toEqual(['only']);
  });

  test('a file that was only touched is not read again', async () => {
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.write('b.yaml', aYamlFile('b'));
    await mesh.stored('b.yaml');
    expect(mesh.catalog.files.get('a.yaml')?.putsCount).toBe(1);
  });

  test('a file that is gone is removed from the catalog', async () => {
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await rm(join(mesh.folder, 'a.yaml'));
    await mesh.storedWhen('a.yaml', 'the file is forgotten', (file) => file === undefined);
  });

  test('a DAG moves with its file', async () => {
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await rename(join(mesh.folder, 'a.yaml'), join(mesh.folder, 'b.yaml'));
    await mesh.storedWhen('b.yaml', 'the DAG has moved', (file) => file?.error === '');
    expect(mesh.catalog.files.has('a.yaml')).toBe(false);
  });

  test('an id that another file held is taken over once that file is gone', async () => {
    await mesh.write('first.yaml', aYamlFile('same'));
    await mesh.start();
    await mesh.stored('first.yaml');
    await mesh.write('second.yaml', aYamlFile('same'));
    expect(await mesh.errorOf('second.yaml')).toContain('same belongs to first.yaml');
    await rm(join(mesh.folder, 'first.yaml'));
    await mesh.storedWhen(
      'second.yaml',
      'the second file has the DAG',
      (file) => file?.error === '',
    );
  });

  test('an error keeps the last good version, and goes when the file is mended', async () => {
    await mesh.write('a.yaml', aYamlFile('a'));
    await mesh.start();
    await mesh.stored('a.yaml');
    await mesh.write('a.yaml', 'dag_id: a\ntask: {}\n');
    expect(await mesh.errorOf('a.yaml')).toBe(
      'a.yaml:2: the DAG has an unknown key "task" (did you mean "tasks"?)',
    );
    expect(taskIdsOf(mesh.catalog.files.get('a.yaml'))).toEqual(['only']);
    await mesh.write('a.yaml', aYamlFile('a', 'mended'));
    const mended = await mesh.storedWhen(
      'a.yaml',
      'the file is mended',
      (file) => file?.error === '',
    );
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
    await mesh.storedWhen(
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
  const mended = await mesh.storedWhen(
    'a.ts',
    'the file is read again',
    (file) => file?.error === '',
  );
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
      await mesh.write(path, aYamlFile('left_out'));
    }
    await mesh.write('.dagmeshignore', '# not yet\nlater/\n*_old.yaml\n!keep_old.yaml\n');
    await mesh.write('later/h.yaml', aYamlFile('left_out'));
    await mesh.write('i_old.yaml', aYamlFile('left_out'));
    await mesh.write('keep_old.yaml', aYamlFile('kept'));
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

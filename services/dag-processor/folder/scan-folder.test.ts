// What counts as a DAG file of a folder, whatever lies in it.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSource } from './read-source.ts';
import { scanFolder, signatureOf } from './scan-folder.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dagmesh-scan-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function write(path: string, text = ''): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function pathsOf(): Promise<string[]> {
  return [...(await scanFolder(root)).files.keys()];
}

test('files of all languages at any depth, those of a folder before those below it', async () => {
  for (const path of ['z.yml', 'b/c/d.ts', 'b/a.py', 'a.yaml', 'b/README.md', 'x.d.ts'])
    await write(path);
  expect(await pathsOf()).toEqual(['a.yaml', 'z.yml', 'b/a.py', 'b/c/d.ts']);
});

test('an inner ignore file takes back what an outer one left out', async () => {
  await write('.dagmeshignore', '*.py\n');
  await write('sub/.dagmeshignore', '!a.py\n');
  for (const path of ['a.py', 'sub/a.py', 'sub/b.py']) await write(path);
  expect(await pathsOf()).toEqual(['sub/a.py']);
});

test("Airflow's ignore file counts too, and ours more than it", async () => {
  await write('.airflowignore', '*.py\n');
  await write('.dagmeshignore', '!keep.py\n');
  for (const path of ['a.py', 'keep.py']) await write(path);
  expect(await pathsOf()).toEqual(['keep.py']);
});

test("Airflow's ignore file may hold expressions, which see the path from the DAG folder", async () => {
  await write('sub/.airflowignore', '^sub/old\n_[0-9]\\.py$\n(?=x)\n');
  for (const path of ['old.py', 'sub/old/a.py', 'sub/b_1.py', 'sub/c.py', 'b_1.py']) {
    await write(path);
  }
  const { files, unusableRules } = await scanFolder(root, 'regexp');
  expect([...files.keys()]).toEqual(['b_1.py', 'old.py', 'sub/c.py']);
  expect(unusableRules).toEqual(['sub/.airflowignore: (?=x)']);
});

test('an ignore file holds for its own folder and those below', async () => {
  await write('sub/.dagmeshignore', '/old.ts\n');
  for (const path of ['old.ts', 'sub/old.ts', 'sub/sub/old.ts']) await write(path);
  expect(await pathsOf()).toEqual(['old.ts', 'sub/sub/old.ts']);
});

test('links inside the folder are followed, links out of it are refused, dead ones are nothing', async () => {
  await write('real.ts');
  await symlink('real.ts', join(root, 'inside.ts'));
  await symlink('/etc/hostname', join(root, 'outside.ts'));
  await symlink('nowhere.ts', join(root, 'dead.ts'));
  const { files } = await scanFolder(root);
  expect([...files.keys()]).toEqual(['inside.ts', 'outside.ts', 'real.ts']);
  expect(files.get('inside.ts')?.refusal).toBeUndefined();
  expect(files.get('outside.ts')?.refusal).toContain('outside the DAG folder');
});

test('links to folders are not followed, so that no circle is walked', async () => {
  await write('sub/a.ts');
  await symlink('..', join(root, 'sub/up'));
  const view = await scanFolder(root);
  expect([...view.files.keys()]).toEqual(['sub/a.ts']);
  expect(view.linkedFolders).toEqual(['sub/up']);
});

test('a pipe in the place of a file holds nobody up', async () => {
  execFileSync('mkfifo', [join(root, 'pipe.ts')]);
  expect(await pathsOf()).toEqual([]);
  expect(await readSource(root, 'pipe.ts')).toMatchObject({ kind: 'unreadable' });
});

test('folders nested too deeply are cut off, and that is told', async () => {
  await write(`${'d/'.repeat(40)}a.ts`);
  const view = await scanFolder(root);
  expect(view.isCut).toBe(true);
  expect([...view.files.keys()]).toEqual([]);
});

test('a folder that is not there is an error, not an empty folder', async () => {
  await expect(scanFolder(join(root, 'nowhere'))).rejects.toThrow('ENOENT');
});

test('the same content written again has another signature and the same digest', async () => {
  await write('a.ts', 'one');
  const [signature, source] = [await signatureOf(root, 'a.ts'), await readSource(root, 'a.ts')];
  await rm(join(root, 'a.ts'));
  await write('a.ts', 'one');
  expect(await signatureOf(root, 'a.ts')).not.toBe(signature);
  expect(await readSource(root, 'a.ts')).toEqual(source);
});

test('a digest sums up a file and all it imports from the folder, round circles too', async () => {
  await write('a.ts', `import './b.ts';`);
  await write('b.ts', `import './c.ts'; import './a.ts';`);
  await write('c.ts', 'one');
  const before = await readSource(root, 'a.ts');
  expect(before).toMatchObject({ kind: 'source', imports: ['b.ts', 'c.ts'] });
  await write('c.ts', 'two');
  const after = await readSource(root, 'a.ts');
  expect(after).not.toMatchObject({ digest: before.kind === 'source' ? before.digest : '' });
});

test('a file without imports has the digest that sha256sum gives it', async () => {
  await write('a.yaml', 'dag_id: a\n');
  const [expected] = execFileSync('sha256sum', [join(root, 'a.yaml')], { encoding: 'utf8' }).split(
    ' ',
  );
  expect(await readSource(root, 'a.yaml')).toMatchObject({ digest: expected });
});

test('a file that is too large is not read', async () => {
  await write('large.yaml', ' '.repeat(5 * 1024 * 1024));
  expect(await readSource(root, 'large.yaml')).toEqual({
    kind: 'unreadable',
    cause: 'the file has 5242880 bytes; at most 4194304 are read',
  });
});
